// SPDX-License-Identifier: BSD-2-Clause
//
// tos, tinker, enable and disable, the log, the drift file and the pid file.
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"

namespace ntp::config {
namespace {

void apply_option(Tos& tos, const Option& option) {
  const std::string_view name = option.entry->name;
  if (name == "minclock") tos.min_clock = option.integer;
  if (name == "maxclock") tos.max_clock = option.integer;
  if (name == "minsane") tos.min_sane = option.integer;
  if (name == "floor") tos.floor_stratum = option.integer;
  if (name == "ceiling") tos.ceiling_stratum = option.integer;
  if (name == "mindist") tos.min_distance_s = option.real;
  if (name == "maxdist") tos.max_distance_s = option.real;
  if (name == "orphanwait") tos.orphan_wait_s = option.real;
}

void apply_option(Tinker& tinker, const Option& option) {
  const std::string_view name = option.entry->name;
  if (name == "discipline")
    tinker.discipline = option.text == "classic" ? Tinker::Discipline::classic : Tinker::Discipline::estimator;
  if (name == "allan") tinker.allan_intercept_log2s = option.integer;
  if (name == "dispersion") tinker.dispersion_ppm = option.real;
  if (name == "freq") tinker.frequency_ppm = option.real;
  if (name == "packets") tinker.packets_per_hour = option.real;
  if (name == "panic") tinker.panic_s = option.real;
  if (name == "step" || name == "stepback") tinker.step_back_s = option.real;
  if (name == "step" || name == "stepfwd") tinker.step_forward_s = option.real;
  if (name == "stepout") tinker.stepout_s = option.real;
}

/// Options whose words are few.
Handled check(const Option& option) {
  if (option.entry->name != "discipline" || option.text == "estimator" || option.text == "classic") return {};
  return std::unexpected(Arguments::wrong(
      *option.name, fmt::format("{} {}: expected {}", option.entry->name, quotable(option.text), option.entry->unit)));
}

template <class Settings>
Handled handle_settings(Arguments& arguments, Settings& settings) {
  Settings changed = settings;
  do {
    const auto option = arguments.take_option(arguments.command().options);
    if (!option) return std::unexpected(option.error());
    if (auto checked = check(*option); !checked) return checked;
    apply_option(changed, *option);
  } while (!arguments.at_end());
  settings = changed;
  return {};
}

Handled handle_file(Arguments& arguments, std::optional<std::string>& file) {
  const auto name = arguments.take("the name of a file");
  if (!name) return std::unexpected(name.error());
  if ((*name)->text.empty())
    return std::unexpected(
        Arguments::wrong(**name, fmt::format("{}: expected the name of a file", arguments.command().name)));
  if (auto end = arguments.finish(); !end) return end;
  file = (*name)->text;
  return {};
}

constexpr auto kSources = std::to_array<std::string_view>({"clock", "peer", "sys", "sync"});
constexpr auto kKinds = std::to_array<std::string_view>({"info", "events", "statistics", "status"});

/// The bits of a word: SOURCE|all followed by KIND|all, all followed by SOURCE, or all alone. 0 for any other word.
LogClasses class_bits(std::string_view word) {
  if (word == "all") return kAllLogClasses;
  LogClasses bits = 0;
  for (std::size_t s = 0; s < kSources.size(); ++s) {
    for (std::size_t k = 0; k < kKinds.size(); ++k) {
      const LogClasses bit = log_class(static_cast<LogSource>(s), static_cast<LogKind>(k));
      for (const std::string_view source : {kSources[s], std::string_view("all")})
        for (const std::string_view kind : {kKinds[k], std::string_view("all")})
          if (word.starts_with(source) && word.substr(source.size()) == kind)
            bits = static_cast<LogClasses>(bits | bit);
      if (word.starts_with("all") && word.substr(3) == kSources[s]) bits = static_cast<LogClasses>(bits | bit);
    }
  }
  return bits;
}

std::vector<std::string> class_words() {
  std::vector<std::string> words;
  for (const std::string_view source : {kSources[0], kSources[1], kSources[2], kSources[3], std::string_view("all")}) {
    for (const std::string_view kind : kKinds) words.push_back(fmt::format("{}{}", source, kind));
    words.push_back(fmt::format("{}all", source));
  }
  return words;
}

}  // namespace

Handled handle_tos(Arguments& arguments, Config& config) { return handle_settings(arguments, config.tos); }

Handled handle_tinker(Arguments& arguments, Config& config) { return handle_settings(arguments, config.tinker); }

Handled handle_switches(Arguments& arguments, Config& config) {
  Statistics changed = config.statistics;
  do {
    const auto option = arguments.take_option(OptionGroup::enable);
    if (!option) return std::unexpected(option.error());
    if (option->entry->name == "stats") changed.is_enabled = arguments.command().command == Command::enable;
  } while (!arguments.at_end());
  config.statistics = std::move(changed);
  return {};
}

Handled handle_driftfile(Arguments& arguments, Config& config) { return handle_file(arguments, config.drift_file); }

Handled handle_pidfile(Arguments& arguments, Config& config) { return handle_file(arguments, config.pid_file); }

Handled handle_logfile(Arguments& arguments, Config& config) { return handle_file(arguments, config.log_file); }

Handled handle_logconfig(Arguments& arguments, Config& config) {
  LogClasses classes = config.log_classes.value_or(kDefaultLogClasses);
  do {
    auto token = arguments.take("=, + or - and a class such as sysevents");
    if (!token) return std::unexpected(token.error());
    char sign = '=';
    std::string_view word = (*token)->text;
    const bool is_bare_sign = word == "+" || word == "-" || (*token)->kind == TokenKind::equals;
    if (word.starts_with('+') || word.starts_with('-')) sign = word.front();
    if (is_bare_sign) {
      token = arguments.take(fmt::format("a class such as sysevents after {}", word));
      if (!token) return std::unexpected(token.error());
      word = (*token)->text;
    } else if (sign != '=') {
      word.remove_prefix(1);
    }
    const LogClasses bits = (*token)->kind == TokenKind::word ? class_bits(word) : LogClasses{0};
    if (bits == 0) {
      const std::vector<std::string> words = class_words();
      Token bare = **token;
      bare.text = word;
      Fault fault = Arguments::unknown(bare, "log class", std::vector<std::string_view>(words.begin(), words.end()));
      if (fault.nearest.empty())
        fault.text += ": expected clock, peer, sys, sync or all, followed by info, events, statistics, status or all";
      return std::unexpected(std::move(fault));
    }
    if (sign == '=') classes = bits;
    if (sign == '+') classes = static_cast<LogClasses>(classes | bits);
    if (sign == '-') classes = static_cast<LogClasses>(classes & ~bits);
  } while (!arguments.at_end());
  config.log_classes = classes;
  return {};
}

}  // namespace ntp::config
