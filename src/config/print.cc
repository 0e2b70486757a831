// SPDX-License-Identifier: BSD-2-Clause
#include "config/print.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/print_access.h"
#include "config/statistics_types.h"

namespace ntp::config {
namespace {

/// Well below kMaxLineTokens: a range is five tokens.
constexpr std::size_t kRangesPerLine = 20;

/// In quotes if the lexer or a keyword could take it for something else.
std::string word(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:%-";
  const bool is_plain =
      !text.empty() && !text.starts_with('-') && text.find_first_not_of(kPlain) == std::string_view::npos;
  return is_plain ? std::string(text) : fmt::format("\"{}\"", text);
}

class Printer {
 public:
  void print(const Server& server) {
    out_ += server.kind == Server::Kind::pool ? "pool" : "server";
    if (server.family) out_ += *server.family == Family::ipv4 ? " -4" : " -6";
    out_ += ' ' + word(server.name);
    option("minpoll", server.min_poll_log2s);
    option("maxpoll", server.max_poll_log2s);
    option("version", server.version);
    option("key", server.key_id);
    flag("iburst", server.has_iburst);
    flag("burst", server.has_burst);
    flag("prefer", server.is_preferred);
    flag("noselect", server.is_never_selected);
    flag("true", server.is_always_true);
    flag("preempt", server.is_preemptable);
    end_line();
  }

  void print(const Fudge& fudge) {
    out_ += "fudge " + fudge.clock.text();
    option("time1", fudge.time1_s);
    option("time2", fudge.time2_s);
    option("stratum", fudge.stratum);
    if (fudge.refid) out_ += fmt::format(" refid \"{}\"", *fudge.refid);
    for (std::size_t i = 0; i < fudge.flags.size(); ++i)
      if (fudge.flags[i]) out_ += fmt::format(" flag{} {}", i + 1, *fudge.flags[i] ? 1 : 0);
    end_line();
  }

  void print(const Keys& keys) {
    for (const std::string& name : keys.files) out_ += fmt::format("keys {}\n", word(name));
    for (std::size_t i = 0; i < keys.trusted.size(); ++i) {
      const bool starts_line = i % kRangesPerLine == 0;
      if (starts_line) out_ += i == 0 ? "trustedkey" : "\ntrustedkey";
      const KeyRange& range = keys.trusted[i];
      out_ += range.first == range.last ? fmt::format(" {}", range.first)
                                        : fmt::format(" ({} ... {})", range.first, range.last);
    }
    if (!keys.trusted.empty()) end_line();
    if (keys.control_key) out_ += fmt::format("controlkey {}\n", *keys.control_key);
    if (keys.request_key) out_ += fmt::format("requestkey {}\n", *keys.request_key);
  }

  void print(const Discard& discard) {
    if (discard == Discard{}) return;
    out_ += "discard";
    option("average", discard.average_log2s);
    option("minimum", discard.minimum_s);
    option("monitor", discard.monitor_probability);
    end_line();
  }

  void print(const Limit& limit) {
    if (limit == Limit{}) return;
    out_ += "limit";
    option("average", limit.average_per_s);
    option("burst", limit.burst);
    option("kod", limit.kod_per_s);
    end_line();
  }

  void print(const Mru& mru) {
    if (mru == Mru{}) return;
    out_ += "mru";
    option("initalloc", mru.initial_entries);
    option("initmem", mru.initial_kB);
    option("incalloc", mru.step_entries);
    option("incmem", mru.step_kB);
    option("mindepth", mru.min_entries);
    option("maxdepth", mru.max_entries);
    option("maxmem", mru.max_kB);
    option("minage", mru.min_age_s);
    option("maxage", mru.max_age_s);
    end_line();
  }

  void print(const LeapFile& file) {
    out_ += fmt::format("leapfile {}{}\n", word(file.path), file.checks_hash ? "" : " ignorehash");
  }

  void print(const SetVariable& variable) {
    out_ += fmt::format("setvar {}=\"{}\"{}\n", variable.name, variable.value, variable.is_default ? " default" : "");
  }

  void print(const Switches& switches) {
    turn("auth", switches.auth);
    turn("monitor", switches.monitor);
    turn("ntp", switches.ntp);
    turn("kernel", switches.kernel);
    turn("mode7", switches.mode7);
  }

  void print(const Tos& tos) {
    if (tos == Tos{}) return;
    out_ += "tos";
    option("minclock", tos.min_clock);
    option("maxclock", tos.max_clock);
    option("minsane", tos.min_sane);
    option("floor", tos.floor_stratum);
    option("ceiling", tos.ceiling_stratum);
    option("mindist", tos.min_distance_s);
    option("maxdist", tos.max_distance_s);
    option("orphanwait", tos.orphan_wait_s);
    option("orphan", tos.orphan_stratum);
    if (tos.has_cohort) out_ += *tos.has_cohort ? " cohort 1" : " cohort 0";
    end_line();
  }

  void print(const Tinker& tinker) {
    if (tinker == Tinker{}) return;
    out_ += "tinker";
    if (tinker.discipline)
      out_ += *tinker.discipline == Tinker::Discipline::classic ? " discipline classic" : " discipline estimator";
    option("allan", tinker.allan_intercept_log2s);
    option("dispersion", tinker.dispersion_ppm);
    option("freq", tinker.frequency_ppm);
    option("packets", tinker.packets_per_hour);
    option("panic", tinker.panic_s);
    option("stepback", tinker.step_back_s);
    option("stepfwd", tinker.step_forward_s);
    option("stepout", tinker.stepout_s);
    end_line();
  }

  void print(const Statistics& statistics) {
    file("statsdir", statistics.folder);
    for (const StatisticsType& type : kStatisticsTypes) print(type.name, statistics.*type.file);
    turn("stats", statistics.is_enabled);
  }

  void print(std::string_view type, const StatisticsFile& file) {
    if (file == StatisticsFile{}) return;
    out_ += fmt::format("filegen {}", type);
    if (file.name) out_ += fmt::format(" file {}", word(*file.name));
    if (file.period) out_ += fmt::format(" type {}", kPeriodNames[static_cast<std::size_t>(*file.period)]);
    if (file.has_link) out_ += *file.has_link ? " link" : " nolink";
    if (file.is_enabled) out_ += *file.is_enabled ? " enable" : " disable";
    end_line();
  }

  void print(const TemperatureSensor& sensor) {
    out_ += fmt::format("tempcomp {}", word(sensor.file));
    if (sensor.interval_s) out_ += fmt::format(" {}", *sensor.interval_s);
    end_line();
  }

  void print(const InterfaceRule& rule) {
    constexpr std::array<std::string_view, 3> kActions{"listen", "ignore", "drop"};
    out_ += fmt::format("interface {}", kActions[static_cast<std::size_t>(rule.action)]);
    switch (rule.match) {
      case InterfaceRule::Match::all:
        out_ += " all";
        break;
      case InterfaceRule::Match::ipv4:
        out_ += " ipv4";
        break;
      case InterfaceRule::Match::ipv6:
        out_ += " ipv6";
        break;
      case InterfaceRule::Match::wildcard:
        out_ += " wildcard";
        break;
      case InterfaceRule::Match::name:
        out_ += fmt::format(" \"{}\"", rule.name);
        break;
      case InterfaceRule::Match::address:
        out_ += fmt::format(" {}/{}", rule.address.text(), rule.prefix_length);
        break;
    }
    end_line();
  }

  void print_log_classes(LogClasses classes) {
    // What is not set is taken away from everything, so that "nothing" has a spelling as well.
    constexpr std::array<std::string_view, 4> kSources{"clock", "peer", "sys", "sync"};
    constexpr std::array<std::string_view, 4> kKinds{"info", "events", "statistics", "status"};
    out_ += "logconfig =allall";
    for (std::size_t s = 0; s < kSources.size(); ++s)
      for (std::size_t k = 0; k < kKinds.size(); ++k)
        if ((classes & log_class(static_cast<LogSource>(s), static_cast<LogKind>(k))) == 0)
          out_ += fmt::format(" -{}{}", kSources[s], kKinds[k]);
    end_line();
  }

  void file(std::string_view command, const std::optional<std::string>& name) {
    if (name) out_ += fmt::format("{} {}\n", command, word(*name));
  }

  void text(std::string_view text) { out_ += text; }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  template <class Number>
  void option(std::string_view name, const std::optional<Number>& value) {
    if (value) out_ += fmt::format(" {} {}", name, *value);
  }
  void flag(std::string_view name, bool is_set) {
    if (is_set) out_ += fmt::format(" {}", name);
  }
  void turn(std::string_view name, const std::optional<bool>& is_on) {
    if (is_on) out_ += fmt::format("{} {}\n", *is_on ? "enable" : "disable", name);
  }
  void end_line() { out_ += '\n'; }

  std::string out_;
};

}  // namespace

std::string print(const Config& config) {
  Printer printer;
  printer.file("driftfile", config.drift_file);
  printer.file("logfile", config.log_file);
  printer.file("pidfile", config.pid_file);
  if (config.log_classes) printer.print_log_classes(*config.log_classes);
  for (const Server& server : config.servers) printer.print(server);
  for (const Fudge& fudge : config.fudges) printer.print(fudge);
  printer.print(config.keys);
  printer.text(restrict_lines(config.restricts));
  printer.print(config.discard);
  printer.print(config.limit);
  printer.print(config.mru);
  printer.print(config.tos);
  printer.print(config.tinker);
  printer.print(config.statistics);
  if (config.temperature_sensor) printer.print(*config.temperature_sensor);
  for (const InterfaceRule& rule : config.interfaces) printer.print(rule);
  if (config.leap_file) printer.print(*config.leap_file);
  if (config.leap_smear_interval_s) printer.text(fmt::format("leapsmearinterval {}\n", *config.leap_smear_interval_s));
  for (const SetVariable& variable : config.variables) printer.print(variable);
  for (const Trap& trap : config.traps) printer.text(fmt::format("trap {} port {}\n", trap.address.text(), trap.port));
  printer.file("saveconfigdir", config.save_folder);
  printer.print(config.switches);
  return printer.take();
}

std::string saved_configuration(const ParseResult& parsed) {
  std::string out = print(parsed.config);
  if (parsed.unapplied.empty()) return out;
  out += "\n# Not applied, or not in full; ntpd --check-config says why:\n";
  for (const UnappliedLine& line : parsed.unapplied)
    out += fmt::format("# {}:{}: {}\n", quotable(line.file), line.line, line.text);
  if (parsed.more_unapplied > 0) out += fmt::format("# and {} more lines\n", parsed.more_unapplied);
  return out;
}

}  // namespace ntp::config
