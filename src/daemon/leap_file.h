// SPDX-License-Identifier: BSD-2-Clause
//
// The leap file (leapfile): read at the start, with each new configuration, and every day.
#pragma once

#include <memory>
#include <optional>

#include "base/time.h"
#include "config/model.h"
#include "daemon/log.h"
#include "engine/settings.h"
#include "policy/leap_table.h"

namespace ntp::daemon {

/// The table of the file; null if there is no file or it is bad, which the log says.
std::shared_ptr<const policy::LeapTable> read_leap_file(const std::optional<config::LeapFile>& file, Log& log);

class LeapFile {
 public:
  static constexpr double kInterval_s = 86400;

  /// Reads it.
  LeapFile(std::optional<config::LeapFile> file, Log& log);

  /// Reads it again, or another one. A bad file leaves the table as it was.
  void configure(std::optional<config::LeapFile> file);
  [[nodiscard]] const std::shared_ptr<const policy::LeapTable>& table() const { return table_; }
  /// With the tables of the file and of the program.
  [[nodiscard]] engine::Settings completed(engine::Settings settings) const;

  [[nodiscard]] MonoTime next_deadline() const { return next_; }
  /// Reads it again if that is due; true if there is a table to be told of.
  bool tick(MonoTime now);

 private:
  bool read();

  std::optional<config::LeapFile> file_;
  Log& log_;
  std::shared_ptr<const policy::LeapTable> table_;
  MonoTime next_ = MonoTime::never();
};

}  // namespace ntp::daemon
