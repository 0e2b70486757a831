// SPDX-License-Identifier: BSD-2-Clause
//
// The types of statistics and the periods of their files, by name.
#pragma once

#include <array>
#include <string_view>

#include "config/model.h"

namespace ntp::config {

struct StatisticsType {
  std::string_view name;
  StatisticsFile Statistics::* file;
};
inline constexpr auto kStatisticsTypes = std::to_array<StatisticsType>({
    {"clockstats", &Statistics::clock},
    {"cryptostats", &Statistics::crypto},
    {"errorstats", &Statistics::error},
    {"loopstats", &Statistics::loop},
    {"peerstats", &Statistics::peer},
    {"protostats", &Statistics::protocol},
    {"rawstats", &Statistics::raw},
    {"sysstats", &Statistics::system},
});

/// In the order of StatisticsFile::Period.
inline constexpr auto kPeriodNames =
    std::to_array<std::string_view>({"none", "pid", "day", "week", "month", "year", "age"});

}  // namespace ntp::config
