// SPDX-License-Identifier: BSD-2-Clause
//
// What stands between the sources and the clock: how samples become an offset, and how the clock is made to follow it. Two
// kinds: the clock estimator, and RFC 5905's clock filter and hybrid loop (tinker discipline).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "engine/clock_drive.h"
#include "engine/exchange.h"
#include "engine/mitigation.h"
#include "engine/step_policy.h"
#include "engine/system_variables.h"

namespace ntp::engine {

/// Where the two kinds ask different things of the engine.
struct FollowingRules {
  Combining combining = Combining::clustered;
  double start_wait_s = kStartWait_s;
  /// At start, a line whose name has no address yet counts as a source that may still answer.
  bool counts_unresolved_lines = false;
  /// Every sample is acted upon; else, once the clock is right, only the last one of a burst.
  bool decides_within_bursts = false;
  /// After a step of ours all samples are void and all sources are asked anew.
  bool restarts_after_step = true;
};

class ClockControl {
 public:
  ClockControl() = default;
  ClockControl(const ClockControl&) = delete;
  ClockControl& operator=(const ClockControl&) = delete;
  virtual ~ClockControl() = default;

  [[nodiscard]] virtual FollowingRules rules() const = 0;

  // The clock.

  virtual void start(const Now& now, Effects& out) = 0;
  /// Goes on with a slew.
  virtual void tick(const Now& now, Effects& out) = 0;
  [[nodiscard]] virtual MonoTime deadline() const = 0;
  /// Leaves the clock at its own frequency.
  virtual void stop(const Now& now, Effects& out) = 0;
  /// The outcome of an effect of ours.
  virtual ClockDrive::Outcome corrected(const Now& now, const ClockCorrected& correction, Effects& out) = 0;
  /// The system clock was moved by somebody else, or the undisciplined clock stood still.
  virtual void jumped(const Now& now, Span amount, Effects& out) = 0;
  [[nodiscard]] virtual const ClockDrive& drive() const = 0;
  /// Other thresholds; what is known of the clock stays. The algorithm is the old one.
  virtual void reconfigure(const DisciplineSettings& settings) = 0;
  virtual void temperature(const Now& now, double celsius, Effects& out) = 0;

  // The sources.

  enum class Taken : std::uint8_t {
    used,
    ignored,  ///< of no use, at least not yet
    leapt,    ///< most of what was followed moved for good: the phase is void, all must be measured anew
  };
  /// A measured exchange becomes the source's peer variables.
  virtual Taken take(const Now& now, Association& association, const Reply& reply) = 0;
  /// Polls went unanswered.
  virtual void missed(const Now& now, Association& association) = 0;
  /// The source is gone, or stands for another host now.
  virtual void forget(AssociationId id) = 0;
  /// Brings all peer variables up to now, before they are compared.
  virtual void refresh(const Now& now, Associations associations) = 0;
  /// The interval at which the source should be asked.
  [[nodiscard]] virtual std::int8_t poll_log2s(const Association& association) const = 0;
  /// Bound of the frequency error of the clock.
  [[nodiscard]] virtual double dispersion_rate() const = 0;

  // What was chosen.

  /// True if the choice says more than the last one that was followed.
  [[nodiscard]] virtual bool has_news(const SystemChoice& choice) const = 0;
  /// The next choice is news whatever it says.
  virtual void look_again() = 0;
  /// What the chosen sources say, from now on what is followed: fills in offset and jitter.
  virtual void look(const Now& now, SystemChoice& choice) = 0;
  /// Makes the clock follow what look() saw. Where the answer is a step, the caller calls step() once it has said that it
  /// knows no time.
  virtual Action follow(const Now& now, const SystemChoice& choice, Effects& out) = 0;
  virtual void step(double offset_s, Effects& out) = 0;
  /// What the system variables are made of.
  [[nodiscard]] virtual SystemVariables::Followed followed(const Now& now, const SystemChoice& choice) const = 0;

  // What others are told.

  enum class SaveMoment : std::uint8_t { hourly, end };
  /// For the drift file; nothing while it would only be a guess.
  [[nodiscard]] virtual std::optional<DriftRecord> drift(const Now& now, SaveMoment moment) const = 0;
  struct Error {
    double offset_s = 0;     ///< estimate of true time minus system clock
    double deviation_s = 0;  ///< its standard deviation
  };
  [[nodiscard]] virtual Error error(const Now& now) const = 0;
  virtual void describe(const Now& now, state::SystemView& view) const = 0;
  virtual void describe(const Now& now, const Association& association, state::SourceView& view) const = 0;
};

[[nodiscard]] std::unique_ptr<ClockControl> make_clock_control(const Settings& settings);

}  // namespace ntp::engine
