// SPDX-License-Identifier: BSD-2-Clause
//
// How much an address may send (restrict limited, discard, limit): two counters, each of one word.
#pragma once

#include <cstdint>

namespace ntp::policy {

/// What an address may send (restrict limited).
struct RateLimits {
  /// discard's counter (the reference implementation's) instead of the token bucket.
  bool is_classic = false;
  int average_log2s = 3;         ///< classic: least average time between packets
  int minimum_s = 2;             ///< classic: least time between two packets
  double average_per_s = 1.0;    ///< bucket: packets a second in the long run
  double burst = 20.0;           ///< bucket: packets at once
  double kiss_interval_s = 2.0;  ///< bucket: least time between two kisses

  friend bool operator==(const RateLimits&, const RateLimits&) = default;
};

/// What becomes of a packet: served, dropped, or answered with a kiss RATE instead of the time.
enum class Judgement : std::uint8_t { passes, dropped, kissed };

/// What is remembered of an address: one of the two counters, and which one. Zero: nothing.
using RateLevel = std::uint64_t;

// One packet; what is remembered afterwards is left in `level`. Both take a constant time and are total: any limits, any
// level, a clock that goes back.

/// The bucket's limits in nanoseconds; worked out before a client's place is owned, for divisions are slow.
struct BucketPace {
  explicit BucketPace(const RateLimits& limits);
  std::int64_t interval_ns = 0;  ///< of the long run
  std::int64_t depth_ns = 0;     ///< a burst less its first packet
};

/// The token bucket: `burst` packets at once, one more every 1/average_per_s. A packet that is dropped costs nothing, so a
/// client that comes twice as fast as it may gets every second answer. False: the packet is dropped.
bool passes_bucket(const BucketPace& pace, std::int64_t now_ns, RateLevel& level);
/// If a kiss may be sent to whom the bucket drops. `kissed_ns`: when the last one was, 0: never.
bool is_kiss_due(const RateLimits& limits, std::int64_t now_ns, std::int64_t kissed_ns);

/// The reference implementation's counter of seconds: each packet adds 2^average less a grace of 2, each second takes one
/// away, and a packet that would bring it to 8 times 2^average, or that comes within `minimum` less a second, is dropped.
/// The first that is dropped fills the counter and gets a kiss (if the address wants them); no other does until it has
/// drained. Intervals count in whole seconds, the half rounded up. Not for an address's first packet, which always passes.
Judgement judge_by_discard(const RateLimits& limits, std::int64_t since_last_ns, RateLevel& level);

/// The poll exponent that a kiss asks for: the slowest power of two that the limits allow for good, at least 8 s.
int kiss_poll_log2s(const RateLimits& limits);

}  // namespace ntp::policy
