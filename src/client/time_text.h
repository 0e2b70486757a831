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

/// "eeab38c4.5a7bc448  Fri, Nov 20 2026 21:23:16.353" in UTC, "(no time)" for the unknown time stamp; of the era that is
/// nearest to `near_unix_seconds`.
[[nodiscard]] std::string stamp_text(Timestamp stamp, std::int64_t near_unix_seconds);
/// "0xeeab38c4.5a7bc448" or without 0x.
[[nodiscard]] std::optional<Timestamp> parse_stamp(std::string_view text);

}  // namespace ntp::client
