// SPDX-License-Identifier: BSD-2-Clause
//
// statsdir, statistics and filegen.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"
#include "config/statistics_types.h"

namespace ntp::config {
namespace {

/// Null for a type that is not part of this version.
StatisticsFile* file_of(Statistics& statistics, const Option& type) {
  const auto* known = std::ranges::find(kStatisticsTypes, type.entry->name, &StatisticsType::name);
  return known == kStatisticsTypes.end() ? nullptr : &(statistics.*known->file);
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
    const auto* period = std::ranges::find(kPeriodNames, option.text);
    if (period == kPeriodNames.end())
      return std::unexpected(Arguments::wrong_word(*option.value, "type", kPeriodNames, option.entry->unit));
    file.period = static_cast<StatisticsFile::Period>(period - kPeriodNames.begin());
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
