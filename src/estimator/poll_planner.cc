// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/poll_planner.h"

#include <algorithm>
#include <cmath>

namespace ntp::estimator {
namespace {

/// Exchanges at the shortest interval to learn clock and path, then as many at the double, and so on.
constexpr double kLearning = 24;
constexpr double kLearningStep = 12;
/// In the long run an eighth of what the shortest interval would send.
constexpr int kBudgetSteps = 3;
/// The error at the end of the interval may be this much greater than at its beginning.
constexpr double kGrowth = 1.25;
constexpr double kMemory = 50;

}  // namespace

void PollPlanner::measured(const ClockBank& bank) {
  spent_ += 1;
  const double walk = std::pow(bank.estimate(0).wander, 2);
  usual_walk_ = usual_walk_ == 0 ? walk : usual_walk_ + (walk - usual_walk_) / std::min(spent_, kMemory);
}

int PollPlanner::advise(const ClockBank& bank, int min_log2s, int max_log2s) const {
  const int learning = spent_ < kLearning ? 0 : static_cast<int>((spent_ - kLearning) / kLearningStep) + 1;
  const int steady = std::min(kBudgetSteps, learning);
  int poll = std::clamp(min_log2s + steady, min_log2s, std::max(min_log2s, max_log2s));
  if (steady < kBudgetSteps) return poll;
  const double now_s = bank.estimate(0).tracking_deviation_s;
  while (poll < max_log2s && bank.estimate(std::ldexp(1.0, poll + 1)).tracking_deviation_s < kGrowth * now_s) ++poll;
  return poll;
}

}  // namespace ntp::estimator
