// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/reload.h"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/places.h"
#include "daemon/reading_advice.h"

namespace ntp::daemon {
namespace {

constexpr const char* kEmbedded = "embedded default";

Log::Level level_of(config::Severity severity) {
  switch (severity) {
    case config::Severity::error:
      return Log::Level::error;
    case config::Severity::unsupported:
      return Log::Level::warning;
    case config::Severity::obsolete:
      return Log::Level::notice;
    case config::Severity::warning:
      return Log::Level::warning;
  }
  return Log::Level::error;
}

bool is_fault(const config::Message& message) {
  return message.refuses_start || message.severity == config::Severity::error;
}

}  // namespace

void report(std::vector<config::Message> messages, Log& log) {
  std::ranges::stable_partition(messages, is_fault);
  for (std::size_t i = 0; i < messages.size() && i < kReportedMessages; ++i)
    log.answer(level_of(messages[i].severity), config::text(messages[i]));
  if (messages.size() > kReportedMessages)
    log.answer(Log::Level::warning,
               fmt::format("{} more messages about the configuration: ntpd --check-config shows them",
                           messages.size() - kReportedMessages));
}

std::expected<LoadedConfiguration, std::vector<std::string>> read_again(const Options& options,
                                                                        const std::string& origin) {
  auto loaded = load_configuration(options);
  if (!loaded)
    return std::unexpected(std::vector{loaded.error() + reading_advice(loaded.error(), options.config_file)});
  if (loaded->origin == kEmbedded && origin != kEmbedded)
    return std::unexpected(std::vector{
        fmt::format("{} is gone{}", origin, options.jail ? fmt::format(" (looked for in {})", *options.jail) : "")});
  std::vector<std::string> faults;
  for (const config::Message& message : loaded->messages)
    if (is_fault(message)) faults.push_back(config::text(message) + reading_advice(message.text, "that file"));
  if (!faults.empty()) {
    const std::size_t count = faults.size();
    faults.resize(std::min(count, kReportedMessages));
    if (count > faults.size())
      faults.push_back(fmt::format("{} more faults: ntpd --check-config shows them", count - faults.size()));
    return std::unexpected(std::move(faults));
  }
  merge_options(loaded->config, options);
  return std::move(*loaded);
}

}  // namespace ntp::daemon
