// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/config_commands.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/json_text.h"
#include "config/advice.h"
#include "config/print.h"
#include "daemon/access_rules.h"
#include "daemon/config_files.h"
#include "daemon/files.h"
#include "daemon/key_files.h"
#include "daemon/places.h"

namespace ntp::daemon {
namespace {

constexpr int kFailure = 1;

using Messages = std::vector<config::Message>;

void print_as_json(const std::string& origin, const Messages& messages) {
  fmt::print("{{\"configuration\":\"{}\",\"clean\":{},\"messages\":[", json_text(origin), config::is_clean(messages));
  const char* separator = "";
  for (const config::Message& m : messages) {
    fmt::print(R"({}{{"file":"{}","line":{},"column":{},"severity":"{}","text":"{}","token":"{}","nearest":"{}",)"
               R"("refuses_start":{}}})",
               separator, json_text(m.file), m.line, m.column, config::name(m.severity), json_text(m.text),
               json_text(m.token), json_text(m.nearest), m.refuses_start);
    separator = ",";
  }
  fmt::print("]}}\n");
}

const char* verdict_on(const Messages& messages) {
  if (config::is_clean(messages)) return "good";
  return config::starts(messages) ? "ntpd starts, without what is named above" : "ntpd refuses to start with it";
}

std::optional<std::string> write_in_place(const std::string& path, std::string_view text) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "w");
  if (file == nullptr) return fmt::format("{}: {}", path, std::strerror(errno));
  const bool is_whole = std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
  const int error = errno;
  if (file != stdout) std::fclose(file);
  if (!is_whole) return fmt::format("{}: {}", path, std::strerror(error));
  return std::nullopt;
}

/// A file is replaced as a whole; a device or a pipe is written to.
std::optional<std::string> write_out(const std::string& path, std::string_view text) {
  struct stat target{};
  if (path == "-" || (stat(path.c_str(), &target) == 0 && !S_ISREG(target.st_mode))) return write_in_place(path, text);
  // Lines that are kept as comments may hold passwords.
  umask(S_IRWXG | S_IRWXO);
  if (const auto written = replace_file(path, text, Durability::synced); !written) return written.error().text;
  return std::nullopt;
}

}  // namespace

int check_config(const Options& options) {
  std::string origin = options.config_file;
  Messages messages;
  if (const auto read = parse_configuration(options); !read) {
    messages.push_back({.file = origin, .text = read.error(), .refuses_start = true});
  } else {
    origin = read->origin;
    messages = read->parsed.messages;
    const Messages more = config::advice(read->parsed, origin);
    messages.insert(messages.end(), more.begin(), more.end());
    if (auto notice = built_in_notice(read->parsed.config.restricts))
      messages.push_back({.file = origin, .severity = config::Severity::warning, .text = std::move(*notice)});
    if (auto notice = open_notice(read->parsed.config.restricts))
      messages.push_back({.file = origin, .severity = config::Severity::warning, .text = std::move(*notice)});
    config::Config config = read->parsed.config;
    merge_options(config, options);
    const LoadedKeys keys = load_keys(config, origin, KeysPurpose::check);
    messages.insert(messages.end(), keys.messages.begin(), keys.messages.end());
  }
  if (options.checks_as_json) {
    print_as_json(origin, messages);
  } else {
    for (const config::Message& message : messages) fmt::print("{}\n", config::text(message));
    fmt::print("{}: {}\n", origin, verdict_on(messages));
  }
  return config::is_clean(messages) ? 0 : kFailure;
}

int save_config(const Options& options) {
  const auto read = parse_configuration(options);
  if (!read) {
    fmt::print(stderr, "ntpd: {}\n", read.error());
    return kFailure;
  }
  for (const config::Message& message : read->parsed.messages) fmt::print(stderr, "{}\n", config::text(message));
  if (!config::starts(read->parsed.messages)) {
    fmt::print(stderr, "ntpd: {}: nothing saved: ntpd would not start with it, see above\n", read->origin);
    return kFailure;
  }
  const std::string text = fmt::format("# The effective configuration of {}, saved by Meridian ntpd {}\n",
                                       config::quotable(read->origin), MERIDIAN_VERSION) +
                           config::saved_configuration(read->parsed);
  if (const auto problem = write_out(options.save_file, text); problem) {
    fmt::print(stderr, "ntpd: --saveconfigquit: {}\n", *problem);
    return kFailure;
  }
  return 0;
}

}  // namespace ntp::daemon
