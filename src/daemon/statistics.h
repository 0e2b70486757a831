// SPDX-License-Identifier: BSD-2-Clause
//
// Statistics files, in the classic's way: a line a record, a file a day (filegen), the bare name a hard link to the newest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "config/model.h"
#include "daemon/log.h"
#include "engine/events.h"
#include "engine/settings.h"

namespace ntp::daemon {

/// "MJD second " and the record, with a line feed; seconds, and NTP seconds for the four time stamps.
std::string statistics_line(const engine::WriteStatistics& statistics);

/// When a file begins, and so its suffix: "" (none) or with its dot. `at` by UTC; weeks are those of ISO 8601; an age is told in
/// seconds since the start, in whole days.
std::string file_suffix(config::StatisticsFile::Period period, Timestamp at, double age_s);

/// One type's files. Lines are kept for some seconds and written together; no file is synced.
class StatisticsWriter {
 public:
  /// `path` without suffix. Nothing is touched before the first line.
  StatisticsWriter(std::string path, const config::StatisticsFile& settings, Log& log);
  StatisticsWriter(const StatisticsWriter&) = delete;
  StatisticsWriter& operator=(const StatisticsWriter&) = delete;
  ~StatisticsWriter();

  void write(Timestamp at, double age_s, std::string_view line);
  /// Writes what is kept and closes the file; the next line opens it again, so that it can be rotated by others.
  void close();

 private:
  void flush();
  [[nodiscard]] bool open();
  void link_bare_name();
  void complain(std::string_view what, const std::string& path);

  std::string path_;
  config::StatisticsFile::Period period_;
  bool has_link_;
  Log& log_;
  std::string suffix_;
  std::string kept_;
  Timestamp flushed_;
  int fd_ = -1;
  bool is_line_broken_ = false;  ///< a full disk took a part of a line
  bool has_complained_ = false;
};

/// What the engine is to make records of. Nothing without a folder, or after `disable stats`.
engine::StatisticsSettings statistics_settings(const config::Statistics& statistics);

class StatisticsFiles {
 public:
  StatisticsFiles(const config::Statistics& statistics, Log& log);

  void write(const engine::WriteStatistics& statistics);
  void reopen();

 private:
  std::unique_ptr<StatisticsWriter> raw_;
  std::unique_ptr<StatisticsWriter> error_;
  MonoTime start_;
};

}  // namespace ntp::daemon
