// SPDX-License-Identifier: BSD-2-Clause
//
// What a run is judged by: the true error of a clock, sampled at fixed true times.
#pragma once

#include <cstdint>

#include "sim/true_time.h"

namespace ntp::sim {

struct Sample {
  double offset_s = 0;  ///< clock minus true time
  double frequency_error_ppm = 0;
  bool is_synchronized = false;  ///< what the node claims
};

class Metrics {
 public:
  /// Statistics start at `settle`; `below_s` is the bound whose last crossing is wanted.
  Metrics(TrueTime settle, double below_s) : settle_(settle), below_s_(below_s) {}

  void add(TrueTime at, const Sample& sample);

  [[nodiscard]] double rms_offset_s() const;
  [[nodiscard]] double max_offset_s() const { return max_offset_s_; }
  [[nodiscard]] double rms_frequency_error_ppm() const;
  /// The largest error of the whole run.
  [[nodiscard]] double peak_offset_s() const { return peak_offset_s_; }
  /// From when on the error stayed below below_s.
  [[nodiscard]] TrueTime below_since() const { return below_since_; }
  /// When the node claimed to be synchronised for the first time; never() if it did not.
  [[nodiscard]] TrueTime first_synchronized() const { return first_synchronized_; }
  /// Of the samples after settling.
  [[nodiscard]] double synchronized_fraction() const;
  /// The largest error while the node claimed to be synchronised.
  [[nodiscard]] double max_claimed_offset_s() const { return max_claimed_offset_s_; }
  [[nodiscard]] const Sample& last() const { return last_; }

 private:
  TrueTime settle_;
  double below_s_;
  Sample last_;
  std::uint64_t samples_ = 0;
  std::uint64_t synchronized_ = 0;
  double sum_squares_ = 0;
  double sum_frequency_squares_ = 0;
  double max_offset_s_ = 0;
  double peak_offset_s_ = 0;
  double max_claimed_offset_s_ = 0;
  TrueTime below_since_ = TrueTime::never();
  TrueTime first_synchronized_ = TrueTime::never();
};

}  // namespace ntp::sim
