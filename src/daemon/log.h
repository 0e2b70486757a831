// SPDX-License-Identifier: BSD-2-Clause
//
// Where messages go: standard error, syslog or a file; never more than ten lines a second.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "engine/events.h"

namespace ntp::daemon {

class Log {
 public:
  using Level = engine::Log::Level;

  /// To standard error until told otherwise.
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  void to_stderr();
  void to_syslog();
  /// False, and nothing changes, if the file can't be opened for appending; errno says why.
  [[nodiscard]] bool to_file(const std::string& path);
  /// Opens the log file again, so that it can be rotated. Quietly keeps the old one if that fails.
  void reopen();
  /// Messages go nowhere while a live table owns the terminal; the last one can be shown in it.
  void keep_last_only() { target_ = Target::last_only; }

  void set_least_level(Level level) { least_level_ = level; }
  void write(Level level, std::string_view text);
  [[nodiscard]] const std::string& last() const { return last_; }

 private:
  enum class Target : std::uint8_t { stderr_stream, syslog, file, last_only };
  struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  [[nodiscard]] bool is_within_budget();
  void emit(Level level, std::string_view text);

  Target target_ = Target::stderr_stream;
  Level least_level_ = Level::info;
  std::unique_ptr<std::FILE, FileCloser> file_;
  std::string path_;
  std::string last_;
  std::int64_t budget_second_ = 0;
  int lines_this_second_ = 0;
  std::uint64_t suppressed_ = 0;
};

}  // namespace ntp::daemon
