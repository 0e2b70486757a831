// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/start.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/background.h"
#include "daemon/configuration.h"
#include "daemon/files.h"
#include "daemon/options.h"
#include "daemon/privileges.h"
#include "daemon/runner.h"

namespace ntp::daemon {
namespace {

constexpr int kFailure = 1;
constexpr int kNicest = -10;

int complain(const std::string& message) {
  fmt::print(stderr, "ntpd: {}\n", message);
  return kFailure;
}

std::string json_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

void print_as_json(const LoadedConfiguration& loaded) {
  fmt::print("{{\"configuration\":\"{}\",\"clean\":{},\"messages\":[", json_text(loaded.origin), config::is_clean(loaded.messages));
  const char* separator = "";
  for (const config::Message& m : loaded.messages) {
    fmt::print("{}{{\"file\":\"{}\",\"line\":{},\"column\":{},\"severity\":\"{}\",\"text\":\"{}\",\"refuses_start\":{}}}", separator,
               json_text(m.file), m.line, m.column, config::name(m.severity), json_text(m.text), m.refuses_start);
    separator = ",";
  }
  fmt::print("]}}\n");
}

int check_config(const Options& options) {
  const auto loaded = load_configuration(options);
  if (!loaded) return complain(loaded.error());
  if (options.checks_as_json) {
    print_as_json(*loaded);
  } else {
    for (const config::Message& message : loaded->messages) fmt::print("{}\n", config::text(message));
    fmt::print("{}: {}\n", loaded->origin,
               config::is_clean(loaded->messages) ? "good"
               : config::starts(loaded->messages) ? "ntpd starts, without what is named above"
                                                  : "ntpd refuses to start with it");
  }
  return config::is_clean(loaded->messages) ? 0 : kFailure;
}

Log::Level level_of(config::Severity severity) {
  switch (severity) {
    case config::Severity::error: return Log::Level::error;
    case config::Severity::unsupported: return Log::Level::warning;
    case config::Severity::obsolete: return Log::Level::notice;
    case config::Severity::warning: return Log::Level::warning;
  }
  return Log::Level::error;
}

/// At most this many lines of a bad configuration are repeated in the log; --check-config shows all.
constexpr std::size_t kReportedMessages = 8;

void report(const LoadedConfiguration& loaded, Log& log) {
  for (std::size_t i = 0; i < loaded.messages.size() && i < kReportedMessages; ++i)
    log.write(level_of(loaded.messages[i].severity), config::text(loaded.messages[i]));
  if (loaded.messages.size() > kReportedMessages)
    log.write(Log::Level::warning, fmt::format("{} more messages about the configuration: ntpd --check-config shows them",
                                               loaded.messages.size() - kReportedMessages));
}

std::optional<std::string> direct_log(const Options& options, const config::Config& config, Log& log) {
  if (options.debug_level > 0) log.set_least_level(Log::Level::debug);
  const auto file = options.log_file ? options.log_file : config.log_file;
  if (file && *file != "stderr" && *file != "syslog") {
    if (!log.to_file(*file)) return fmt::format("log file {}: {}", *file, std::strerror(errno));
    return std::nullopt;
  }
  const bool wants_stderr = (file && *file == "stderr") || options.debug_level > 0;
  if (options.shows_live_table && !wants_stderr && isatty(STDOUT_FILENO) == 1) log.keep_last_only();
  else if (wants_stderr || options.shows_live_table) log.to_stderr();
  else if (isatty(STDERR_FILENO) == 1 && options.stays_in_foreground) log.to_stderr();
  else log.to_syslog();
  return std::nullopt;
}

std::optional<double> read_drift(const std::string& path, Log& log) {
  const auto content = read_file(path, 4096);
  if (!content) {
    if (access(path.c_str(), F_OK) == 0) log.write(Log::Level::warning, fmt::format("drift file: {}", content.error().text));
    return std::nullopt;
  }
  const auto drift = parse_drift(*content);
  if (drift) return *drift;
  log.write(Log::Level::warning, fmt::format("drift file {} is not used: {}. The frequency is measured anew and the file "
                                             "written later", path, drift.error().text));
  return std::nullopt;
}

/// What only the running machine can say.
void complete(engine::Settings& settings, const Options& options, const std::optional<std::string>& drift_file, Log& log) {
  clock::LinuxClock clock;
  settings.precision_log2s = clock.measure_precision().log2s;
  if (const auto frequency = clock.frequency_ppm()) settings.kernel_frequency_ppm = *frequency;
  if (drift_file && !settings.drift_ppm) settings.drift_ppm = read_drift(*drift_file, log);
  if (options.sets_clock && !may_set_clock()) {
    log.write(Log::Level::warning, "no right to set the clock (CAP_SYS_TIME): time is measured and served only");
    settings.sets_clock = false;
  }
  if (settings.sets_clock) static_cast<void>(clock.cancel_slews());
}

std::optional<std::string> become(const Options& options) {
  const auto account = choose_account(options.user);
  if (!account) return account.error();
  if (options.jail)
    if (const auto changed = change_root(*options.jail); !changed) return changed.error();
  if (!*account) return std::nullopt;
  if (const auto dropped = drop_privileges(**account); !dropped) return dropped.error();
  return std::nullopt;
}

std::expected<std::uint16_t, std::string> find_port(const Options& options, Log& log) {
  const auto port = choose_port(wire::kPort, options.takes_any_port);
  if (!port) {
    if (port.error().os_error == EADDRINUSE)
      return std::unexpected("port 123 is already in use: another time service runs here. Stop it first (only one can set the "
                             "clock), or let --any-port take a free one");
    if (port.error().os_error == EACCES)
      return std::unexpected("port 123 may be bound by root alone: start as root, or let --any-port take a free one");
    return std::unexpected(fmt::format("port 123: {}", port.error().text()));
  }
  if (*port != wire::kPort)
    log.write(Log::Level::notice, fmt::format("port 123 is taken or not permitted: serving on port {}", *port));
  return *port;
}

int run_daemon(const Options& options) {
  auto loaded = load_configuration(options);
  if (!loaded) return complain(loaded.error());
  if (!config::starts(loaded->messages)) {
    for (const config::Message& message : loaded->messages) fmt::print(stderr, "{}\n", config::text(message));
    return complain(fmt::format("{}: not started, see above", loaded->origin));
  }
  Log log;
  const auto port = find_port(options, log);
  if (!port) return complain(port.error());

  Background background;
  if (!options.stays_in_foreground)
    if (const auto entered = background.enter(); !entered) return complain(entered.error());
  if (const auto problem = direct_log(options, loaded->config, log); problem) return complain(*problem);
  for (const std::string& notice : options.notices) log.write(Log::Level::warning, notice);
  report(*loaded, log);
  if (options.raises_priority && setpriority(PRIO_PROCESS, 0, kNicest) != 0)
    log.write(Log::Level::warning, fmt::format("the priority can't be raised: {}", std::strerror(errno)));

  const auto drift_file = options.drift_file ? options.drift_file : loaded->config.drift_file;
  if (options.pid_file)
    if (const auto written = replace_file(*options.pid_file, fmt::format("{}\n", getpid()), Durability::written); !written)
      log.write(Log::Level::warning, fmt::format("pid file: {}", written.error().text));
  if (const auto problem = become(options); problem) return complain(*problem);

  engine::Settings settings = engine_settings(loaded->config, options);
  complete(settings, options, drift_file, log);
  Runner runner({.options = options,
                 .config = loaded->config,
                 .origin = loaded->origin,
                 .settings = std::move(settings),
                 .drift_file = drift_file,
                 .port = *port,
                 .log = log});
  if (const auto problem = runner.listen(); problem) return complain(*problem);
  background.ready();
  const int status = runner.run();
  if (options.pid_file) unlink(options.pid_file->c_str());
  return status;
}

}  // namespace

int start(const std::vector<std::string>& arguments) {
  const auto options = parse_options(arguments);
  if (!options) return complain(options.error());
  switch (options->task) {
    case Options::Task::show_help:
      fmt::print("{}", help_text());
      return 0;
    case Options::Task::show_version:
      fmt::print("{}", version_text());
      return 0;
    case Options::Task::print_defaults:
      fmt::print("{}", embedded_configuration(*options));
      return 0;
    case Options::Task::check_config:
      return check_config(*options);
    case Options::Task::run:
      return run_daemon(*options);
  }
  return kFailure;
}

}  // namespace ntp::daemon
