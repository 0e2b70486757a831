// SPDX-License-Identifier: BSD-2-Clause
//
// The conversions in full, and of the clock only what can't change it. Calls that could are made in a child process that
// has proven that it may not.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <limits>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "clock/linux_clock.h"
#include "clock/timex_conversion.h"

namespace ntp::clock {
namespace {

double any_ppm() { return *rc::gen::inRange<int>(-100'000'000, 100'000'001) / 1000.0; }

RC_GTEST_PROP(KernelFrequency, IsTheNearestThatTheKernelCanDo, ()) {
  const double ppm = any_ppm();

  RC_ASSERT(std::abs(ppm_of(kernel_frequency(ppm)) - ppm) <= 0.5 / 65536 + 1e-9);
}

RC_GTEST_PROP(KernelFrequency, StaysWithinTheKernelsLimits, ()) {
  const double ppm = *rc::gen::arbitrary<double>();

  const KernelFrequency frequency = kernel_frequency(ppm);

  RC_ASSERT(frequency.tick_us >= 9'000 && frequency.tick_us <= 11'000);
  RC_ASSERT(std::abs(frequency.freq) <= 500 * 65536);
}

RC_GTEST_PROP(KernelFrequency, WhatIsSetOnceIsSetAgainTheSame, ()) {
  const double once = ppm_of(kernel_frequency(any_ppm()));

  RC_ASSERT(ppm_of(kernel_frequency(once)) == once);
}

TEST(KernelFrequency, TickIsTouchedOnlyBeyondFiveHundredPpm) {
  EXPECT_EQ(kernel_frequency(0), (KernelFrequency{10'000, 0}));
  EXPECT_EQ(kernel_frequency(500), (KernelFrequency{10'000, 500 * 65536}));
  EXPECT_EQ(kernel_frequency(-500), (KernelFrequency{10'000, -500 * 65536}));
  EXPECT_EQ(kernel_frequency(510), (KernelFrequency{10'005, 10 * 65536}));
  EXPECT_EQ(kernel_frequency(-1234.5), (KernelFrequency{9'988, -34 * 65536 - 32768}));
}

TEST(KernelFrequency, IsClampedAtTenPercentAndNanIsZero) {
  EXPECT_EQ(kernel_frequency(1e9), (KernelFrequency{11'000, 0}));
  EXPECT_EQ(kernel_frequency(-INFINITY), (KernelFrequency{9'000, 0}));
  EXPECT_EQ(kernel_frequency(NAN), (KernelFrequency{10'000, 0}));
}

RC_GTEST_PROP(KernelOffset, GivesBackTheSpanToHalfANanosecond, ()) {
  const Span span = Span::from_units(*rc::gen::arbitrary<std::int64_t>());
  // At the upper end of the range rounding leads out of it.
  RC_PRE(span.units() < std::numeric_limits<std::int64_t>::max() - 4);

  const KernelOffset offset = kernel_offset(span);

  RC_ASSERT(offset.nanoseconds >= 0 && offset.nanoseconds < kNanosecondsPerSecond);
  RC_ASSERT(std::abs((span_of(offset) - span).units()) <= 4);
}

TEST(KernelOffset, NegativeStepsRoundTheSecondsDown) {
  EXPECT_EQ(kernel_offset(Span::from_seconds(-0.25)), (KernelOffset{-1, 750'000'000}));
  EXPECT_EQ(kernel_offset(Span::from_seconds(-1)), (KernelOffset{-1, 0}));
  EXPECT_EQ(kernel_offset(Span::from_seconds(1.5)), (KernelOffset{1, 500'000'000}));
  EXPECT_EQ(kernel_offset(Span::from_units(-1)), (KernelOffset{0, 0}));
}

TEST(KernelOffset, TwentyYearsFit) {
  constexpr double kTwentyYears_s = 20 * 365.25 * 86400;

  for (const double sign : {1.0, -1.0}) {
    const KernelOffset offset = kernel_offset(Span::from_seconds(sign * kTwentyYears_s));
    EXPECT_EQ(offset, (KernelOffset{static_cast<std::int64_t>(sign * kTwentyYears_s), 0}));
    EXPECT_EQ(span_of(offset), Span::from_seconds(sign * kTwentyYears_s));
  }
}

TEST(IsSettable, From1970To2200) {
  EXPECT_FALSE(is_settable(UnixTime{0, 0} + kernel_offset(Span::from_seconds(-1e-9))));
  EXPECT_TRUE(is_settable({0, 0}));
  EXPECT_TRUE(is_settable({4'300'000'000, 0}));  // 2106, beyond 32 bits
  EXPECT_FALSE(is_settable({kLatestTime_s, 0}));
}

TEST(KernelStatus, UnsynchronisedBeatsTheLeapAndThePllIsOff) {
  using wire::Leap;
  EXPECT_EQ(kernel_status({.is_synchronized = true, .leap = Leap::none}), 0);
  EXPECT_EQ(kernel_status({.is_synchronized = true, .leap = Leap::insert}), STA_INS);
  EXPECT_EQ(kernel_status({.is_synchronized = true, .leap = Leap::remove}), STA_DEL);
  EXPECT_EQ(kernel_status({.is_synchronized = true, .leap = Leap::unsynchronized}), STA_UNSYNC);
  EXPECT_EQ(kernel_status({.is_synchronized = false, .leap = Leap::insert}), STA_UNSYNC);
}

TEST(KernelError, IsABoundInMicroseconds) {
  EXPECT_EQ(kernel_error_us(0), 0);
  EXPECT_EQ(kernel_error_us(1e-9), 1);
  EXPECT_EQ(kernel_error_us(0.5), 500'000);
  EXPECT_EQ(kernel_error_us(-1), 0);
  EXPECT_EQ(kernel_error_us(1e300), 16'000'000);
  EXPECT_EQ(kernel_error_us(NAN), 16'000'000);
}

TEST(LinuxClock, ReadingsGoForwardAndBelongTogether) {
  LinuxClock clock;

  const engine::Now first = clock.read();
  const engine::Now second = clock.read();

  EXPECT_GE(second.mono, first.mono);
  EXPECT_GT(second.raw, first.raw);
  EXPECT_GE(first.pairing_error_s, 0);
  const double unlike_s = (second.raw - first.raw) - (second.real - first.real).seconds();
  EXPECT_LE(std::abs(unlike_s), first.pairing_error_s + second.pairing_error_s + 0.1 * (second.raw - first.raw) + 1e-6);
}

TEST(LinuxClock, RealTimeIsThatOfTheSystem) {
  LinuxClock clock;
  const std::time_t before = std::time(nullptr);

  const engine::Now now = clock.read();

  EXPECT_NEAR((now.real - timestamp_from_unix(before, 0)).seconds(), 0, 60);
}

TEST(LinuxClock, PrecisionIsBetweenANanosecondAndAMillisecond) {
  LinuxClock clock;

  const ClockPrecision precision = clock.measure_precision();

  EXPECT_GT(precision.step_s, 0);
  EXPECT_GT(precision.reading_s, 0);
  EXPECT_GE(precision.log2s, -30);
  EXPECT_LE(precision.log2s, -10);
  EXPECT_GE(exp2_s(precision.log2s), std::max(precision.step_s, precision.reading_s));
}

TEST(LinuxClock, FrequencyIsReadable) {
  LinuxClock clock;

  const auto ppm = clock.frequency_ppm();

  ASSERT_TRUE(ppm);
  EXPECT_LE(std::abs(*ppm), kMaxFrequency_ppm + kMaxFreq_ppm);
}

constexpr int kStillAllowed = 100;

bool drop_right_to_set_clock() {
  if (::prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) == 1 && ::prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0) != 0)
    return false;
  __user_cap_header_struct head{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &head, sets.data()) != 0) return false;
  constexpr std::uint32_t kBit = 1U << (CAP_SYS_TIME % 32);
  sets[0].effective &= ~kBit;
  sets[0].permitted &= ~kBit;
  sets[0].inheritable &= ~kBit;
  if (::syscall(SYS_capset, &head, sets.data()) != 0) return false;
  sets = {};
  if (::syscall(SYS_capget, &head, sets.data()) != 0) return false;
  const bool is_gone = ((sets[0].effective | sets[0].permitted | sets[0].inheritable) & kBit) == 0;
  return is_gone && ::prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) == 0;
}

/// The errno that `call` gives in a child that may not set the clock; kStillAllowed if the child could not be made safe.
template <class Call>
int error_without_right(Call call) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!drop_right_to_set_clock()) ::_exit(kStillAllowed);
    LinuxClock clock;
    const auto done = call(clock);
    ::_exit(done ? 0 : done.error().os_error);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return kStillAllowed;
  return WEXITSTATUS(status);
}

TEST(LinuxClock, WithoutTheRightEveryChangeIsRefusedAsAValue) {
  EXPECT_EQ(error_without_right([](LinuxClock& clock) { return clock.step(Span::from_seconds(1e-6)); }), EPERM);
  EXPECT_EQ(error_without_right([](LinuxClock& clock) { return clock.set_frequency(0); }), EPERM);
  EXPECT_EQ(error_without_right([](LinuxClock& clock) { return clock.set_status({}); }), EPERM);
  EXPECT_EQ(error_without_right([](LinuxClock& clock) { return clock.cancel_slews(); }), EPERM);
  EXPECT_EQ(error_without_right([](LinuxClock& clock) { return clock.slew(Span::from_seconds(1e-6)); }), EPERM);
}

TEST(LinuxClock, StepOutOfTheCalendarIsRefusedAsInvalid) {
  // Back by 68 years: before 1970 for any clock that shows a time before 2038.
  if (std::time(nullptr) >= 2'147'483'648) GTEST_SKIP() << "this clock is past 2038";
  const auto back = Span::from_units(std::numeric_limits<std::int64_t>::min());

  EXPECT_EQ(error_without_right([&](LinuxClock& clock) { return clock.step(back); }), EINVAL);
}

}  // namespace
}  // namespace ntp::clock
