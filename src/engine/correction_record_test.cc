// SPDX-License-Identifier: BSD-2-Clause
#include "engine/correction_record.h"

#include <cmath>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using test::raw;

/// A change of the clock, and the naive way to add all of them up: frequencies in 2^-16 ppm, times in nanoseconds.
struct Change {
  std::int64_t after_ns = 0;
  bool is_step = false;
  std::int64_t amount = 0;  ///< 2^-32 s, or 2^-16 ppm
};

Change make_change(std::uint32_t after, bool is_step, std::int32_t amount) {
  return {after, is_step, is_step ? std::int64_t{amount} << 8 : amount % (500 * 65536)};
}

TEST(CorrectionRecord, IsAStraightLineAtOneFrequency) {
  CorrectionRecord record;
  record.start(raw(0), 100);

  EXPECT_DOUBLE_EQ(record.at(raw(1000)) - record.at(raw(0)), 0.1);
  EXPECT_DOUBLE_EQ(record.at(raw(0)) - record.at(raw(10)), -0.001);
}

TEST(CorrectionRecord, JumpsAtAStepAndGoesOnAtTheSameFrequency) {
  CorrectionRecord record;
  record.start(raw(0), 0);

  record.stepped(raw(10), Span::from_seconds(-2.5));

  EXPECT_EQ(record.at(raw(9)) - record.at(raw(0)), 0.0);
  EXPECT_EQ(record.at(raw(10)) - record.at(raw(9)), -2.5);
  EXPECT_EQ(record.at(raw(99)) - record.at(raw(10)), 0.0);
}

TEST(CorrectionRecord, TakesWhatItForgotAsOfItsOldestSegment) {
  CorrectionRecord record;
  record.start(raw(0), 0);
  for (std::size_t i = 0; i < CorrectionRecord::kSegments + 10; ++i)
    record.frequency_changed(raw(static_cast<double>(i)), 10);

  EXPECT_NEAR(record.at(raw(500)) - record.at(raw(400)), 100 * 10e-6, 1e-15);
  EXPECT_NEAR(record.at(raw(5)) - record.at(raw(0)), 5 * 10e-6, 1e-15);
}

TEST(CorrectionRecord, KeepsExactSumsOverAYear) {
  CorrectionRecord record;
  record.start(raw(0), 500);
  constexpr std::int64_t kYear_ns = 31'557'600'000'000'000;
  const Correction end = record.at(RawTime::from_nanoseconds(test::kBoot_ns + kYear_ns));

  EXPECT_DOUBLE_EQ(end - Correction{}, 15778.8);
}

RC_GTEST_PROP(CorrectionRecord, AgreesWithANaiveSumIn128Bits,
              (std::vector<std::tuple<std::uint32_t, bool, std::int32_t>> changes)) {
  constexpr std::int64_t kTwo48 = std::int64_t{1} << 48;
  CorrectionRecord record;
  record.start(raw(0), 0);
  Int128 sum = 0;
  std::int64_t at_ns = test::kBoot_ns;
  std::int64_t frequency = 0;
  for (const auto& [after, is_step, amount] : changes) {
    const Change change = make_change(after, is_step, amount);
    at_ns += change.after_ns;
    sum += Int128{change.after_ns} * frequency * kTwo48 / 1'000'000'000'000'000;
    const RawTime when = RawTime::from_nanoseconds(at_ns);
    if (change.is_step) {
      record.stepped(when, Span::from_units(change.amount));
      sum += Int128{change.amount} * (std::int64_t{1} << 32);
    } else {
      frequency = change.amount;
      record.frequency_changed(when, static_cast<double>(frequency) / 65536.0);
    }
  }

  const Int128 difference = record.at(RawTime::from_nanoseconds(at_ns)).units - sum;
  RC_ASSERT(difference == 0);
}

RC_GTEST_PROP(CorrectionRecord, RawOfIsTheInverseOfTheSystemClock,
              (std::uint32_t first, std::uint32_t second, std::uint32_t asked)) {
  const auto ppm = [](std::uint32_t seed) { return static_cast<double>(seed % 1001) - 500; };
  const double when_s = asked % 3000;
  CorrectionRecord record;
  record.start(raw(0), ppm(first));
  record.frequency_changed(raw(1000), ppm(second));
  record.stepped(raw(2000), Span::from_seconds(static_cast<double>(first % 100)));
  const Now now{.mono = test::mono(3000), .raw = raw(3000), .real = test::real(3000)};
  const double moved_s = record.at(raw(when_s)) - record.at(now.raw);
  const Timestamp stamp = test::real(when_s) + Span::from_seconds(moved_s);

  RC_ASSERT(std::abs(record.raw_of(stamp, now) - raw(when_s)) < 5e-9);
}

TEST(CorrectionRecord, LetsASampleSayTheSameAfterASlew) {
  // A source 50 ms ahead at t = 0; the clock is then slewed by 20 ms, so the source is 30 ms ahead of it.
  CorrectionRecord record;
  record.start(raw(0), 0);
  const Correction at_sample = record.at(raw(0));
  record.frequency_changed(raw(10), 500);
  record.frequency_changed(raw(50), 0);

  const double restated_s = 0.050 - (record.at(raw(60)) - at_sample);

  EXPECT_NEAR(restated_s, 0.030, 1e-12);
}

}  // namespace
}  // namespace ntp::engine
