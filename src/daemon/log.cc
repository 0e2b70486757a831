// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/log.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <fmt/format.h>

#include "daemon/statistics_lines.h"
#include "net/poll_loop.h"
#include "state/status.h"

namespace ntp::daemon {
namespace {

int syslog_priority(Log::Level level) {
  switch (level) {
    case Log::Level::debug:
      return LOG_DEBUG;
    case Log::Level::info:
      return LOG_INFO;
    case Log::Level::notice:
      return LOG_NOTICE;
    case Log::Level::warning:
      return LOG_WARNING;
    case Log::Level::error:
      return LOG_ERR;
  }
  return LOG_INFO;
}

const char* name_of(Log::Level level) {
  switch (level) {
    case Log::Level::debug:
      return "debug";
    case Log::Level::info:
      return "info";
    case Log::Level::notice:
      return "notice";
    case Log::Level::warning:
      return "warning";
    case Log::Level::error:
      return "error";
  }
  return "info";
}

config::LogClasses classes_of(engine::Log::Topic topic) {
  using config::LogKind;
  using config::LogSource;
  switch (topic) {
    case engine::Log::Topic::program:
      return 0;
    case engine::Log::Topic::sync_status:
      return config::log_class(LogSource::sync, LogKind::status);
    case engine::Log::Topic::sync_events:
      return config::log_class(LogSource::sync, LogKind::events);
    case engine::Log::Topic::sync_info:
      return config::log_class(LogSource::sync, LogKind::info);
  }
  return 0;
}

config::LogClasses classes_of(const engine::ReportEvent& event) {
  const bool is_peer = (event.code & state::kPeerEventBit) != 0;
  return config::log_class(is_peer ? config::LogSource::peer : config::LogSource::sys, config::LogKind::events);
}

std::string stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
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

std::FILE* Log::open_file(const std::string& path) {
  constexpr int kMode = 0644;
  // A named pipe must not hold up the daemon, neither here nor when its reader is slow.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  constexpr const char* kWrongKind = "neither a file nor a device";
  int fd = open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode);
  has_created_file_ = fd >= 0;
  if (fd < 0 && errno == EEXIST) fd = open(path.c_str(), kFlags | O_CREAT, kMode);
  if (fd < 0) {
    problem_ = errno == ENXIO ? kWrongKind : std::strerror(errno);
    return nullptr;
  }
  struct stat status{};
  if (fstat(fd, &status) != 0 || (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))) {
    problem_ = kWrongKind;
    close(fd);
    return nullptr;
  }
  static_cast<void>(fcntl(fd, F_SETFL, O_APPEND));
  return fdopen(fd, "a");
}

bool Log::to_file(const std::string& path, std::string_view farewell) {
  std::FILE* file = open_file(path);
  if (file == nullptr) return false;
  if (!farewell.empty()) answer(Level::notice, farewell);
  file_.reset(file);
  path_ = path;
  target_ = Target::file;
  return true;
}

bool Log::reopen() {
  if (target_ != Target::file) return true;
  std::FILE* file = open_file(path_);
  if (file == nullptr) return false;
  file_.reset(file);
  return true;
}

void Log::give_to(uid_t user, gid_t group) {
  // Without the right to give it away the log stays as it is, and only its rotation needs help.
  if (target_ == Target::file && has_created_file_) static_cast<void>(!fchown(fileno(file_.get()), user, group));
}

bool LogBudget::take(MonoTime now) {
  MonoTime& oldest = taken_.at(count_ % lines_);
  if (count_ >= lines_ && now - oldest < 1.0) return false;
  oldest = now;
  ++count_;
  return true;
}

bool Log::is_within(LogBudget& budget) {
  if (!has_budget_) return true;
  const MonoTime now = net::monotonic_now();
  if (suppressed_ > 0 && now >= next_summary_ && budget.take(now)) {
    emit(Level::warning, fmt::format("{} messages were too many in a second and are lost", suppressed_));
    suppressed_ = 0;
    next_summary_ = now + 1.0;
  }
  if (budget.take(now)) return true;
  ++suppressed_;
  return false;
}

bool Log::wants(Level level, config::LogClasses classes) const {
  if (level < least_level_) return false;
  return classes == 0 || level >= Level::warning || least_level_ == Level::debug || (classes & classes_) != 0;
}

void Log::write(const engine::Log& line) {
  if (wants(line.level, classes_of(line.topic))) write(line.level, line.text);
}

void Log::write(const engine::ReportEvent& event) {
  if (wants(Level::info, classes_of(event))) write(Level::info, event_text(event));
}

void Log::write(Level level, std::string_view text) {
  if (level < least_level_) return;
  if (level >= Level::info) last_ = text;
  if (is_within(budget_)) emit(level, text);
}

void Log::answer(Level level, std::string_view text) {
  if (level < least_level_) return;
  if (level >= Level::info) last_ = text;
  if (is_within(answers_)) emit(level, text);
}

namespace {

/// A full disk or a reader that is gone costs the line, never the daemon (fmt::print would throw).
void put(std::FILE* stream, Log::Level level, std::string_view text) {
  const std::string line = fmt::format("{} ntpd: {}: {}\n", stamp(), name_of(level), text);
  std::fwrite(line.data(), 1, line.size(), stream);
  std::fflush(stream);
}

}  // namespace

void Log::emit(Level level, std::string_view text) {
  switch (target_) {
    case Target::last_only:
      return;
    case Target::syslog:
      syslog(syslog_priority(level), "%.*s", static_cast<int>(text.size()), text.data());
      return;
    case Target::stderr_stream:
      put(stderr, level, text);
      return;
    case Target::file:
      put(file_.get(), level, text);
      return;
  }
}

}  // namespace ntp::daemon
