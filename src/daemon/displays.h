// SPDX-License-Identifier: BSD-2-Clause
//
// What people and scripts see of a running daemon: the live table on the terminal, and the status file.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "daemon/log.h"
#include "daemon/options.h"
#include "state/variable_set.h"
#include "state/view.h"

namespace ntp::daemon {

class Displays {
 public:
  /// Both outlive the displays. Nothing is due before begin().
  Displays(const Options& options, Log& log) : options_(options), log_(log) {}

  void begin(MonoTime now);
  [[nodiscard]] MonoTime next_deadline() const;

  struct Content {
    const state::View& view;
    const state::VariableSet& variables;
    const std::string& origin;  ///< of the configuration
    std::uint16_t port = 123;
    std::uint64_t answered = 0;
  };
  /// Shows what is due.
  void show(MonoTime now, const Content& content);

 private:
  void write_status(MonoTime now, const Content& content);
  void draw_live_table(MonoTime now, const Content& content);

  const Options& options_;
  Log& log_;
  MonoTime next_status_ = MonoTime::never();
  MonoTime next_table_ = MonoTime::never();
  bool has_status_warning_ = false;
};

}  // namespace ntp::daemon
