// SPDX-License-Identifier: BSD-2-Clause
//
// What a run is judged by: the true error of a clock, sampled at fixed true times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/true_time.h"

namespace ntp::sim {

struct Sample {
  double offset_s = 0;  ///< clock minus true time
  double frequency_error_ppm = 0;
  bool is_synchronized = false;  ///< what the node claims
};

/// Root mean square and largest magnitude of what is added.
class Spread {
 public:
  void add(double value);
  /// 0 if nothing was added.
  [[nodiscard]] double rms() const;
  [[nodiscard]] double max() const { return max_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_ = 0;
  double sum_squares_ = 0;
  double max_ = 0;
};

/// A part of the run, [from, to), that is looked at by itself.
struct TimeWindow {
  TrueTime from;
  TrueTime to;
};

class Metrics {
 public:
  /// Statistics start at `settle`; `below_s` is the bound whose last crossing is wanted.
  Metrics(TrueTime settle, double below_s, std::vector<TimeWindow> windows = {})
      : settle_(settle), below_s_(below_s), windows_(std::move(windows)), window_offsets_(windows_.size()) {}

  void add(TrueTime at, const Sample& sample);

  [[nodiscard]] double rms_offset_s() const { return offset_.rms(); }
  [[nodiscard]] double max_offset_s() const { return offset_.max(); }
  [[nodiscard]] double rms_frequency_error_ppm() const { return frequency_.rms(); }
  /// Offsets in the window of that index.
  [[nodiscard]] const Spread& window(std::size_t index) const { return window_offsets_[index]; }
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
  std::vector<TimeWindow> windows_;
  std::vector<Spread> window_offsets_;
  Spread offset_;
  Spread frequency_;
  std::uint64_t synchronized_ = 0;
  double peak_offset_s_ = 0;
  double max_claimed_offset_s_ = 0;
  TrueTime below_since_ = TrueTime::never();
  TrueTime first_synchronized_ = TrueTime::never();
};

}  // namespace ntp::sim
