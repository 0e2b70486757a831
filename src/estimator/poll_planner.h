// SPDX-License-Identifier: BSD-2-Clause
//
// How often to ask a source: as seldom as the error allows, and no more often than a budget. (docs/design/clock.md,
// "Polling")
#pragma once

#include <optional>

#include "estimator/clock_bank.h"

namespace ntp::estimator {

/// Intervals as powers of two, seconds.
struct PollBounds {
  int min_log2s = 6;
  int max_log2s = 10;
  /// In the long run; without it, an eighth of what the shortest interval would send.
  std::optional<double> packets_per_hour;
};

class PollPlanner {
 public:
  /// An exchange was taken in.
  void measured(const ClockBank& bank);
  [[nodiscard]] int advise(const ClockBank& bank, const PollBounds& bounds) const;

 private:
  double taken_ = 0;       ///< exchanges since the start
  double usual_walk_ = 0;  ///< of the frequency, 1/s, over the last exchanges
  double reserve_ = 0;     ///< exchanges saved for trouble
  bool is_troubled_ = false;
};

}  // namespace ntp::estimator
