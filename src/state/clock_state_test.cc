// SPDX-License-Identifier: BSD-2-Clause
#include "state/clock_state.h"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::state {
namespace {

/// A summary all of whose words follow from one number, so that a mixture of two can be told.
ClockSummary summary_of(std::uint32_t n) {
  return {
      .leap = static_cast<wire::Leap>(n % 4),
      .stratum = static_cast<std::uint8_t>(n),
      .precision_log2s = static_cast<std::int8_t>(static_cast<std::uint8_t>(n)),
      .refid = {n},
      .reference = Timestamp::from_parts(n, ~n),
      .root_delay_s = static_cast<double>(n),
      .root_dispersion_s = -static_cast<double>(n),
      .dispersion_rate = n / 3.0,
      .as_of = MonoTime::from_nanoseconds(n),
      .valid_until = MonoTime::from_nanoseconds(-std::int64_t{n}),
      .leap_at = Timestamp::from_parts(~n, n),
      .leap_change_s = static_cast<std::int8_t>(n % 3 - 1),
      .leap_smear_interval_s = n * 2.0,
  };
}

TEST(ClockState, ClaimsNothingBeforeTheFirstPublish) {
  const ClockState state;

  const ClockSummary summary = state.read();

  EXPECT_FALSE(summary.is_synchronized());
  EXPECT_EQ(summary.stratum, 0);
  EXPECT_EQ(summary.refid, wire::kRefidInit);
}

RC_GTEST_PROP(ClockState, GivesBackWhatWasPublished, (std::uint32_t n)) {
  ClockState state;

  state.publish(summary_of(n + 1));
  state.publish(summary_of(n));

  RC_ASSERT(state.read() == summary_of(n));
}

TEST(ClockState, ReadersNeverSeeATornSummary) {
  constexpr int kReaders = 3;
  constexpr int kReads = 50'000;
  ClockState state;
  state.publish(summary_of(0));
  std::atomic<int> at_work{kReaders};
  std::atomic<std::uint64_t> torn{0};
  std::atomic<std::uint64_t> went_back{0};

  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      std::uint32_t last = 0;
      for (int read = 0; read < kReads; ++read) {
        const ClockSummary seen = state.read();
        if (seen != summary_of(seen.refid.bits)) ++torn;
        if (seen.refid.bits < last) ++went_back;
        last = seen.refid.bits;
      }
      --at_work;
    });
  }
  std::uint32_t published = 0;
  while (at_work.load() > 0) state.publish(summary_of(++published));
  for (std::thread& reader : readers) reader.join();

  EXPECT_EQ(torn.load(), 0U);
  EXPECT_EQ(went_back.load(), 0U);
  EXPECT_EQ(state.read(), summary_of(published));
}

TEST(UnsynchronizedSummary, IsLeap3Stratum0RefidInit) {
  const ClockSummary summary = unsynchronized_summary(-20);

  EXPECT_EQ(summary.leap, wire::Leap::unsynchronized);
  EXPECT_EQ(summary.stratum, 0);
  EXPECT_EQ(summary.refid, wire::kRefidInit);
  EXPECT_EQ(summary.precision_log2s, -20);
}

}  // namespace
}  // namespace ntp::state
