// SPDX-License-Identifier: BSD-2-Clause
//
// Time stamps as the classic tools print them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ntp::client {

enum class Zone : std::uint8_t { utc, local };

/// Seconds since 1970 of a time stamp, of the era that is nearest to `near_unix_seconds`.
[[nodiscard]] std::int64_t unix_seconds(Timestamp stamp, std::int64_t near_unix_seconds);
/// This machine's clock, for the era alone.
[[nodiscard]] std::int64_t unix_seconds_now();

/// "eeab38c4.5a7bc448  Fri, Nov 20 2026 21:23:16.353", "(no time)" for the unknown time stamp; of the era that is nearest to
/// `near_unix_seconds`. Milliseconds are cut, not rounded.
[[nodiscard]] std::string stamp_text(Timestamp stamp, std::int64_t near_unix_seconds, Zone zone = Zone::utc);
/// "0xeeab38c4.5a7bc448" or without 0x: up to eight digits before the point, and after it up to eight, the first ones.
[[nodiscard]] std::optional<Timestamp> parse_stamp(std::string_view text);

}  // namespace ntp::client
