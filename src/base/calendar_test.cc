// SPDX-License-Identifier: BSD-2-Clause
#include "base/calendar.h"

#include <cstdint>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp {
namespace {

constexpr std::int64_t kEra1_unix = 2'085'978'496;      // 2036-02-07 06:28:16 UTC
constexpr std::int64_t kSigned32_unix = 2'147'483'648;  // 2038-01-19 03:14:08 UTC
constexpr std::int64_t kYears68 = 2'147'483'647;

// Seconds since 1900 are those of RFC 5905 figure 4.
static_assert(timestamp_from_unix(0, 0) == Timestamp::from_parts(2'208'988'800U, 0));
static_assert(timestamp_from_unix(kEra1_unix - 1, 999'999'999).seconds() == 0xffffffffU);
static_assert(timestamp_from_unix(kEra1_unix, 0).is_unknown(),
              "the first instant of an era can't be told from unknown");
static_assert(timestamp_from_unix(kEra1_unix + 1, 0) == Timestamp::from_parts(1, 0));
static_assert(timestamp_from_unix(kSigned32_unix, 0) == Timestamp::from_parts(61'505'152U, 0));
static_assert(timestamp_from_unix(-kUnixEpochInNtp, 0).is_unknown(), "1 January 1900");

// The same 32 bits name times 136 years apart; the reference decides.
static_assert(unix_from_timestamp(Timestamp::from_parts(1, 0), kEra1_unix).seconds == kEra1_unix + 1);
static_assert(unix_from_timestamp(Timestamp::from_parts(1, 0), 0).seconds == kEra1_unix + 1);
static_assert(unix_from_timestamp(Timestamp::from_parts(1, 0), -kUnixEpochInNtp).seconds == 1 - kUnixEpochInNtp);
static_assert(unix_from_timestamp(Timestamp::from_parts(0xffffffffU, 0), kEra1_unix).seconds == kEra1_unix - 1);
static_assert(unix_from_timestamp(timestamp_from_unix(kSigned32_unix, 5), kEra1_unix) == UnixTime{kSigned32_unix, 5});

RC_GTEST_PROP(UnixTime, SurvivesTheWayThroughATimestampInAnyEra,
              (std::int64_t any, std::uint32_t any_ns, std::int32_t away)) {
  const std::int64_t seconds = any % 100'000'000'000;  // 3,000 years either way
  const std::int64_t ns = any_ns % kNanosecondsPerSecond;

  const UnixTime back = unix_from_timestamp(timestamp_from_unix(seconds, ns), seconds + away % kYears68);

  RC_ASSERT(back.seconds == seconds);
  RC_ASSERT(back.nanoseconds == ns);
}

RC_GTEST_PROP(UnixTime, SurvivesAroundTheEraChange, (std::int16_t before, std::uint32_t any_ns)) {
  const std::int64_t seconds = kEra1_unix + before;
  const std::int64_t ns = any_ns % kNanosecondsPerSecond;

  RC_ASSERT(unix_from_timestamp(timestamp_from_unix(seconds, ns), kEra1_unix) == (UnixTime{seconds, ns}));
}

RC_GTEST_PROP(UnixTime, DifferencesCrossTheEraChange, (std::int32_t a, std::int16_t b)) {
  const Span difference = timestamp_from_unix(kEra1_unix + a / 2, 0) - timestamp_from_unix(kEra1_unix + b, 0);

  RC_ASSERT(difference.seconds() == static_cast<double>(std::int64_t{a} / 2 - b));
}

RC_GTEST_PROP(UnixTime, NeverOverflowsAndKeepsNanosecondsInRange, (std::uint64_t bits, std::int64_t near)) {
  const UnixTime t = unix_from_timestamp(Timestamp::from_bits(bits), near);

  RC_ASSERT(t.nanoseconds >= 0);
  RC_ASSERT(t.nanoseconds < kNanosecondsPerSecond);
  (void)timestamp_from_unix(near, 0);
}

TEST(UnixTime, CarriesAFractionThatRoundsUpToAFullSecond) {
  EXPECT_EQ(unix_from_timestamp(Timestamp::from_parts(0xffffffffU, 0xffffffffU), kEra1_unix),
            (UnixTime{kEra1_unix, 0}));
}

}  // namespace
}  // namespace ntp
