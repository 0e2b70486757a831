// SPDX-License-Identifier: BSD-2-Clause
#include "state/leap_smear.h"

#include <cmath>
#include <numbers>

namespace ntp::state {

double leap_smear_s(double until_s, int change_s, double interval_s) {
  if (change_s == 0 || !(interval_s > 0) || until_s >= interval_s) return 0;
  if (until_s <= 0) return -change_s;
  return -change_s * (1.0 - std::cos(std::numbers::pi * (interval_s - until_s) / interval_s)) / 2.0;
}

}  // namespace ntp::state
