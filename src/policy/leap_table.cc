// SPDX-License-Identifier: BSD-2-Clause
#include "policy/leap_table.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.h"
#include "base/civil_date.h"

namespace ntp::policy {
namespace {

/// Days of 1 January 1970 in NTP's count.
constexpr std::int64_t kUnixEpochDay = kUnixEpochInNtp / kSecondsPerDay;

}  // namespace

LeapTable::LeapTable(std::vector<Entry> entries, LeapSeconds expires, LeapSeconds updated)
    : entries_(std::move(entries)), expires_(expires), updated_(updated) {}

std::optional<int> LeapTable::tai_offset_s(LeapSeconds now) const {
  const auto later =
      std::upper_bound(entries_.begin(), entries_.end(), now, [](LeapSeconds t, const Entry& e) { return t < e.at; });
  if (later == entries_.begin()) return std::nullopt;
  return std::prev(later)->tai_offset_s;
}

std::optional<LeapTable::Next> LeapTable::next(LeapSeconds now) const {
  // The first entry says where the count begins; nothing leaps there.
  for (std::size_t i = 1; i < entries_.size(); ++i)
    if (entries_[i].at > now)
      return Next{.at = entries_[i].at,
                  .change_s = entries_[i].tai_offset_s - entries_[i - 1].tai_offset_s,
                  .tai_offset_s = entries_[i].tai_offset_s};
  return std::nullopt;
}

std::string date_text(LeapSeconds at) {
  const std::int64_t days = (at >= 0 ? at : at - (kSecondsPerDay - 1)) / kSecondsPerDay;
  const CivilDate date = civil_date(days - kUnixEpochDay);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

}  // namespace ntp::policy
