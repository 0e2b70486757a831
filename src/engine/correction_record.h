// SPDX-License-Identifier: BSD-2-Clause
//
// Every correction of the system clock, so that any of its stamps can be mapped back to undisciplined time. Estimators live
// there: a sample taken before a slew says the same after it.
#pragma once

#include <cstddef>

#include "base/ring.h"
#include "base/time.h"
#include "base/wide.h"
#include "engine/events.h"

namespace ntp::engine {

/// How far the system clock has been moved against the undisciplined clock since the record began, in units of 2^-64 s.
/// Only differences have a meaning; they are exact.
struct Correction {
  Int128 units = 0;

  /// Seconds from b to a.
  friend constexpr double operator-(Correction a, Correction b) {
    return static_cast<double>(a.units - b.units) * 0x1.0p-64;
  }
  friend constexpr bool operator==(Correction, Correction) = default;
};

class CorrectionRecord {
 public:
  /// More than an hour of slews at one a slice; older stamps are taken as of the oldest segment.
  static constexpr std::size_t kSegments = 512;

  void start(RawTime at, double frequency_ppm);
  /// From `at` on the clock runs at this frequency.
  void frequency_changed(RawTime at, double frequency_ppm);
  /// At `at` the clock was moved at once, by us or by somebody else.
  void stepped(RawTime at, Span amount);

  /// The correction that was in force at `at`: piecewise linear, with a jump at each step.
  [[nodiscard]] Correction at(RawTime at) const;
  /// The frequency in force now.
  [[nodiscard]] double frequency_ppm() const;
  /// When the undisciplined clock showed what it did as the system clock showed `stamp`; `now` anchors the two. Exact
  /// across slews and steps that the record still holds.
  [[nodiscard]] RawTime raw_of(Timestamp stamp, const Now& now) const;

 private:
  struct Segment {
    RawTime start;
    Correction at_start;
    double frequency_ppm = 0;
  };
  [[nodiscard]] static Correction extend(const Segment& segment, RawTime at);

  Ring<Segment, kSegments> segments_;
};

}  // namespace ntp::engine
