// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include "base/utf8.h"

namespace ntp::ntpq {
namespace {

constexpr std::size_t kMostCharacters = 30;

template <class Number>
std::optional<Number> whole(std::string_view text, int base) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_hexadecimal(std::string_view text) { return text.starts_with("0x") || text.starts_with("0X"); }

}  // namespace

std::optional<double> parse_decimal(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > kMostCharacters) return std::nullopt;
  const bool is_plain = std::ranges::all_of(text.substr(text.starts_with('-') ? 1 : 0),
                                            [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  if (!is_plain) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) { return whole<std::int64_t>(text, 10); }

std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) {
  if (is_hexadecimal(text)) text.remove_prefix(2);
  return whole<std::uint64_t>(text, 16);
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  return is_hexadecimal(text) ? parse_hexadecimal(text) : whole<std::uint64_t>(text, 10);
}

std::string milliseconds_text(std::string_view text, bool is_signed) {
  const auto value = parse_decimal(text);
  if (!value) return "-";
  std::string out = fmt::format("{:.3f}", *value);
  const bool is_zero = out.find_first_not_of("-0.") == std::string::npos;
  if (is_zero && out.starts_with('-')) out.erase(0, 1);
  return is_signed && !out.starts_with('-') ? "+" + out : out;
}

std::string interval_text(std::int64_t seconds) {
  constexpr std::int64_t kMostSeconds = 2048;
  constexpr std::int64_t kMostMinutes = 300;
  constexpr std::int64_t kMostHours = 96;
  constexpr std::int64_t kMostDays = 999;
  if (seconds <= 0) return "-";
  if (seconds <= kMostSeconds) return fmt::to_string(seconds);
  const std::int64_t minutes = seconds / 60 + (seconds % 60 >= 31 ? 1 : 0);
  if (minutes <= kMostMinutes) return fmt::format("{}m", minutes);
  const std::int64_t hours = minutes / 60 + (minutes % 60 >= 31 ? 1 : 0);
  if (hours <= kMostHours) return fmt::format("{}h", hours);
  const std::int64_t days = hours / 24 + (hours % 24 >= 13 ? 1 : 0);
  if (days <= kMostDays) return fmt::format("{}d", days);
  return fmt::format("{}y", days / 365 + (days % 365 >= 183 ? 1 : 0));
}

std::string left(std::string_view text, std::size_t width) {
  const std::string_view shown = utf8_first(text, width);
  return std::string(shown) + std::string(width - utf8_count(shown), ' ');
}

std::string right(std::string_view text, std::size_t width) {
  const std::string_view shown = utf8_first(text, width);
  return std::string(width - utf8_count(shown), ' ') + std::string(shown);
}

}  // namespace ntp::ntpq
