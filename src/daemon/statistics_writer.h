// SPDX-License-Identifier: BSD-2-Clause
//
// The files of one type of statistics, in the classic's way: a file a day (filegen), the bare name a hard link to the newest.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "config/model.h"
#include "daemon/log.h"

namespace ntp::daemon {

/// Lines are kept for some seconds and written together; no file is synced. Time passes in seconds since the program's start
/// (`age_s`), whatever becomes of the clock.
class StatisticsWriter {
 public:
  /// `path` without suffix. Nothing is touched before the first line.
  StatisticsWriter(std::string path, const config::StatisticsFile& settings, Log& log);
  StatisticsWriter(const StatisticsWriter&) = delete;
  StatisticsWriter& operator=(const StatisticsWriter&) = delete;
  ~StatisticsWriter();

  void write(Timestamp at, double age_s, std::string_view line);
  /// The age at which kept lines want to be written; infinite if there are none.
  [[nodiscard]] double due_age_s() const;
  /// Writes what is due.
  void tick(double age_s);
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
  double kept_since_s_ = 0;  ///< age of the oldest kept line
  double flushed_at_s_;      ///< age of the last writing
  int fd_ = -1;
  bool is_line_broken_ = false;  ///< a full disk took a part of a line
  bool has_complained_ = false;
};

}  // namespace ntp::daemon
