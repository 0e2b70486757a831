// SPDX-License-Identifier: BSD-2-Clause
//
// The loop of ntp-wait, with its questions and pauses passed in.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

namespace ntp::tools::ntp_wait {

/// The exit status.
enum class Outcome : std::uint8_t { synchronised = 0, not_synchronised = 1, no_contact = 2 };

struct Waiting {
  std::int64_t tries = 1;
  std::function<std::expected<std::uint16_t, std::string>()> ask;  ///< the system status word, or why there is none
  std::function<void()> pause;                                     ///< between two tries
  std::function<void(const std::string&)> say;                     ///< progress, for -v
};

[[nodiscard]] Outcome wait(const Waiting& waiting);

}  // namespace ntp::tools::ntp_wait
