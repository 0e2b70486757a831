// SPDX-License-Identifier: BSD-2-Clause
//
// Where messages go: standard error, syslog or a file; never more than ten lines a second of events, and fifty of answers to signals.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/time.h"
#include "config/model.h"
#include "engine/events.h"

namespace ntp::daemon {

/// At most so many lines in any second, wherever it begins.
class LogBudget {
 public:
  static constexpr std::size_t kLinesPerSecond = 10;
  static constexpr std::size_t kMostLinesPerSecond = 50;

  explicit LogBudget(std::size_t lines_per_second = kLinesPerSecond) : lines_(lines_per_second) {}

  /// True if a line may be written now; it counts.
  bool take(MonoTime now);

 private:
  std::size_t lines_;                                  ///< a second; at most kMostLinesPerSecond
  std::array<MonoTime, kMostLinesPerSecond> taken_{};  ///< a ring of the last lines
  std::size_t count_ = 0;                              ///< all lines so far
};

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
  /// False, and nothing changes, if the file can't be opened for appending; problem() says why. `farewell` is the last line where
  /// the log has gone until now, if it goes on elsewhere.
  [[nodiscard]] bool to_file(const std::string& path, std::string_view farewell = {});
  /// Opens the log file again, so that it can be rotated. If that fails the old one stays; problem() says why.
  [[nodiscard]] bool reopen();
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// Lets `user` open the log again later, if this process has created the file.
  void give_to(uid_t user, gid_t group);
  /// From here on the budget holds: start-up says all it has to say.
  void start_budget() { has_budget_ = true; }
  /// Messages go nowhere while a live table owns the terminal; the last one can be shown in it.
  void keep_last_only() { target_ = Target::last_only; }

  void set_least_level(Level level) { least_level_ = level; }
  /// logconfig: of the lines that belong to a class, only these. Debugging (-d) writes all.
  void set_classes(config::LogClasses classes) { classes_ = classes; }
  /// True if a line of this level and class would be written. No class: always; a warning and worse: always, too.
  [[nodiscard]] bool wants(Level level, config::LogClasses classes) const;
  void write(Level level, std::string_view text);
  /// What an operator's signal asked for: with a budget of its own, since the network's is for what the network brings about.
  void answer(Level level, std::string_view text);
  void write(const engine::Log& line);
  void write(const engine::ReportEvent& event);
  [[nodiscard]] const std::string& last() const { return last_; }

 private:
  enum class Target : std::uint8_t { stderr_stream, syslog, file, last_only };
  struct FileCloser {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the deleter of a unique_ptr
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  [[nodiscard]] bool is_within(LogBudget& budget);
  [[nodiscard]] std::FILE* open_file(const std::string& path);
  void emit(Level level, std::string_view text);

  Target target_ = Target::stderr_stream;
  Level least_level_ = Level::info;
  config::LogClasses classes_ = config::kDefaultLogClasses;
  std::unique_ptr<std::FILE, FileCloser> file_;
  std::string path_;
  std::string last_;
  std::string problem_;
  LogBudget budget_;
  LogBudget answers_{LogBudget::kMostLinesPerSecond};
  bool has_budget_ = false;
  bool has_created_file_ = false;
  std::uint64_t suppressed_ = 0;
  MonoTime next_summary_;
};

}  // namespace ntp::daemon
