// SPDX-License-Identifier: BSD-2-Clause
//
// RFC 5905's way from samples to a clock: clock filter (section 10), hybrid loop (section 11.3).
#pragma once

#include "engine/clock_control.h"
#include "engine/steering.h"

namespace ntp::engine {

class ClassicControl final : public ClockControl {
 public:
  explicit ClassicControl(const Settings& settings);

  [[nodiscard]] FollowingRules rules() const override { return {}; }
  void start(const Now& now, Effects& out) override { steering_.start(now, out); }
  void tick(const Now& now, Effects& out) override { steering_.tick(now, out); }
  [[nodiscard]] MonoTime deadline() const override { return steering_.deadline(); }
  void stop(const Now& now, Effects& out) override { steering_.stop(now, out); }
  ClockDrive::Outcome corrected(const Now& now, const ClockCorrected& correction, Effects& out) override;
  void jumped(const Now& now, Span amount, Effects& out) override { steering_.jumped(now, amount, out); }
  [[nodiscard]] const ClockDrive& drive() const override { return steering_.drive(); }
  void reconfigure(const DisciplineSettings& settings) override;
  /// It has no use for it.
  void temperature(const Now&, double, Effects&) override {}

  Taken take(const Now& now, Association& association, const Reply& reply) override;
  void missed(const Now& now, Association& association) override;
  /// Its filter goes with it.
  void forget(AssociationId) override {}
  /// A filter's result is as of its last sample.
  void refresh(const Now&, Associations) override {}
  [[nodiscard]] std::int8_t poll_log2s(const Association& association) const override;
  [[nodiscard]] double dispersion_rate() const override;

  [[nodiscard]] bool has_news(const SystemChoice& choice) const override;
  void look_again() override { last_sample_at_.reset(); }
  void look(const Now& now, SystemChoice& choice) override;
  Action follow(const Now& now, const SystemChoice& choice, Effects& out) override;
  void step(double offset_s, Effects& out) override { steering_.step(offset_s, out); }
  [[nodiscard]] SystemVariables::Followed followed(const Now& now, const SystemChoice& choice) const override;

  [[nodiscard]] std::optional<DriftRecord> drift(const Now& now, SaveMoment moment) const override;
  [[nodiscard]] Error error(const Now& now) const override;
  void describe(const Now& now, state::SystemView& view) const override;
  void describe(const Now&, const Association&, state::SourceView&) const override {}

 private:
  [[nodiscard]] FilterContext filter_context(const Now& now, const Association& association) const;

  DisciplineSettings settings_;
  std::int8_t precision_log2s_;
  Steering steering_;
  std::optional<RawTime> last_sample_at_;  ///< of the leader, when it was followed last
  double combined_offset_s_ = 0;
  double combined_jitter_s_ = 0;
  Correction combined_correction_;
};

}  // namespace ntp::engine
