// SPDX-License-Identifier: BSD-2-Clause
#include "control/variable_format.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "base/calendar.h"
#include "base/civil_date.h"

namespace ntp::control {
namespace {

/// For a clock that says no era: this program was made after 2020.
constexpr std::int64_t kAfterThis = 1'577'836'800;
constexpr std::int64_t kUnixYears68 = std::int64_t{1} << 31U;

bool is_plain(char c) { return static_cast<unsigned char>(c) >= ' ' && c != '"' && c != '\x7f'; }

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
  if (std::all_of(value.begin(), value.end(), is_plain)) {
    out_.quoted(name_, value);
    return;
  }
  std::string plain(value);
  for (char& c : plain)
    if (!is_plain(c)) c = c == '"' ? '\'' : ' ';
  out_.quoted(name_, plain);
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
