// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/log.h"

#include <array>
#include <ctime>
#include <fmt/format.h>
#include <syslog.h>

namespace ntp::daemon {
namespace {

constexpr int kLinesPerSecond = 10;

int syslog_priority(Log::Level level) {
  switch (level) {
    case Log::Level::debug: return LOG_DEBUG;
    case Log::Level::info: return LOG_INFO;
    case Log::Level::notice: return LOG_NOTICE;
    case Log::Level::warning: return LOG_WARNING;
    case Log::Level::error: return LOG_ERR;
  }
  return LOG_INFO;
}

const char* name_of(Log::Level level) {
  switch (level) {
    case Log::Level::debug: return "debug";
    case Log::Level::info: return "info";
    case Log::Level::notice: return "notice";
    case Log::Level::warning: return "warning";
    case Log::Level::error: return "error";
  }
  return "info";
}

std::string stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

std::int64_t monotonic_second() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

}  // namespace

Log::~Log() {
  if (target_ == Target::syslog) closelog();
}

void Log::to_stderr() { target_ = Target::stderr_stream; }

void Log::to_syslog() {
  openlog("ntpd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
  target_ = Target::syslog;
}

bool Log::to_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return false;
  file_.reset(file);
  path_ = path;
  target_ = Target::file;
  return true;
}

void Log::reopen() {
  if (target_ != Target::file) return;
  if (std::FILE* file = std::fopen(path_.c_str(), "ae"); file != nullptr) file_.reset(file);
}

bool Log::is_within_budget() {
  const std::int64_t second = monotonic_second();
  if (second != budget_second_) {
    budget_second_ = second;
    lines_this_second_ = 0;
    if (suppressed_ > 0) emit(Level::warning, fmt::format("{} messages were too many in a second and are lost", suppressed_));
    suppressed_ = 0;
  }
  if (lines_this_second_ >= kLinesPerSecond) {
    ++suppressed_;
    return false;
  }
  ++lines_this_second_;
  return true;
}

void Log::write(Level level, std::string_view text) {
  if (level < least_level_) return;
  if (level >= Level::info) last_ = text;
  if (is_within_budget()) emit(level, text);
}

void Log::emit(Level level, std::string_view text) {
  switch (target_) {
    case Target::last_only:
      return;
    case Target::syslog:
      syslog(syslog_priority(level), "%.*s", static_cast<int>(text.size()), text.data());
      return;
    case Target::stderr_stream:
      fmt::print(stderr, "{} ntpd: {}: {}\n", stamp(), name_of(level), text);
      return;
    case Target::file:
      fmt::print(file_.get(), "{} ntpd: {}: {}\n", stamp(), name_of(level), text);
      std::fflush(file_.get());
      return;
  }
}

}  // namespace ntp::daemon
