// SPDX-License-Identifier: BSD-2-Clause
#include "policy/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace ntp::policy {
namespace {

constexpr double kNanoseconds = 1e9;
/// Beyond this nobody waits: 30 years, and sums of it fit into 63 bits.
constexpr double kLongest_ns = 1e18;

/// More than two threads' readings of one clock are apart.
constexpr std::int64_t kSkew_ns = 1'000'000'000;

/// Marks discard's counter: after a reload that changes the kind of limit the other kind's level means nothing.
constexpr std::uint64_t kDiscardMark = std::uint64_t{1} << 63U;

/// discard: the counter may hold this many average intervals (the reference implementation's NTP_SHIFT).
constexpr std::int64_t kIntervalsHeld = 8;
/// discard: what a packet costs less than 2^average.
constexpr std::int64_t kAverageGrace_s = 2;
/// discard: how much earlier than `minimum` a packet may come.
constexpr std::int64_t kMinimumGrace_s = 1;
/// More is no interval between packets of one client.
constexpr int kLargestAverage_log2s = 17;

/// Poll exponents that a kiss may ask for (RFC 5905 section 7.2: MAXPOLL; the reference implementation's lower limit).
constexpr int kLeastKissPoll_log2s = 3;
constexpr int kLargestKissPoll_log2s = 17;

constexpr std::int64_t to_ns(double nanoseconds) {
  if (!(nanoseconds > 0)) return 0;
  return static_cast<std::int64_t>(std::min(nanoseconds, kLongest_ns));
}

std::int64_t interval_of(const RateLimits& limits) {
  // An average of nothing lets a burst through and then nobody.
  return limits.average_per_s > 0 ? to_ns(kNanoseconds / limits.average_per_s) : to_ns(kLongest_ns);
}

}  // namespace

BucketPace::BucketPace(const RateLimits& limits)
    // A burst of intervals fits into the longest time, so that the whole burst passes however long they are.
    : interval_ns(std::min(interval_of(limits), to_ns(kLongest_ns / std::max(limits.burst, 1.0)))),
      depth_ns(to_ns((limits.burst - 1.0) * static_cast<double>(interval_ns))) {}

bool passes_bucket(const BucketPace& pace, std::int64_t now_ns, RateLevel& level) {
  // The level is an instant: when the bucket will be full again. One packet moves it an interval into the future, and it may
  // lie a burst ahead at most.
  now_ns = std::clamp<std::int64_t>(now_ns, 0, to_ns(kLongest_ns));
  const bool is_ours = (level & kDiscardMark) == 0;
  std::int64_t full_at = std::max(is_ours ? static_cast<std::int64_t>(level) : 0, now_ns);
  // Further ahead than these limits could bring it: others were in force, or the clock went back. Threads read the clock at
  // slightly different times, and that is neither.
  const std::int64_t furthest = now_ns + pace.depth_ns + pace.interval_ns;
  if (full_at > furthest + kSkew_ns) level = static_cast<RateLevel>(full_at = furthest);
  if (full_at - now_ns > pace.depth_ns) return false;
  level = static_cast<RateLevel>(full_at + pace.interval_ns);
  return true;
}

bool is_kiss_due(const RateLimits& limits, std::int64_t now_ns, std::int64_t kissed_ns) {
  if (kissed_ns <= 0) return true;
  const std::int64_t since_ns = now_ns - kissed_ns;
  // Another thread's reading of the clock may be slightly later than ours, and its kiss is one all the same.
  return since_ns < -kSkew_ns || since_ns >= to_ns(limits.kiss_interval_s * kNanoseconds);
}

Judgement judge_by_discard(const RateLimits& limits, std::int64_t since_last_ns, RateLevel& level) {
  constexpr std::int64_t kSecond_ns = 1'000'000'000;
  const std::int64_t interval_s =
      (std::clamp<std::int64_t>(since_last_ns, 0, to_ns(kLongest_ns)) + kSecond_ns / 2) / kSecond_ns;
  const std::int64_t headway_s = std::int64_t{1} << std::clamp(limits.average_log2s, 0, kLargestAverage_log2s);
  const std::int64_t limit_s = kIntervalsHeld * headway_s;
  const bool is_ours = (level & kDiscardMark) != 0;
  // No more than these limits could hold: others may have been in force.
  const std::int64_t held_s =
      is_ours ? std::min(static_cast<std::int64_t>(level & ~kDiscardMark), limit_s + headway_s) : 0;
  const std::int64_t left_s = std::max<std::int64_t>(held_s - interval_s, 0);
  const auto keep = [&level](std::int64_t seconds) { level = kDiscardMark | static_cast<RateLevel>(seconds); };

  if (interval_s + kMinimumGrace_s >= limits.minimum_s && left_s + headway_s < limit_s) {
    keep(std::max<std::int64_t>(left_s + headway_s - kAverageGrace_s, 0));
    return Judgement::passes;
  }
  if (left_s < limit_s) {
    keep(limit_s + headway_s);
    return Judgement::kissed;
  }
  keep(left_s);
  return Judgement::dropped;
}

int kiss_poll_log2s(const RateLimits& limits) {
  if (limits.is_classic) return std::clamp(limits.average_log2s, kLeastKissPoll_log2s, kLargestKissPoll_log2s);
  const double interval_s = static_cast<double>(interval_of(limits)) / kNanoseconds;
  int poll_log2s = kLeastKissPoll_log2s;
  while (poll_log2s < kLargestKissPoll_log2s &&
         static_cast<double>(1U << static_cast<unsigned>(poll_log2s)) < interval_s)
    ++poll_log2s;
  return poll_log2s;
}

}  // namespace ntp::policy
