// SPDX-License-Identifier: BSD-2-Clause
//
// Between the POSIX clock (seconds since 1970, with an era) and Timestamp (since 1900, without one). RFC 5905 section 6.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace ntp {

/// Seconds from 1 January 1900 to 1 January 1970.
inline constexpr std::int64_t kUnixEpochInNtp = 2'208'988'800;

/// The Timestamp of a POSIX time, rounded down; the era is dropped. nanoseconds: 0 to 999,999,999.
constexpr Timestamp timestamp_from_unix(std::int64_t seconds, std::int64_t nanoseconds) {
  const auto whole =
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(seconds) + static_cast<std::uint64_t>(kUnixEpochInNtp));
  const auto fraction = static_cast<std::uint32_t>((static_cast<std::uint64_t>(nanoseconds) << 32U) /
                                                   static_cast<std::uint64_t>(kNanosecondsPerSecond));
  return Timestamp::from_parts(whole, fraction);
}

struct UnixTime {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;  ///< 0 to 999,999,999

  friend constexpr bool operator==(UnixTime, UnixTime) = default;
};

/// The POSIX time of a Timestamp, to the nearest nanosecond, in the era that puts it within 68 years of
/// `near_unix_seconds`. Undoes timestamp_from_unix() exactly.
constexpr UnixTime unix_from_timestamp(Timestamp stamp, std::int64_t near_unix_seconds) {
  const Timestamp reference = timestamp_from_unix(near_unix_seconds, 0);
  const std::int64_t units = (stamp - reference).units();
  // Unsigned, so that no value of near_unix_seconds overflows.
  const auto whole = static_cast<std::uint64_t>(units >> 32) + static_cast<std::uint64_t>(near_unix_seconds);
  const auto fraction = static_cast<std::uint64_t>(units) & 0xffffffffU;
  const std::uint64_t ns = (fraction * static_cast<std::uint64_t>(kNanosecondsPerSecond) + (1ULL << 31U)) >> 32U;
  if (ns >= static_cast<std::uint64_t>(kNanosecondsPerSecond)) return {static_cast<std::int64_t>(whole + 1), 0};
  return {static_cast<std::int64_t>(whole), static_cast<std::int64_t>(ns)};
}

}  // namespace ntp
