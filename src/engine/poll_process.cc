// SPDX-License-Identifier: BSD-2-Clause
#include "engine/poll_process.h"

#include <algorithm>
#include <iterator>

namespace ntp::engine {
namespace {

/// Between the packets of a sparse first burst.
constexpr double kSparseGaps_s[] = {2, 2, 2, 4, 8, 16, 32};
/// So many of them are sent to a source that doesn't answer.
constexpr int kStartBurstPatience = 5;
/// The next request leaves after so many round trips at the earliest: one that overtakes the answer makes it void.
constexpr double kRoundTrips = 2;

}  // namespace

PollProcess::PollProcess(const SourceSettings& settings, StartBurst start_burst)
    : configured_min_poll_log2s_(settings.min_poll_log2s),
      min_poll_log2s_(settings.min_poll_log2s),
      max_poll_log2s_(std::max(settings.min_poll_log2s, settings.max_poll_log2s)),
      has_iburst_(settings.has_iburst),
      has_burst_(settings.has_burst),
      start_burst_(start_burst),
      poll_log2s_(settings.min_poll_log2s) {}

void PollProcess::reconfigure(const SourceSettings& settings) {
  // Who asked for fewer packets (RATE) still wants that.
  const bool is_slowed_down = min_poll_log2s_ > configured_min_poll_log2s_;
  configured_min_poll_log2s_ = settings.min_poll_log2s;
  max_poll_log2s_ = std::max(settings.min_poll_log2s, settings.max_poll_log2s);
  min_poll_log2s_ =
      is_slowed_down ? std::clamp(min_poll_log2s_, settings.min_poll_log2s, max_poll_log2s_) : settings.min_poll_log2s;
  has_iburst_ = settings.has_iburst;
  has_burst_ = settings.has_burst;
  const std::int8_t before_log2s = poll_log2s_;
  poll_log2s_ = std::clamp(poll_log2s_, min_poll_log2s_, max_poll_log2s_);
  if (poll_log2s_ >= before_log2s || burst_left_ > 0 || spacing_s_ == 0) return;
  spacing_s_ = interval_s();
  const double least_s = std::max(kRoundTrips * round_trip_s_, is_answer_awaited_ ? kBurstSpacing_s : 0.0);
  due_ = std::min(due_, sent_at_ + std::max(spacing_s_, least_s));
}

void PollProcess::restart(MonoTime first) {
  poll_log2s_ = min_poll_log2s_;
  reach_ = 0;
  unreached_polls_ = 0;
  burst_left_ = 0;
  burst_sent_ = 0;
  round_trip_s_ = 0;
  wait_until(first);
}

void PollProcess::wait_until(MonoTime due) {
  due_ = due;
  is_answer_awaited_ = false;
}

void PollProcess::begin_start_burst() {
  const bool is_sparse = start_burst_ == StartBurst::sparse;
  burst_left_ = is_sparse ? static_cast<int>(std::size(kSparseGaps_s)) : kInitialBurstCount - 1;
  burst_sent_ = is_sparse ? 1 : 0;
}

double PollProcess::burst_spacing_s() const {
  return burst_sent_ > 0 ? kSparseGaps_s[burst_sent_ - 1] : kBurstSpacing_s;
}

double PollProcess::headway_s(MonoTime now) const {
  // Nothing was sent yet.
  if (spacing_s_ == 0) return 0;
  const double least_s = std::max(std::min(kBurstSpacing_s, interval_s()), kRoundTrips * round_trip_s_);
  return std::max(sent_at_ + least_s - now, 0.0);
}

double PollProcess::spread_interval_s(Random& random) const {
  return interval_s() * (1.0 + kPollSpread * random.uniform());
}

PollProcess::Poll PollProcess::sent(MonoTime now, std::int8_t system_poll_log2s, bool is_fit, Random& random) {
  Poll poll;
  // A source that has answered none of the first packets gets no more of them: the rest would be for nobody.
  const bool is_in_vain = burst_sent_ == kStartBurstPatience && (reach_ & 1U) == 0;
  if (burst_left_ > 0 && !is_in_vain) {
    --burst_left_;
    if (burst_sent_ > 0) ++burst_sent_;
  } else {
    burst_left_ = burst_sent_ = 0;
    poll.is_new_interval = true;
    poll.became_unreachable = reach_ == 0x80;
    reach_ = static_cast<std::uint8_t>(reach_ << 1U);
    poll.is_filter_aged = (reach_ & 7U) == 0;
    if (reach_ == 0) {
      // The burst is for the first packet after a start or a loss, not for a source that stays dead.
      if (has_iburst_ && (unreached_polls_ == 0 || poll.became_unreachable)) begin_start_burst();
      if (++unreached_polls_ > kUnreachLimit && poll_log2s_ < max_poll_log2s_) ++poll_log2s_;
    } else {
      unreached_polls_ = 0;
      poll_log2s_ = std::clamp(system_poll_log2s, min_poll_log2s_, max_poll_log2s_);
      if (has_burst_ && is_fit) burst_left_ = kBurstCount - 1;
    }
  }
  if (burst_left_ > 0 && burst_spacing_s() >= interval_s()) burst_left_ = burst_sent_ = 0;
  sent_at_ = now;
  spacing_s_ = burst_left_ > 0 ? burst_spacing_s() : spread_interval_s(random);
  due_ = now + std::max(spacing_s_, kRoundTrips * round_trip_s_);
  is_answer_awaited_ = reach_ == 0;
  if (is_answer_awaited_) due_ = std::max(due_, now + kBurstSpacing_s);
  return poll;
}

void PollProcess::received(double round_trip_s) {
  reach_ |= 1U;
  unreached_polls_ = 0;
  round_trip_s_ = round_trip_s;
  if (is_answer_awaited_) wait_until(sent_at_ + std::max(spacing_s_, kRoundTrips * round_trip_s_));
}

void PollProcess::slow_down(MonoTime now, std::int8_t asked_poll_log2s, Random& random) {
  const int raised = std::max<int>(asked_poll_log2s, min_poll_log2s_ + 1);
  min_poll_log2s_ = static_cast<std::int8_t>(std::min<int>(raised, max_poll_log2s_));
  poll_log2s_ = std::max(poll_log2s_, min_poll_log2s_);
  burst_left_ = burst_sent_ = 0;
  wait_until(now + spread_interval_s(random));
}

void PollProcess::rest(MonoTime now, double duration_s) {
  burst_left_ = burst_sent_ = 0;
  reach_ = 0;
  min_poll_log2s_ = configured_min_poll_log2s_;
  wait_until(now + duration_s);
}

}  // namespace ntp::engine
