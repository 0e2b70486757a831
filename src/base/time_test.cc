// SPDX-License-Identifier: BSD-2-Clause
#include "base/time.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::uint32_t kAllOnes = 0xffffffffU;

// The era change of 7 February 2036, 06:28:16 UTC: the second after 0xffffffff is 0.
constexpr Timestamp kLastOfEra0 = Timestamp::from_parts(kAllOnes, kAllOnes);
constexpr Timestamp kFirstOfEra1 = Timestamp::from_parts(0, 0);
static_assert(kFirstOfEra1 - kLastOfEra0 == Span::from_units(1));
static_assert(kLastOfEra0 - kFirstOfEra1 == Span::from_units(-1));
static_assert(kLastOfEra0 + Span::from_units(1) == kFirstOfEra1);
static_assert(kFirstOfEra1 - Span::from_seconds(1.0) == Timestamp::from_parts(kAllOnes, 0));
static_assert((Timestamp::from_parts(500, 0) - Timestamp::from_parts(kAllOnes - 499, 0)).seconds() == 1000.0);

// 68 years either way, from both sides of the era change, and the half era where the sign turns.
constexpr Span kYears68 = Span::from_units(kMost);
static_assert((kFirstOfEra1 + kYears68) - kFirstOfEra1 == kYears68);
static_assert((kFirstOfEra1 - kYears68) - kFirstOfEra1 == -kYears68);
static_assert((kLastOfEra0 + kYears68) - kLastOfEra0 == kYears68);
static_assert(Timestamp::from_parts(0x80000000U, 0) - kFirstOfEra1 == Span::from_units(kLeast));
static_assert(-Span::from_units(kLeast) == Span::from_units(kLeast));
static_assert(Span::from_units(kMost) + Span::from_units(1) == Span::from_units(kLeast));

static_assert(Span::from_seconds(0.5).units() == std::int64_t{1} << 31);
static_assert(Span::from_seconds(-0.5).units() == -(std::int64_t{1} << 31));
static_assert(Span::from_seconds(2147483648.0) == Span::from_units(kMost));
static_assert(Span::from_seconds(-2147483648.0) == Span::from_units(kLeast));
static_assert(Span::from_seconds(1e300) == Span::from_units(kMost));
static_assert(Span::from_seconds(-std::numeric_limits<double>::infinity()) == Span::from_units(kLeast));
static_assert(Span::from_seconds(std::numeric_limits<double>::quiet_NaN()) == Span());
static_assert(Span::from_nanoseconds(kMost) == Span::from_units(kMost));
static_assert(Span::from_nanoseconds(kLeast) == Span::from_units(kLeast));
static_assert(Span::from_nanoseconds(-1'000'000'000) == Span::from_seconds(-1.0));

static_assert(ShortTime::from_seconds(1.0).bits() == 0x10000);
static_assert(ShortTime::from_seconds(1e-9).bits() == 1, "a bound is rounded up");
static_assert(ShortTime::from_seconds(65536.0).bits() == kAllOnes);
static_assert(ShortTime::from_seconds(-1.0).bits() == 0);
static_assert(ShortTime::from_seconds(std::numeric_limits<double>::quiet_NaN()).bits() == 0);

static_assert(exp2_s(0) == 1.0 && exp2_s(10) == 1024.0 && exp2_s(-2) == 0.25);

double double_from(std::uint64_t bits) { return std::bit_cast<double>(bits); }

RC_GTEST_PROP(TimestampArithmetic, AddingAndSubtractingASpanGivesItBack, (std::uint64_t a_bits, std::int64_t units)) {
  const Timestamp a = Timestamp::from_bits(a_bits);
  const Span s = Span::from_units(units);

  RC_ASSERT((a + s) - a == s);
  RC_ASSERT((a + s) - s == a);
  RC_ASSERT((a - s) + s == a);
}

RC_GTEST_PROP(TimestampArithmetic, DifferencesAddUpWhateverTheBits,
              (std::uint64_t a, std::uint64_t b, std::uint64_t c)) {
  const Timestamp ta = Timestamp::from_bits(a);
  const Timestamp tb = Timestamp::from_bits(b);
  const Timestamp tc = Timestamp::from_bits(c);

  RC_ASSERT((ta - tb) + (tb - tc) == ta - tc);
  RC_ASSERT(-(ta - tb) == tb - ta);
}

RC_GTEST_PROP(TimestampParts, MakeTheSameStampAgain, (std::uint64_t bits)) {
  const Timestamp a = Timestamp::from_bits(bits);

  RC_ASSERT(Timestamp::from_parts(a.seconds(), a.fraction()) == a);
  RC_ASSERT(a.is_unknown() == (bits == 0));
}

RC_GTEST_PROP(SpanArithmetic, WrapsWithoutOverflowForAllBitPatterns, (std::int64_t a_units, std::int64_t b_units)) {
  const Span a = Span::from_units(a_units);
  const Span b = Span::from_units(b_units);

  RC_ASSERT((a + b) - b == a);
  RC_ASSERT(a - b == a + -b);
  RC_ASSERT(-(-a) == a);
}

RC_GTEST_PROP(SpanFromSeconds, GivesBackEverySpanThatADoubleCanHold, (std::int64_t any)) {
  const Span s = Span::from_units(any % (std::int64_t{1} << 53));

  RC_ASSERT(Span::from_seconds(s.seconds()) == s);
}

TEST(SpanFromSeconds, IsExactAboveTwoToThe52Units) {
  const Span odd = Span::from_units((std::int64_t{1} << 52) + 1);

  EXPECT_EQ(Span::from_seconds(odd.seconds()), odd);
  EXPECT_EQ(Span::from_seconds((-odd).seconds()), -odd);
}

TEST(SpanFromSeconds, RoundsToTheNearestUnit) {
  EXPECT_EQ(Span::from_seconds(0.4 / kTwo32).units(), 0);
  EXPECT_EQ(Span::from_seconds(0.6 / kTwo32).units(), 1);
  EXPECT_EQ(Span::from_seconds(-0.6 / kTwo32).units(), -1);
  EXPECT_EQ(Span::from_seconds(std::nextafter(0.5, 0.0) / kTwo32).units(), 0);
}

RC_GTEST_PROP(SpanFromSeconds, SaturatesForWhateverADoubleHolds, (std::uint64_t bits)) {
  const double seconds = double_from(bits);

  const Span s = Span::from_seconds(seconds);

  if (std::isnan(seconds)) {
    RC_ASSERT(s == Span());
  } else if (seconds >= 2147483648.0) {
    RC_ASSERT(s.units() == kMost);
  } else if (seconds <= -2147483648.0) {
    RC_ASSERT(s.units() == kLeast);
  } else {
    RC_ASSERT(std::abs(s.seconds() - seconds) <= 0.5 / kTwo32);
  }
}

RC_GTEST_PROP(SpanFromNanoseconds, IsSymmetricAndOffByLessThanAUnit, (std::int64_t any)) {
  const std::int64_t ns = any % 2'147'483'647'999'999'999;

  const Span s = Span::from_nanoseconds(ns);

  RC_ASSERT(Span::from_nanoseconds(-ns) == -s);
  const Int128 error = Int128{ns} * (Int128{1} << 32) - Int128{s.units()} * kNanosecondsPerSecond;
  RC_ASSERT(error < kNanosecondsPerSecond && error > -kNanosecondsPerSecond);
}

RC_GTEST_PROP(ShortTime, GivesBackEveryBitPattern, (std::uint32_t bits)) {
  RC_ASSERT(ShortTime::from_seconds(ShortTime::from_bits(bits).seconds()).bits() == bits);
  // The patterns just below saturation are where rounding goes wrong first.
  const std::uint32_t high = kAllOnes - bits % 64;
  RC_ASSERT(ShortTime::from_seconds(ShortTime::from_bits(high).seconds()).bits() == high);
}

RC_GTEST_PROP(ShortTime, IsTheSmallestThatIsNoLessThanTheSeconds, (std::uint64_t bits)) {
  const double seconds = std::fmod(std::abs(double_from(bits)), 65535.99);
  RC_PRE(!std::isnan(seconds));

  const ShortTime t = ShortTime::from_seconds(seconds);

  RC_ASSERT(t.seconds() >= seconds);
  RC_ASSERT(t.bits() == 0 || ShortTime::from_bits(t.bits() - 1).seconds() < seconds);
}

RC_GTEST_PROP(ShortTime, SaturatesForWhateverADoubleHolds, (std::uint64_t bits)) {
  const double seconds = double_from(bits);

  const ShortTime t = ShortTime::from_seconds(seconds);

  if (!(seconds > 0)) RC_ASSERT(t.bits() == 0U);
  if (seconds >= 65536.0) RC_ASSERT(t.bits() == kAllOnes);
}

RC_GTEST_PROP(MonoTime, SaturatesForAllBitPatterns, (std::int64_t ns, std::uint64_t bits)) {
  const MonoTime start = MonoTime::from_nanoseconds(ns);
  const double seconds = double_from(bits);

  const MonoTime end = start + seconds;

  if (std::isnan(seconds)) RC_ASSERT(end == start);
  if (seconds >= 0) RC_ASSERT(end >= start);
  if (seconds <= 0) RC_ASSERT(end <= start);
  if (seconds > 2e10) RC_ASSERT(end == MonoTime::never());
}

TEST(MonoTime, AddsFromOneEndOfItsRangeToTheOther) {
  const MonoTime lowest = MonoTime::from_nanoseconds(kLeast);

  EXPECT_EQ((lowest + 1.8e10).nanoseconds(), kLeast + 9'000'000'000'000'000'000 + 9'000'000'000'000'000'000);
  EXPECT_EQ(lowest + 1e11, MonoTime::never());
}

TEST(MonoTime, KeepsNanosecondsOfALateInstant) {
  const MonoTime late = MonoTime::from_nanoseconds(4'000'000'000'000'000'001);

  EXPECT_EQ((late + 1.0).nanoseconds(), 4'000'000'001'000'000'001);
  EXPECT_DOUBLE_EQ((late + 1.0) - late, 1.0);
}

TEST(MonoTime, NeverStaysNever) {
  EXPECT_EQ(MonoTime::never() + 1.0, MonoTime::never());
  EXPECT_EQ(MonoTime::never() + -1.0, MonoTime::never());
}

}  // namespace
}  // namespace ntp
