// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpdate prints: the classic's lines, and JSON.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/time_exchange.h"

namespace ntp::tools::ntpdate {

enum class Action : std::uint8_t { none, adjust, step };

/// "20 Nov 21:24:40 ntpdate[10091]: TEXT\n"
[[nodiscard]] std::string log_line(const std::tm& now, std::int64_t process, std::string_view text);
/// "server 10.77.0.4, stratum 2, offset +0.000012, delay 0.02574\n"; zeros for a server without a usable sample.
[[nodiscard]] std::string server_line(const client::TimeOutcome& outcome);
/// "adjust time server 10.77.0.4 offset +0.000012 sec"
[[nodiscard]] std::string result_text(const client::TimeOutcome& chosen, Action action);
/// The block of -d: header, filter, result.
[[nodiscard]] std::string debug_text(const client::TimeOutcome& outcome, std::int64_t near_unix_seconds);

struct Result {
  std::span<const client::TimeOutcome> outcomes;
  const client::TimeOutcome* chosen = nullptr;
  Action action = Action::none;
  bool is_done = false;
  std::string problem;  ///< "" if there is none
};
[[nodiscard]] std::string to_json(const Result& result);

}  // namespace ntp::tools::ntpdate
