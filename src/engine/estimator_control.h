// SPDX-License-Identifier: BSD-2-Clause
//
// The way from samples to a clock through the clock estimator (docs/design/clock.md): samples become measurements of
// undisciplined time, the sources that the selection accepts become one estimate, and the clock follows that.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "engine/clock_control.h"
#include "engine/feed_forward.h"
#include "engine/leap_gate.h"
#include "engine/step_policy.h"
#include "estimator/ensemble.h"

namespace ntp::engine {

class EstimatorControl final : public ClockControl {
 public:
  explicit EstimatorControl(const Settings& settings);

  [[nodiscard]] FollowingRules rules() const override;
  void start(const Now& now, Effects& out) override;
  void tick(const Now& now, Effects& out) override { clock_.tick(now, out); }
  [[nodiscard]] MonoTime deadline() const override { return clock_.deadline(); }
  void stop(const Now& now, Effects& out) override;
  ClockDrive::Outcome corrected(const Now& now, const ClockCorrected& correction, Effects& out) override;
  void jumped(const Now& now, Span amount, Effects& out) override;
  [[nodiscard]] const ClockDrive& drive() const override { return clock_.drive(); }
  void reconfigure(const DisciplineSettings& settings) override;
  void temperature(const Now& now, double celsius, Effects& out) override;

  Taken take(const Now& now, Association& association, const Reply& reply) override;
  /// What a silent source said grows old by itself; the gap is to be seen.
  void missed(const Now&, Association& association) override { association.filter.note_missing(); }
  void forget(AssociationId id) override;
  void refresh(const Now& now, Associations associations) override;
  [[nodiscard]] std::int8_t poll_log2s(const Association& association) const override;
  [[nodiscard]] double dispersion_rate() const override;

  [[nodiscard]] bool has_news(const SystemChoice& choice) const override;
  void look_again() override { has_news_ = true; }
  void look(const Now& now, SystemChoice& choice) override;
  Action follow(const Now& now, const SystemChoice& choice, Effects& out) override;
  void step(double offset_s, Effects& out) override { clock_.step(offset_s, out); }
  [[nodiscard]] SystemVariables::Followed followed(const Now& now, const SystemChoice& choice) const override;

  [[nodiscard]] std::optional<DriftRecord> drift(const Now& now, SaveMoment moment) const override;
  [[nodiscard]] Error error(const Now& now) const override;
  void describe(const Now& now, state::SystemView& view) const override;
  void describe(const Now& now, const Association& association, state::SourceView& view) const override;

 private:
  /// After a jump forward: either another program stepped the clock, which the books know, or the machine slept and the
  /// undisciplined clock stood still, which they don't. The next answer of a followed source tells.
  struct Doubt {
    double amount_s = 0;
    MonoTime since;
    std::set<AssociationId> slept;    ///< followed sources whose answers say so
    std::set<AssociationId> stepped;  ///< and those that say that it was a step
  };
  [[nodiscard]] estimator::Measurement measurement_of(const Reply& reply);
  [[nodiscard]] bool is_known(AssociationId id) const { return known_.count(id) > 0; }
  [[nodiscard]] bool is_used(AssociationId id) const;
  /// False if the measurement can't be placed yet.
  bool settle_doubt(const Now& now, const Association& association, const estimator::Measurement& measurement);
  /// What becomes of the measurement where the source itself predicted another one.
  Taken compare_with_prediction(const Now& now, Association& association, const estimator::Measurement& measurement);
  [[nodiscard]] bool is_majority_held() const;
  void learn(AssociationId id, bool has_say);
  void lose_phase(const Now& now);
  /// What the source's own error adds to its distance.
  [[nodiscard]] double dispersion_s(const Now& now, const Association& association,
                                    const estimator::ClockEstimate& estimate) const;
  void restate(const Now& now, Association& association) const;
  [[nodiscard]] state::DisciplineState state() const;
  /// What is worth keeping of the clock at such a moment.
  [[nodiscard]] std::optional<estimator::Memory> memory(const Now& now, SaveMoment moment) const;

  // What is needed of Settings and no more: a copy of all of them would keep the first keys alive.
  DisciplineSettings settings_;
  std::optional<DriftRecord> given_drift_;
  double kernel_frequency_ppm_;
  estimator::Ensemble ensemble_;
  FeedForward clock_;
  StepPolicy policy_;
  LeapGate gate_;
  std::set<AssociationId> known_;
  std::vector<estimator::SourceId> used_;
  std::optional<DatedEstimate> seen_;  ///< what the followed sources say together
  std::optional<Doubt> doubt_;
  bool has_news_ = false;
  double drain_s_ = 1;
  std::int8_t leader_poll_log2s_ = kDefaultMinPoll;
};

}  // namespace ntp::engine
