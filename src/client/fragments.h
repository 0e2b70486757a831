// SPDX-License-Identifier: BSD-2-Clause
//
// Puts the fragments of a control answer together, in whatever order they come (RFC 9327 section 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::client {

/// Most octets that an answer may have.
inline constexpr std::size_t kMaxControlAnswer = 65536;

class Fragments {
 public:
  enum class Added : std::uint8_t {
    taken,    ///< some of it is new
    known,    ///< all of it was there before
    refused,  ///< it contradicts what was there, or is too long: no answer can be made of these
  };
  Added add(std::size_t offset, std::string_view data, bool has_more);

  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] bool has_any() const { return !runs_.empty() || end_; }
  /// Octets from the start up to the first gap.
  [[nodiscard]] std::size_t length_from_start() const;
  /// The answer, if it is complete; else what there is up to the first gap. The object is empty afterwards.
  [[nodiscard]] std::string take();

 private:
  /// Octets begin to end are known. In order, with a gap between any two.
  struct Run {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] bool contradicts(std::size_t offset, std::string_view data) const;
  void insert(std::size_t begin, std::size_t end);

  std::string data_;
  std::vector<Run> runs_;
  std::optional<std::size_t> end_;  ///< where the answer ends, once that is known
};

}  // namespace ntp::client
