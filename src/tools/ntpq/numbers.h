// SPDX-License-Identifier: BSD-2-Clause
//
// Numbers of servers' answers, read strictly: what is no plain number is none ("nan", "1e999", " 1", "").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ntp::ntpq {

/// An optional sign, digits, and a point among them; at most 30 characters.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
/// With or without 0x.
[[nodiscard]] std::optional<std::uint64_t> parse_hexadecimal(std::string_view text);
/// Decimal, or hexadecimal with 0x.
[[nodiscard]] std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// "0.090", "+0.025" with three decimals; "-" for what is no number. Never "-0.000".
[[nodiscard]] std::string milliseconds_text(std::string_view text, bool is_signed);
/// Seconds since, or between: "-" if none, "2048", "35m", "34h", "12d", "3y".
[[nodiscard]] std::string interval_text(std::int64_t seconds);

/// In `width` columns, cut where it is longer.
[[nodiscard]] std::string left(std::string_view text, std::size_t width);
[[nodiscard]] std::string right(std::string_view text, std::size_t width);

}  // namespace ntp::ntpq
