// SPDX-License-Identifier: BSD-2-Clause
//
// Puts the datagrams of an answer to a private message (mode 7) together, in whatever order they come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "wire/private_packet.h"

namespace ntp::client {

/// The items of an answer, one behind the other.
struct PrivateItems {
  std::vector<std::byte> octets;
  std::size_t length = 0;  ///< of an item
  std::size_t count = 0;

  [[nodiscard]] Bytes operator[](std::size_t i) const { return Bytes(octets).subspan(i * length, length); }
};

/// At most 128 datagrams of 500 octets: nothing that a server sends can make it longer.
class PrivateAssembly {
 public:
  PrivateAssembly(std::uint8_t implementation, std::uint8_t code) : implementation_(implementation), code_(code) {}

  enum class Added : std::uint8_t {
    ignored,  ///< no answer to this question, or one that was there before
    taken,
    complete,
    refused,  ///< it contradicts what was there
  };
  Added add(Bytes datagram);

  /// Of an answer that is an error: its number; complete answers have none.
  [[nodiscard]] std::optional<std::uint8_t> error() const { return error_; }
  [[nodiscard]] bool has_any() const { return received_ != 0; }
  /// The first datagram of several is there and no other.
  [[nodiscard]] bool has_first_alone() const { return received_ == 1 && parts_[0].is_there && !last_; }
  /// Once it is complete, or as far as it goes.
  [[nodiscard]] PrivateItems take() const;

 private:
  static constexpr std::size_t kMost = std::size_t{wire::kMaxPrivateSequence} + 1;
  struct Part {
    bool is_there = false;
    std::size_t count = 0;
    std::vector<std::byte> octets;
  };

  std::uint8_t implementation_;
  std::uint8_t code_;
  std::optional<std::uint8_t> error_;
  std::optional<std::size_t> item_length_;
  std::optional<std::size_t> last_;
  std::size_t received_ = 0;
  std::array<Part, kMost> parts_;
};

}  // namespace ntp::client
