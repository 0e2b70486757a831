// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/places.h"

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ntp::daemon {
namespace {

constexpr const char* kStateFolder = "/var/lib/ntp";

/// `folder` empty: the name stays.
void make_absolute(std::string& name, const std::string& folder) {
  if (folder.empty() || name.empty() || name == "stderr" || name == "syslog") return;
  name = (std::filesystem::path(folder) / name).string();
}
void make_absolute(std::optional<std::string>& name, const std::string& folder) {
  if (name) make_absolute(*name, folder);
}

}  // namespace

Options with_absolute_names(Options options) {
  if (options.stays_in_foreground || options.jail) return options;
  options.start_folder = std::filesystem::current_path().string();
  make_absolute(options.config_file, options.start_folder);
  make_absolute(options.key_file, options.start_folder);
  for (auto* name :
       {&options.drift_file, &options.log_file, &options.pid_file, &options.status_file, &options.statistics_folder})
    make_absolute(*name, options.start_folder);
  return options;
}

void merge_options(config::Config& config, const Options& options) {
  if (options.statistics_folder) config.statistics.folder = options.statistics_folder;
  // Of two keys of one id the later one counts, and an option comes before the configuration's word.
  if (options.key_file) config.keys.files.push_back(*options.key_file);
  config.variables.insert(config.variables.end(), options.variables.begin(), options.variables.end());
  for (const std::uint32_t id : options.trusted_keys) config.keys.trusted.push_back({.first = id, .last = id});

  const std::string& folder = options.start_folder;
  if (config.temperature_sensor) make_absolute(config.temperature_sensor->file, folder);
  if (config.leap_file) make_absolute(config.leap_file->path, folder);
  for (std::string& file : config.keys.files) make_absolute(file, folder);
  for (auto* name : {&config.drift_file, &config.log_file, &config.pid_file, &config.statistics.folder})
    make_absolute(*name, folder);
}

std::optional<std::string> direct_log(const Options& options, const config::Config& config, Log& log,
                                      std::string_view farewell) {
  if (options.debug_level > 0) log.set_least_level(Log::Level::debug);
  const std::string file = options.log_file ? *options.log_file : config.log_file.value_or("");
  const bool is_live_picture = options.shows_live_table && isatty(STDOUT_FILENO) == 1;
  if (!file.empty() && file != "stderr" && file != "syslog") {
    if (!log.to_file(file, farewell)) return fmt::format("log file {}: {}", file, log.problem());
    return std::nullopt;
  }
  if (!farewell.empty()) log.answer(Log::Level::notice, farewell);
  if (file == "syslog") {
    log.to_syslog();
  } else if (is_live_picture && file.empty() && options.debug_level == 0) {
    log.keep_last_only();
  } else if (options.stays_in_foreground) {
    log.to_stderr();
  } else {
    log.to_syslog();
    if (file == "stderr")
      log.write(Log::Level::warning, "in the background there is no standard error: logging to syslog");
  }
  return std::nullopt;
}

std::optional<std::string> choose_drift_file(const Options& options, const config::Config& config) {
  if (options.drift_file) return options.drift_file;
  if (config.drift_file == "") return std::nullopt;  // driftfile without a file: nowhere
  if (config.drift_file) return config.drift_file;
  struct stat folder{};
  const bool is_folder = stat(kStateFolder, &folder) == 0 && S_ISDIR(folder.st_mode);
  if (!is_folder || access(kStateFolder, W_OK | X_OK) != 0) return std::nullopt;
  return fmt::format("{}/ntp.drift", kStateFolder);
}

}  // namespace ntp::daemon
