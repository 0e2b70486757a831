// SPDX-License-Identifier: BSD-2-Clause
//
// How often to ask a source: as seldom as the error allows, and no more often than a budget. (docs/design/clock.md,
// "Polling")
#pragma once

#include "estimator/clock_bank.h"

namespace ntp::estimator {

class PollPlanner {
 public:
  /// dt_s went by since the last exchange.
  void passed(double dt_s) { elapsed_s_ = dt_s; }
  /// An exchange was taken in.
  void measured(const ClockBank& bank);
  [[nodiscard]] int advise(const ClockBank& bank, int min_log2s, int max_log2s) const;

 private:
  double elapsed_s_ = 0;
  double spent_ = 0;       ///< exchanges since the start or the last trouble
  double usual_walk_ = 0;  ///< of the frequency, 1/s, over the last days
};

}  // namespace ntp::estimator
