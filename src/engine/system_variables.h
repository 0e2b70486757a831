// SPDX-License-Identifier: BSD-2-Clause
//
// What this host says of its own time (RFC 5905 section 11.1), and for how long it may be believed.
#pragma once

#include <optional>

#include "engine/events.h"
#include "engine/leap_keeper.h"
#include "engine/mitigation.h"

namespace ntp::engine {

class SystemVariables {
 public:
  explicit SystemVariables(std::int8_t precision_log2s) : precision_log2s_(precision_log2s) {}

  struct Followed {
    SystemChoice choice;
    double noise_s = 0;        ///< what the root distance counts for noise besides the peer's dispersion
    double uncorrected_s = 0;  ///< what the clock is known to be wrong by, bound of its magnitude
    double dispersion_rate = kFrequencyTolerance;
    bool is_usable = true;  ///< false: so wrong that it must not be called right
  };
  /// The clock follows `followed.choice.peer` as of now.
  void follow(const Now& now, const Followed& followed);
  /// Nobody is left to follow: this host's own time at `stratum` (tos orphan), with no error that it could know of.
  void become_orphan(const Now& now, int stratum);
  /// What was decided about the next leap second.
  void announce(const LeapPlan& plan) { plan_ = plan; }
  /// The clock leapt: what was stamped before is now so much later.
  void leapt(Span jump) { reference_ = reference_ + jump; }
  /// Nothing is known any more.
  void lose();

  [[nodiscard]] bool is_synchronized() const { return leap_ != wire::Leap::unsynchronized; }
  [[nodiscard]] bool is_orphan() const { return is_orphan_; }
  /// The source that leads is spreading a leap second (254.x.y.z): who follows it has the leap in small pieces already.
  [[nodiscard]] bool follows_smear() const { return is_synchronized() && follows_smear_; }
  /// What is announced.
  [[nodiscard]] wire::Leap leap() const { return is_synchronized() ? plan_.announced : wire::Leap::unsynchronized; }
  /// What the sources that were followed last announce, by their majority.
  [[nodiscard]] wire::Leap vote() const { return leap_; }
  [[nodiscard]] std::uint8_t stratum() const { return is_synchronized() ? stratum_ : std::uint8_t{0}; }
  [[nodiscard]] wire::Refid refid() const { return is_synchronized() ? refid_ : wire::kRefidInit; }
  [[nodiscard]] double root_delay_s() const { return root_delay_s_; }
  /// Grown to `now`.
  [[nodiscard]] double root_dispersion_s(MonoTime now) const;
  /// Bound of the clock's error, grown to `now`; 0 while unsynchronised.
  [[nodiscard]] double root_distance_s(MonoTime now) const;
  [[nodiscard]] Timestamp reference() const { return reference_; }

  /// For the data plane. A root distance beyond all bounds is no synchronisation.
  [[nodiscard]] state::ClockSummary summary(const Now& now) const;
  [[nodiscard]] SetKernelStatus kernel_status(const Now& now, double estimated_error_s) const;
  [[nodiscard]] bool is_worn_out(MonoTime now) const;

 private:
  std::int8_t precision_log2s_;
  wire::Leap leap_ = wire::Leap::unsynchronized;  ///< the sources' vote
  LeapPlan plan_;
  std::uint8_t stratum_ = 0;
  wire::Refid refid_ = wire::kRefidInit;
  Timestamp reference_;
  double root_delay_s_ = 0;
  double root_dispersion_s_ = 0;
  double dispersion_rate_ = kFrequencyTolerance;
  MonoTime as_of_;
  bool is_orphan_ = false;
  bool follows_smear_ = false;
};

/// A summary is renewed this often, and stale after so long: the sign of a hung engine.
inline constexpr double kPublishInterval_s = 16;
inline constexpr double kPublishValidity_s = 64;

}  // namespace ntp::engine
