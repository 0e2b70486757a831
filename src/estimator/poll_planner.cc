// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/poll_planner.h"

#include <algorithm>
#include <cmath>

namespace ntp::estimator {
namespace {

/// Exchanges at the shortest interval to learn clock and path, then half as many at the double, and so on.
constexpr double kLearning = 24;
constexpr double kLearningStep = 12;
/// In the long run an eighth of what the shortest interval would send.
constexpr int kBudgetSteps = 3;
/// The error at the end of a longer interval may be this much greater than at its beginning.
constexpr double kGrowth = 1.25;

// A clock that wanders more than it used to is asked about more often, out of what was saved before.
constexpr double kMemory = 50;
constexpr double kTrouble = 9;  ///< times the usual variance
constexpr double kSaved = 0.25;
constexpr double kMostSaved = 16;
constexpr int kTroubleSteps = 2;

int steady_log2s(const PollBounds& bounds) {
  if (!bounds.packets_per_hour) return bounds.min_log2s + kBudgetSteps;
  return static_cast<int>(std::ceil(std::log2(3600 / *bounds.packets_per_hour)));
}

}  // namespace

void PollPlanner::measured(const ClockBank& bank) {
  taken_ += 1;
  const double walk = std::pow(bank.estimate(0).wander, 2);
  is_troubled_ = taken_ > kMemory && walk > kTrouble * usual_walk_;
  reserve_ = std::clamp(reserve_ + (is_troubled_ ? -1 : kSaved), 0.0, kMostSaved);
  usual_walk_ += (walk - usual_walk_) / std::min(taken_, kMemory);
}

int PollPlanner::advise(const ClockBank& bank, const PollBounds& bounds) const {
  const int least = bounds.min_log2s;
  const int most = std::max(least, bounds.max_log2s);
  const int learning = taken_ < kLearning ? 0 : static_cast<int>((taken_ - kLearning) / kLearningStep) + 1;
  const int steady = std::clamp(steady_log2s(bounds), least, most);
  if (least + learning < steady) return least + learning;
  if (is_troubled_ && reserve_ >= 1) return std::max(least, steady - kTroubleSteps);
  int poll = steady;
  const double now_s = bank.estimate(0).tracking_deviation_s;
  while (poll < most && bank.estimate(std::ldexp(1.0, poll + 1)).tracking_deviation_s < kGrowth * now_s) ++poll;
  return poll;
}

}  // namespace ntp::estimator
