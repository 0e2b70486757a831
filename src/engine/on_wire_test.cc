// SPDX-License-Identifier: BSD-2-Clause
#include "engine/on_wire.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::engine {
namespace {

constexpr Timestamp at(std::uint32_t seconds, std::uint32_t fraction = 0) {
  return Timestamp::from_parts(seconds, fraction);
}
constexpr std::uint32_t kHalf = 0x80000000U;

struct Case {
  const char* what;
  Exchange stamps;
  double offset_s;
  double delay_s;
};

TEST(Measure, GivesOffsetAndDelayExactly) {
  const Case cases[] = {
      {"the same clock, one second each way", {at(100), at(101), at(101), at(102)}, 0.0, 2.0},
      {"a server ahead of us has a positive offset", {at(100), at(111), at(111), at(102)}, 10.0, 2.0},
      {"a server behind us has a negative offset", {at(100), at(91), at(91), at(102)}, -10.0, 2.0},
      {"the server's own time is no delay", {at(100), at(101), at(105), at(106)}, 0.0, 2.0},
      {"half of an asymmetry is offset", {at(100), at(103), at(103), at(104)}, 1.0, 4.0},
      {"a delay may be negative", {at(100), at(100), at(100, kHalf), at(100)}, 0.25, -0.5},
      {"units of 2^-32 s survive", {at(100), at(100, 3), at(100, 3), at(100, 2)}, 2 * 0x1p-32, 2 * 0x1p-32},
      {"an era ends under way", {at(0xffffffffU), at(0), at(0), at(1)}, 0.0, 2.0},
      {"the server is in the next era", {at(0xfffffff0U), at(16), at(16), at(0xfffffff0U)}, 32.0, 0.0},
  };

  for (const Case& c : cases) {
    const Measurement m = measure(c.stamps);
    EXPECT_EQ(m.offset_s, c.offset_s) << c.what;
    EXPECT_EQ(m.delay_s, c.delay_s) << c.what;
  }
}

RC_GTEST_PROP(Measure, IsFiniteAndBoundedWhateverTheBits,
              (std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d)) {
  const Measurement m =
      measure({Timestamp::from_bits(a), Timestamp::from_bits(b), Timestamp::from_bits(c), Timestamp::from_bits(d)});

  RC_ASSERT(std::abs(m.offset_s) <= 2147483648.0);
  RC_ASSERT(std::abs(m.delay_s) <= 4294967296.0);
}

RC_GTEST_PROP(Measure, DoesNotDependOnTheEra,
              (std::uint64_t shift, std::int32_t ahead, std::uint16_t out, std::uint16_t in)) {
  const Timestamp t1 = Timestamp::from_bits(shift);
  const Timestamp t2 = t1 + Span::from_units(std::int64_t{ahead} + out);
  const Exchange stamps{t1, t2, t2, t1 + Span::from_units(std::int64_t{out} + in)};

  const Measurement m = measure(stamps);

  RC_ASSERT(m.delay_s == (out + in) * 0x1p-32);
  RC_ASSERT(m.offset_s == (2.0 * ahead + out - in) * 0x1p-33);
}

RC_GTEST_PROP(Measure, ChangesItsSignWhenTheClocksChangePlaces,
              (std::uint64_t start, std::int32_t ahead, std::uint16_t leg)) {
  const Span there = Span::from_units(std::int64_t{ahead} + leg);
  const Span back = Span::from_units(std::int64_t{leg} - ahead);
  const Timestamp t = Timestamp::from_bits(start);
  const Span both = Span::from_units(2 * std::int64_t{leg});

  RC_ASSERT(measure({t, t + there, t + there, t + both}).offset_s == ahead * 0x1p-32);
  RC_ASSERT(measure({t, t + back, t + back, t + both}).offset_s == -(ahead * 0x1p-32));
}

}  // namespace
}  // namespace ntp::engine
