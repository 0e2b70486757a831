// SPDX-License-Identifier: BSD-2-Clause
#include "control/variable_format.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "base/calendar.h"
#include "base/civil_date.h"
#include "base/utf8.h"

namespace ntp::control {
namespace {

/// For a clock that says no era: this program was made after 2020.
constexpr std::int64_t kAfterThis = 1'577'836'800;
constexpr std::int64_t kUnixYears68 = std::int64_t{1} << 31U;

/// Whether this is a character that quotes may hold and that does nothing to a terminal.
bool is_plain(std::string_view character) {
  const char32_t value = utf8_character(character);
  return value >= ' ' && value != '"' && (value < 0x7f || value >= 0xa0);
}

/// The same with quotes as apostrophes, and blanks for control characters and for octets that are no UTF-8.
std::string plain(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (length != 0 && is_plain(character))
      out += character;
    else
      out += character == "\"" ? '\'' : ' ';
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

void Field::seconds(const std::optional<double>& value_s) {
  if (!value_s) return;
  // Beyond that a double is no exact integer any more.
  constexpr double kMost = 9e15;
  const double whole = std::isfinite(*value_s) ? std::floor(*value_s + 0.5) : kMost;
  put("{}", static_cast<std::int64_t>(std::clamp(whole, -kMost, kMost)));
}

void Field::date(const Date& value) {
  if (value.at.is_unknown()) return;
  const std::int64_t now = unix_from_timestamp(value.now, kAfterThis + kUnixYears68).seconds;
  const std::int64_t at = unix_from_timestamp(value.at, now).seconds;
  const std::int64_t day = (at >= 0 ? at : at - (kSecondsPerDay - 1)) / kSecondsPerDay;
  const std::int64_t of_day = at - day * kSecondsPerDay;
  const CivilDate date = civil_date(day);
  put("{:04}{:02}{:02}{:02}{:02}", date.year, date.month, date.day, of_day / 3600, of_day / 60 % 60);
}

void Field::quoted(std::string_view value) {
  const auto is_harmless = [](char c) { return c >= ' ' && c < '\x7f' && c != '"'; };
  if (std::all_of(value.begin(), value.end(), is_harmless))
    out_.quoted(name_, value);
  else
    out_.quoted(name_, plain(value));
}

void Field::names(const NameList& value) {
  std::string list;
  value.append_to(list);
  out_.quoted(name_, list);
}

void Field::stages(const Stages& value) {
  std::string text;
  for (const double stage_s : value)
    fmt::format_to(std::back_inserter(text), " {:.2f}", stage_s * kMillisecondsPerSecond);
  out_.word(name_, text);
}

}  // namespace ntp::control
