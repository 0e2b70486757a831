// SPDX-License-Identifier: BSD-2-Clause
//
// The clock filter: of the last eight samples, the one with the least delay is the truest (RFC 5905 section 10).
#pragma once

#include <array>
#include <cstddef>

#include "engine/constants.h"
#include "engine/correction_record.h"

namespace ntp::engine {

/// One measured offset. It was measured against the system clock as that was at `at`; `correction` says what had been done
/// to the clock by then, so that the offset can be stated for the clock as it is now.
struct Sample {
  double offset_s = 0;
  double delay_s = 0;
  double dispersion_s = kMaxDispersion_s;  ///< at `at`
  RawTime at;
  Correction correction;

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// What the filter makes of its samples: the peer variables theta, delta, epsilon, psi.
struct FilterResult {
  bool is_new = false;      ///< the best sample is newer than the one used last, and no popcorn spike
  bool is_popcorn = false;  ///< a spike was passed over: the rest is what the other samples say
  double spike_s = 0;       ///< how far that one was from the sample used last
  double offset_s = 0;
  double delay_s = 0;
  double dispersion_s = kMaxDispersion_s;
  double jitter_s = 0;
  RawTime at;  ///< of the best sample
};

struct FilterContext {
  RawTime now;
  Correction correction;  ///< at now
  double dispersion_rate = kFrequencyTolerance;
  double precision_s = 1e-6;
  double poll_interval_s = 64;
  double allan_intercept_s = 2048;
};

class ClockFilter {
 public:
  /// Shifts a sample in and gives the new peer variables.
  FilterResult add(const Sample& sample, const FilterContext& context);
  /// A poll without an answer: the oldest sample goes, nothing comes. The dispersion of the source grows.
  FilterResult add_missing(const FilterContext& context);
  /// All eight stages at once, for a clock that is read and not measured.
  FilterResult fill(const Sample& sample, const FilterContext& context);
  /// The same without a judgement, for who only wants them to be seen.
  void note(const Sample& sample);
  void note_missing();
  void clear();
  /// Newest first, as they stand at `context.now`; empty stages have the maximum dispersion.
  [[nodiscard]] std::array<state::FilterStage, kFilterStages> stages(const FilterContext& context) const;
  friend bool operator==(const ClockFilter&, const ClockFilter&) = default;

 private:
  struct Stage {
    Sample sample;
    bool is_filled = false;
    bool is_spike = false;  ///< passed over: never the best one

    friend bool operator==(const Stage&, const Stage&) = default;
  };
  /// Filled stages, the truest first.
  struct Order {
    std::array<Stage*, kFilterStages> stages{};
    std::size_t count = 0;
  };
  void shift(const Stage& stage);
  [[nodiscard]] Order sorted(const FilterContext& context);
  [[nodiscard]] bool is_spike(const Sample& best, const FilterContext& context) const;
  FilterResult evaluate(const FilterContext& context);

  std::array<Stage, kFilterStages> stages_{};
  std::size_t next_ = 0;
  bool has_used_ = false;
  Sample used_;  ///< the sample used last
  double used_dispersion_s_ = kMaxDispersion_s;
  double jitter_s_ = 0;  ///< as of the last evaluation
};

}  // namespace ntp::engine
