// SPDX-License-Identifier: BSD-2-Clause
//
// Answers become datagrams: header, data, padding, and a MAC where the request had one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "control/answer_text.h"
#include "control/request.h"
#include "control/service.h"
#include "crypto/mac.h"
#include "wire/control_packet.h"

namespace ntp::control {

/// What an operation makes of a request.
struct Answer {
  AnswerText text;
  std::uint16_t status = 0;
  std::optional<wire::ControlError> error;  ///< then there is no text

  void clear() {
    text.clear();
    status = 0;
    error.reset();
  }
  void refuse(wire::ControlError why) { error = why; }
};

/// Data that a stranger is told at most: less than a full datagram, so that it is known from one, and a multiple of 4.
inline constexpr std::size_t kMostStrangerData = 464;

/// The datagrams of one request's answer.
class ReplyWriter {
 public:
  ReplyWriter(const Request& request, wire::Leap leap, crypto::MacWorkspace& macs, Replies& out)
      : request_(request), leap_(leap), macs_(macs), out_(out) {}

  /// An error, or all of the text: as many datagrams as it takes.
  void all(const Answer& answer);
  /// Octets of all().
  [[nodiscard]] std::size_t length_of_all(const Answer& answer) const;
  /// One datagram of the text from an offset on, no longer than the request. False: there is room for no data at all.
  [[nodiscard]] bool part(std::string_view text, std::uint16_t status, std::size_t offset);
  void error(wire::ControlError why);

 private:
  void put(const wire::ControlHeader& header, std::string_view data);
  [[nodiscard]] wire::ControlHeader header() const;
  [[nodiscard]] std::size_t mac_length() const;
  [[nodiscard]] std::size_t datagram_length(std::size_t count) const;

  const Request& request_;
  wire::Leap leap_;
  crypto::MacWorkspace& macs_;
  Replies& out_;
};

/// Header and data, padded to 4 octets, without a MAC.
void put_datagram(const Endpoint& to, const wire::ControlHeader& header, std::string_view data, Replies& out);

}  // namespace ntp::control
