// SPDX-License-Identifier: BSD-2-Clause
#include "config/print.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace ntp::config {
namespace {

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
    option("stratum", fudge.stratum);
    if (fudge.refid) out_ += fmt::format(" refid \"{}\"", *fudge.refid);
    end_line();
  }

  void print(const Restrict& restrict) {
    const policy::AccessRule& rule = restrict.rule;
    out_ += "restrict";
    if (restrict.is_source) {
      out_ += " source";
    } else if (rule.mask.is_unspecified()) {
      out_ += rule.mask.is_v4() ? " -4 default" : " -6 default";
    } else {
      out_ += fmt::format(" {} mask {}", rule.address.text(), rule.mask.text());
    }
    using policy::Access;
    const auto access = [&](std::string_view name, Access bit) { flag(name, policy::has(rule.flags, bit)); };
    access("ignore", Access::ignore);
    access("noserve", Access::noserve);
    access("noquery", Access::noquery);
    access("nomodify", Access::nomodify);
    access("notrap", Access::notrap);
    access("nomrulist", Access::nomrulist);
    access("nopeer", Access::nopeer);
    access("noepeer", Access::noepeer);
    access("notrust", Access::notrust);
    access("version", Access::version);
    access("limited", Access::limited);
    access("kod", Access::kod);
    flag("ntpport", rule.only_from_ntp_port);
    end_line();
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
    print("errorstats", statistics.error);
    print("rawstats", statistics.raw);
    if (statistics.is_enabled) out_ += *statistics.is_enabled ? "enable stats\n" : "disable stats\n";
  }

  void print(std::string_view type, const StatisticsFile& file) {
    if (file == StatisticsFile{}) return;
    constexpr std::array<std::string_view, 7> kPeriods{"none", "pid", "day", "week", "month", "year", "age"};
    out_ += fmt::format("filegen {}", type);
    if (file.name) out_ += fmt::format(" file {}", word(*file.name));
    if (file.period) out_ += fmt::format(" type {}", kPeriods[static_cast<std::size_t>(*file.period)]);
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

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  template <class Number>
  void option(std::string_view name, const std::optional<Number>& value) {
    if (value) out_ += fmt::format(" {} {}", name, *value);
  }
  void flag(std::string_view name, bool is_set) {
    if (is_set) out_ += fmt::format(" {}", name);
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
  for (const Restrict& restrict : config.restricts) printer.print(restrict);
  printer.print(config.tos);
  printer.print(config.tinker);
  printer.print(config.statistics);
  if (config.temperature_sensor) printer.print(*config.temperature_sensor);
  for (const InterfaceRule& rule : config.interfaces) printer.print(rule);
  return printer.take();
}

}  // namespace ntp::config
