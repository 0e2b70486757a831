// SPDX-License-Identifier: BSD-2-Clause
//
// The clock estimator's front: one filter bank for each source, one joint bank for the sources that the selection accepts,
// and the conviction of sources that drift against the others. (docs/design/clock.md)
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "estimator/measurement.h"
#include "estimator/poll_planner.h"

namespace ntp::estimator {

class Ensemble {
 public:
  Ensemble();
  ~Ensemble();
  Ensemble(const Ensemble&) = delete;
  Ensemble& operator=(const Ensemble&) = delete;

  /// Before the first measurement: what an earlier run knew. Without it the frequency may be anything within some 100 ppm.
  void remember(const Memory& memory);

  /// One that can't be followed has no say on whether others drift.
  void add_source(SourceId id, bool has_say = true);
  /// The source is gone, or is another host now: all that was learnt of it is forgotten.
  void remove_source(SourceId id);

  enum class Fate : unsigned char {
    used,     ///< it is in the source's estimate (and in the joint one, if the source is accepted)
    refused,  ///< not finite, of the past, or a duplicate: nothing was changed
  };
  Fate measured(SourceId id, const Measurement& measurement);

  /// What this source alone says, at `at`; nothing before its first measurement.
  [[nodiscard]] std::optional<ClockEstimate> source_estimate(SourceId id, RawTime at) const;
  /// How far true time can be from the source's estimate if the source is right: no queue and no asymmetry hides more than
  /// half of a delay. Without the source's own root distance.
  [[nodiscard]] double error_bound_s(SourceId id, RawTime at) const;
  /// What the source's measurements leave open of an estimated frequency, s/s, whatever any model believes.
  [[nodiscard]] double proven_frequency_error(SourceId id, double frequency) const;
  /// Least delay that the path has shown lately.
  [[nodiscard]] double delay_floor_s(SourceId id) const;
  /// Typical error of one measurement of this source.
  [[nodiscard]] double jitter_s(SourceId id) const;
  [[nodiscard]] std::size_t measurements(SourceId id) const;
  /// True if the source drifts against a majority of the others, or did so lately.
  [[nodiscard]] bool is_drifting(SourceId id, RawTime now) const;

  /// The sources that the selection accepts from now on. One that is no longer accepted leaves the joint estimate with all
  /// that it said in the last hours.
  void use(std::span<const SourceId> accepted);
  /// What the accepted sources say together; nothing before the first one was accepted and measured.
  [[nodiscard]] std::optional<ClockEstimate> estimate(RawTime at) const;

  /// The longest interval (log2 s, within the bounds) after which the joint estimate is still as good as it should be, and
  /// that the packet budget allows.
  [[nodiscard]] int advised_poll_log2s(SourceId id, const PollBounds& bounds) const;

  /// The temperature near the oscillator.
  void temperature(RawTime at, double celsius);

  /// The undisciplined clock stood still for an unknown time (suspend): offsets are void, what is known of the frequency
  /// and of the paths is not.
  void phase_lost(RawTime now);

  /// For the drift file; nothing while the frequency isn't known.
  [[nodiscard]] std::optional<Memory> memory(RawTime now) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ntp::estimator
