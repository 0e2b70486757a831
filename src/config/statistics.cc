// SPDX-License-Identifier: BSD-2-Clause
//
// statsdir, statistics and filegen.
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"

namespace ntp::config {
namespace {

using Period = StatisticsFile::Period;

constexpr auto kPeriods = std::to_array<std::pair<std::string_view, Period>>({
    {"none", Period::none},
    {"pid", Period::pid},
    {"day", Period::day},
    {"week", Period::week},
    {"month", Period::month},
    {"year", Period::year},
    {"age", Period::age},
});

std::optional<Period> period_of(std::string_view word) {
  for (const auto& [name, period] : kPeriods)
    if (name == word) return period;
  return std::nullopt;
}

/// Null for a type that is not part of this version.
StatisticsFile* file_of(Statistics& statistics, const Option& type) {
  if (type.entry->name == "rawstats") return &statistics.raw;
  if (type.entry->name == "errorstats") return &statistics.error;
  return nullptr;
}

/// The name of a file below the statistics folder. ".." could lead out of it.
bool stays_below(std::string_view name) {
  while (!name.empty()) {
    const std::size_t slash = name.find('/');
    if (name.substr(0, slash) == "..") return false;
    if (slash == std::string_view::npos) break;
    name.remove_prefix(slash + 1);
  }
  return true;
}

Handled apply_option(StatisticsFile& file, const Option& option) {
  const std::string_view name = option.entry->name;
  if (name == "file") {
    if (option.text.empty() || option.text.ends_with('/') || !stays_below(option.text))
      return std::unexpected(Arguments::wrong(
          *option.name,
          fmt::format("file \"{}\": expected the name of a file below statsdir, without ..", quotable(option.text))));
    file.name = option.text;
  }
  if (name == "type") {
    file.period = period_of(option.text);
    if (!file.period)
      return std::unexpected(Arguments::wrong(
          *option.name, fmt::format("type {}: expected {}", quotable(option.text), option.entry->unit)));
  }
  if (name == "link") file.has_link = true;
  if (name == "nolink") file.has_link = false;
  if (name == "enable") file.is_enabled = true;
  if (name == "disable") file.is_enabled = false;
  return {};
}

}  // namespace

Handled handle_statsdir(Arguments& arguments, Config& config) {
  const auto folder = arguments.take("the name of a folder");
  if (!folder) return std::unexpected(folder.error());
  if ((*folder)->text.empty())
    return std::unexpected(Arguments::wrong(**folder, "statsdir: expected the name of a folder"));
  if (auto end = arguments.finish(); !end) return end;
  config.statistics.folder = (*folder)->text;
  return {};
}

Handled handle_statistics(Arguments& arguments, Config& config) {
  Statistics changed = config.statistics;
  do {
    const auto type = arguments.take_option(OptionGroup::statistics);
    if (!type) return std::unexpected(type.error());
    if (StatisticsFile* file = file_of(changed, *type); file != nullptr) file->is_enabled = true;
  } while (!arguments.at_end());
  config.statistics = std::move(changed);
  return {};
}

Handled handle_filegen(Arguments& arguments, Config& config) {
  const auto type = arguments.take_option(OptionGroup::statistics);
  if (!type) return std::unexpected(type.error());
  Statistics changed = config.statistics;
  StatisticsFile unused;
  StatisticsFile* known = file_of(changed, *type);
  StatisticsFile& file = known == nullptr ? unused : *known;
  // A line about a type's files asks for them unless it says otherwise.
  file.is_enabled = true;
  while (!arguments.at_end()) {
    const auto option = arguments.take_option(OptionGroup::filegen);
    if (!option) return std::unexpected(option.error());
    if (auto applied = apply_option(file, *option); !applied) return applied;
  }
  config.statistics = std::move(changed);
  return {};
}

}  // namespace ntp::config
