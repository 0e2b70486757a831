// SPDX-License-Identifier: BSD-2-Clause
#include <cmath>

#include <gtest/gtest.h>

#include "engine/discipline.h"

namespace ntp::engine {
namespace {

constexpr double kPrecision_s = 1e-6;

RawTime raw(double at_s) { return RawTime::from_nanoseconds(static_cast<std::int64_t>(at_s * 1e9)); }

/// In state SYNC at t = 1000 s with offset and frequency 0, its start-up hold over.
Discipline synchronized(std::int8_t poll_log2s) {
  Discipline discipline({}, kPrecision_s);
  discipline.start(0, true);
  discipline.set_poll_bounds(poll_log2s, poll_log2s);
  discipline.update({.offset_s = 0, .jitter_s = 0, .now = raw(0), .correction = {}});
  discipline.update({.offset_s = 0, .jitter_s = 0, .now = raw(1000), .correction = {}});
  return discipline;
}

TEST(FrequencyLock, CountsWhenTheLastUpdateIsLongAgoEvenAtAShortPollInterval) {
  Discipline discipline = synchronized(10);
  constexpr double kSilence_s = 4000;

  discipline.update({.offset_s = 0.001, .jitter_s = 0, .now = raw(1000 + kSilence_s), .correction = {}});

  // 1/4 theta / mu, and the phase-locked share theta mu / (16 * 2^10)^2.
  const double frequency_lock_ppm = 1e6 * 0.25 * 0.001 / kSilence_s;
  const double phase_lock_ppm = 1e6 * 0.001 * kSilence_s / (16384.0 * 16384.0);
  EXPECT_NEAR(discipline.frequency_ppm(), frequency_lock_ppm + phase_lock_ppm, 1e-9);
}

TEST(FrequencyLock, IsOffWhileUpdatesComeOftenEnough) {
  Discipline discipline = synchronized(6);

  discipline.update({.offset_s = 0.001, .jitter_s = 0, .now = raw(1064), .correction = {}});

  EXPECT_NEAR(discipline.frequency_ppm(), 1e6 * 0.001 * 64 / (1024.0 * 1024.0), 1e-9);
}

TEST(FrequencyLock, ASourceLostForADayDoesNotUpsetTheLoop) {
  Discipline discipline = synchronized(6);
  constexpr double kDay_s = 86400;
  constexpr double kDrift_ppm = 1;

  discipline.update(
      {.offset_s = kDay_s * kDrift_ppm * 1e-6, .jitter_s = 0, .now = raw(1000 + kDay_s), .correction = {}});

  // 86 ms after a day are 1 ppm. Phase lock alone, counting the whole day, would take them for 7000 ppm.
  EXPECT_NEAR(discipline.frequency_ppm(), kDrift_ppm, 1e-9);
}

/// Slewing 5 s away, as with -x: an update a minute, with the clock losing `drift_ppm` besides.
double frequency_after_long_slew(double drift_ppm) {
  Discipline discipline({.step_threshold_s = 600, .step_back_threshold_s = 600}, kPrecision_s);
  discipline.start(0, true);
  discipline.set_poll_bounds(6, 6);
  double offset_s = 5;
  double at_s = 0;
  discipline.update({.offset_s = offset_s, .jitter_s = 0, .now = raw(at_s), .correction = {}});
  while (offset_s > 0.5) {
    at_s += 64;
    const double slewed_s = 64 * kMaxSlew_ppm * 1e-6;
    discipline.slewed(slewed_s);
    offset_s += 64e-6 * (drift_ppm - discipline.frequency_ppm()) - slewed_s;
    discipline.update({.offset_s = offset_s, .jitter_s = 0, .now = raw(at_s), .correction = {}});
  }
  return discipline.frequency_ppm();
}

TEST(FrequencyLock, ALongSlewIsNotTakenForAFrequencyError) { EXPECT_NEAR(frequency_after_long_slew(0), 0, 1e-6); }

TEST(FrequencyLock, AFrequencyErrorIsFoundDuringALongSlew) { EXPECT_NEAR(frequency_after_long_slew(20), 20, 0.1); }

}  // namespace
}  // namespace ntp::engine
