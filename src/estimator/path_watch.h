// SPDX-License-Identifier: BSD-2-Clause
//
// Notices that a path or its server is not what it was: a new route, whose asymmetry nobody knows, or a jump of the time that
// no queue explains. (docs/design/clock.md, "New routes and jumps")
#pragma once

namespace ntp::estimator {

/// What one exchange gives reason to doubt, as standard deviations; 0: nothing.
struct Doubt {
  double path_s = 0;    ///< of the path's constant error
  double offset_s = 0;  ///< of the clock's offset, if this path is all that there is; of the path's error otherwise
};

class PathWatch {
 public:
  /// Before the exchange is taken in. floor_shift_s: how much the path's floor moved with it.
  Doubt before(double floor_shift_s);
  /// After it. miss_s: measured minus expected.
  Doubt after(double outlier_share, double miss_s);

 private:
  double unknown_half_s_ = 0;  ///< of a new route: half of what its floor differs by
  int good_ = 0;
  int outliers_ = 0;
};

}  // namespace ntp::estimator
