// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpstat says of a daemon's answer: text, JSON and exit status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/variables.h"

namespace ntp::tools::ntpstat {

inline constexpr int kSynchronised = 0;
inline constexpr int kUnsynchronised = 1;
inline constexpr int kUnknown = 2;
inline constexpr int kWrongUse = 3;

struct Verdict {
  std::string host;
  bool is_synchronised = false;
  std::string source;  ///< "NTP server", "local net", ...
  std::string server;  ///< the address that it follows, or its refid; may be empty
  std::optional<int> stratum;
  std::optional<double> max_error_s;  ///< the clock is right within this
  std::optional<std::int64_t> poll_s;
};

/// `source`: variables of the source that it follows; may be empty.
[[nodiscard]] Verdict judge(const std::string& host, std::uint16_t status, const std::vector<client::Variable>& system,
                            const std::vector<client::Variable>& source);

[[nodiscard]] std::string to_text(const Verdict& verdict);
[[nodiscard]] std::string to_json(const Verdict& verdict);
/// `most_error_s`: beyond it the clock counts as not synchronised.
[[nodiscard]] int exit_status(const Verdict& verdict, std::optional<double> most_error_s);

}  // namespace ntp::tools::ntpstat
