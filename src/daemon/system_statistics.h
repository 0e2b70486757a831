// SPDX-License-Identifier: BSD-2-Clause
//
// sysstats: what came in each hour, and in what is left of one at the end.
#pragma once

#include "base/time.h"
#include "state/packet_counts.h"

namespace ntp::daemon {

class SystemStatistics {
 public:
  static constexpr double kInterval_s = 3600;

  /// Counts from `start` on.
  explicit SystemStatistics(MonoTime start) : reset_at_(start) {}

  [[nodiscard]] MonoTime next_deadline() const { return reset_at_ + kInterval_s; }
  struct Record {
    double since_reset_s = 0;
    state::PacketCounts counts;
  };
  /// What came since the last call; `totals` since the start.
  Record take(MonoTime now, const state::PacketCounts& totals) {
    const Record record{.since_reset_s = now - reset_at_, .counts = totals.since(seen_)};
    reset_at_ = now;
    seen_ = totals;
    return record;
  }

 private:
  MonoTime reset_at_;
  state::PacketCounts seen_;
};

}  // namespace ntp::daemon
