// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/start.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include "daemon/background.h"
#include "daemon/config_commands.h"
#include "daemon/config_files.h"
#include "daemon/configuration.h"
#include "daemon/drift_file.h"
#include "daemon/files.h"
#include "daemon/key_files.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/pid_file.h"
#include "daemon/places.h"
#include "daemon/privileges.h"
#include "daemon/reload.h"
#include "daemon/runner.h"

namespace ntp::daemon {
namespace {

constexpr int kFailure = 1;
constexpr int kNicest = -10;

int complain(const std::string& message) {
  fmt::print(stderr, "ntpd: {}\n", message);
  return kFailure;
}

std::optional<engine::DriftRecord> read_drift(const std::string& path, Log& log) {
  const auto content = read_file(path, 4096);
  if (!content) {
    if (access(path.c_str(), F_OK) == 0)
      log.write(Log::Level::warning, fmt::format("drift file: {}", content.error().text));
    return std::nullopt;
  }
  const auto drift = parse_drift(*content);
  if (drift && !drift->notice.empty())
    log.write(Log::Level::notice, fmt::format("drift file {}: the second line is not used: {}", path, drift->notice));
  if (drift) return drift->drift;
  log.write(Log::Level::warning,
            fmt::format("drift file {} is not used: {}. The frequency is measured anew and the file "
                        "written later",
                        path, drift.error()));
  return std::nullopt;
}

/// What only the running machine can say.
void complete(engine::Settings& settings, const Options& options, const std::optional<std::string>& drift_file,
              Log& log) {
  clock::LinuxClock clock;
  settings.precision_log2s = clock.measure_precision().log2s;
  if (const auto frequency = clock.frequency_ppm()) settings.kernel_frequency_ppm = *frequency;
  if (drift_file && !settings.drift) settings.drift = read_drift(*drift_file, log);
  if (options.sets_clock && !may_set_clock()) {
    log.write(Log::Level::warning, "no right to set the clock (CAP_SYS_TIME): time is measured and served only");
    settings.sets_clock = false;
  }
  if (settings.sets_clock) static_cast<void>(clock.cancel_slews());
}

std::optional<std::string> become(const Options& options, const std::optional<Account>& account) {
  if (options.jail)
    if (const auto changed = change_root(*options.jail); !changed)
      return fmt::format("-i {}: {}", *options.jail, changed.error());
  if (!account) return std::nullopt;
  if (const auto dropped = drop_privileges(*account); !dropped) return dropped.error();
  return std::nullopt;
}

std::expected<std::uint16_t, std::string> find_port(const Options& options) {
  const auto port = choose_port(wire::kPort, options.takes_any_port);
  if (!port) {
    if (port.error().os_error == EADDRINUSE)
      return std::unexpected(
          "port 123 is already in use: another time service runs here. Stop it first (only one can set the "
          "clock), or let --any-port take a free one");
    if (port.error().os_error == EACCES)
      return std::unexpected("port 123 may be bound by root alone: start as root, or let --any-port take a free one");
    return std::unexpected(fmt::format("port 123: {}", port.error().text()));
  }
  return *port;
}

/// Before root is dropped: as a rule, root alone may read them. Null without a keys line; an error refuses the start.
std::expected<std::shared_ptr<const policy::KeyRing>, std::string> read_keys(const LoadedConfiguration& loaded,
                                                                             Log& log) {
  LoadedKeys keys = load_keys(loaded.config, loaded.origin, KeysPurpose::use);
  report(keys.messages, log);
  if (const auto refusal = std::ranges::find_if(keys.messages, &config::Message::refuses_start);
      refusal != keys.messages.end())
    return std::unexpected(config::text(*refusal));
  if (const auto notice = keys.ring == nullptr ? std::nullopt : key_memory_notice(*keys.ring))
    log.write(Log::Level::warning, *notice);
  return std::move(keys.ring);
}

/// Start-up from the port on. In the background this is the child; the parent waits for ready() or for the end.
int serve(const Options& options, const LoadedConfiguration& loaded, std::uint16_t port, Background& background) {
  Log log;
  if (const auto problem = direct_log(options, loaded.config, log); problem) return complain(*problem);
  if (port != wire::kPort)
    log.write(Log::Level::notice,
              fmt::format("port {} is taken or not permitted: serving on port {}", wire::kPort, port));
  for (const std::string& notice : options.notices) log.write(Log::Level::warning, notice);
  report(loaded.messages, log);
  auto keys = read_keys(loaded, log);
  if (!keys) return complain(keys.error());
  if (options.raises_priority && setpriority(PRIO_PROCESS, 0, kNicest) != 0)
    log.write(Log::Level::warning, fmt::format("the priority can't be raised: {}", std::strerror(errno)));

  const ServiceManager manager;
  const auto account = choose_account(options.user);
  if (!account) return complain(account.error());
  if (const std::optional<Account>& who = *account; who) log.give_to(who->user, who->group);
  PidFile pid_file;
  if (const auto name = options.pid_file ? options.pid_file : loaded.config.pid_file; name)
    if (const auto written = pid_file.write(*name); !written)
      log.write(Log::Level::warning, fmt::format("pid file: {}", written.error()));
  if (const auto problem = become(options, *account); problem) return complain(*problem);
  if (*keys != nullptr) forbid_dumps();

  if (options.quits_after_set && !may_set_clock()) return complain("-q: no right to set the clock (CAP_SYS_TIME)");
  const auto drift_file = choose_drift_file(options, loaded.config);
  engine::Settings settings = engine_settings(loaded.config, options);
  // Not kept here: whoever keeps the keys decides when they are wiped.
  settings.keys = std::move(*keys);
  complete(settings, options, drift_file, log);
  Runner runner({.options = options,
                 .config = loaded.config,
                 .origin = loaded.origin,
                 .settings = std::move(settings),
                 .drift_file = drift_file,
                 .port = port,
                 .log = log,
                 .manager = manager});
  if (const auto problem = runner.listen(); problem) return complain(*problem);
  background.ready();
  return runner.run();
}

int run_daemon(const Options& given) {
  auto loaded = load_configuration(given);
  if (!loaded) return complain(loaded.error());
  if (!config::starts(loaded->messages)) {
    for (const config::Message& message : loaded->messages) fmt::print(stderr, "{}\n", config::text(message));
    return complain(fmt::format("{}: not started, see above", loaded->origin));
  }
  const Options options = with_absolute_names(given);
  merge_options(loaded->config, options);
  const auto port = find_port(options);
  if (!port) return complain(port.error());

  Background background;
  if (!options.stays_in_foreground)
    if (const auto entered = background.enter(); !entered) return complain(entered.error());
  return serve(options, *loaded, *port, background);
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
    case Options::Task::save_config:
      return save_config(*options);
    case Options::Task::run:
      return run_daemon(*options);
  }
  return kFailure;
}

}  // namespace ntp::daemon
