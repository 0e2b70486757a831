// SPDX-License-Identifier: BSD-2-Clause
//
// tos, tinker, enable and disable, the log, the drift file and the pid file.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

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
  if (name == "orphan") tos.orphan_stratum = option.integer;
  if (name == "cohort") tos.has_cohort = option.integer != 0;
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
  static constexpr auto kDisciplines = std::to_array<std::string_view>({"estimator", "classic"});
  if (option.entry->name != "discipline" || std::ranges::find(kDisciplines, option.text) != kDisciplines.end())
    return {};
  return std::unexpected(Arguments::wrong_word(*option.value, option.entry->name, kDisciplines, option.entry->unit));
}

/// What a switch says; null if nothing in this version depends on it.
std::optional<bool>* switch_of(Config& config, std::string_view name) {
  if (name == "stats") return &config.statistics.is_enabled;
  if (name == "auth") return &config.switches.auth;
  if (name == "monitor") return &config.switches.monitor;
  if (name == "ntp") return &config.switches.ntp;
  if (name == "kernel") return &config.switches.kernel;
  if (name == "mode7") return &config.switches.mode7;
  return nullptr;
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
  const bool is_on = arguments.command().command == Command::enable;
  std::vector<std::string_view> names;
  do {
    const std::size_t notes = arguments.notes().size();
    const auto option = arguments.take_option(OptionGroup::enable);
    if (!option) return std::unexpected(option.error());
    // Nothing is lost where a function that this version lacks is off.
    if (!is_on && option->entry->standard == "off") arguments.notes().resize(notes);
    names.push_back(option->entry->name);
  } while (!arguments.at_end());
  for (const std::string_view name : names)
    if (auto* known = switch_of(config, name); known != nullptr) *known = is_on;
  return {};
}

Handled handle_driftfile(Arguments& arguments, Config& config) {
  const Token* file = arguments.take_any();
  // A second word was the classic's least change that rewrites the file.
  const Token* threshold = arguments.peek();
  if (threshold != nullptr) {
    const auto number = arguments.take_real("the least change in ppm", 0, 1e6);
    if (!number) return std::unexpected(number.error());
    arguments.note(Severity::obsolete, *threshold,
                   "driftfile: the number is not used: the file is written at its usual times");
  }
  if (auto end = arguments.finish(); !end) return end;
  config.drift_file = file == nullptr ? std::string_view() : file->text;
  return {};
}

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
