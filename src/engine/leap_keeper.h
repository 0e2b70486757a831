// SPDX-License-Identifier: BSD-2-Clause
//
// Decides about leap seconds: a table that has not expired decides alone, also when it has none; else what more than half of
// the survivors announce, on the last day of a month (RFC 5905 section 7.3, and the reference implementation's states).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/events.h"
#include "engine/settings.h"
#include "state/view.h"

namespace ntp::engine {

/// What holds as of one moment.
struct LeapPlan {
  wire::Leap announced = wire::Leap::none;  ///< for clients and the kernel: none before the last day
  policy::LeapSeconds at = 0;               ///< the midnight at whose edge it happens, if change_s != 0
  int change_s = 0;                         ///< 0: none is to come within a day or the smear interval
  double smear_interval_s = 0;
  std::optional<int> tai_offset_s;
};

class LeapKeeper {
 public:
  explicit LeapKeeper(const Settings& settings);

  /// Another configuration.
  void configure(const Settings& settings);
  /// The file was read anew, or is gone.
  void set_table(std::shared_ptr<const policy::LeapTable> table);

  /// Decides anew, and says what has changed. Only for a clock that is right. `vote`: of more than half of the survivors.
  void look(const Now& now, wire::Leap vote, Effects& out);
  /// The clock is not known to be right: nothing is announced.
  void forget() { plan_ = {}; }
  [[nodiscard]] const LeapPlan& plan() const { return plan_; }

  /// True if a jump of the clock is the leap second that was announced.
  [[nodiscard]] bool is_leap(Span jump, Timestamp now) const;
  /// It happened, or should have.
  void pass();
  /// It should have happened a while ago, and the clock did not move.
  [[nodiscard]] bool is_missed(Timestamp now) const;
  /// Close to it, clocks that leap at slightly different moments differ by a second: nothing measured now means anything.
  [[nodiscard]] bool is_at_edge(Timestamp now) const;
  /// When to look at the clock next.
  [[nodiscard]] MonoTime deadline(const Now& now) const;

  /// There is a leap file, and no table that has not expired.
  [[nodiscard]] bool is_stale(Timestamp now) const;
  void describe(Timestamp now, state::SystemView& view) const;

 private:
  struct Coming {
    policy::LeapSeconds at = 0;
    int change_s = 0;  ///< 0: none is known of

    friend bool operator==(const Coming&, const Coming&) = default;
  };
  [[nodiscard]] bool is_smear_begun(policy::LeapSeconds now, const Coming& coming) const;
  /// What is to come, and whether it is spread: a smear that has begun is neither entered late nor left early.
  Coming decide(policy::LeapSeconds now, wire::Leap vote, Effects& out);
  [[nodiscard]] policy::LeapSeconds seconds_at(Timestamp now) const;
  [[nodiscard]] const policy::LeapTable* table_in_force(policy::LeapSeconds now) const;
  [[nodiscard]] const char* judge_of(policy::LeapSeconds now) const;
  [[nodiscard]] Coming coming(policy::LeapSeconds now, wire::Leap vote) const;
  [[nodiscard]] double until_s(Timestamp now) const;
  void report(policy::LeapSeconds now, const Coming& coming, Effects& out);
  void report_expiry(const Now& now, policy::LeapSeconds seconds, Effects& out);

  std::shared_ptr<const policy::LeapTable> file_;
  std::shared_ptr<const policy::LeapTable> spare_;
  double smear_interval_s_;
  LeapPlan plan_;
  std::optional<policy::LeapSeconds> passed_;  ///< the last leap second's midnight

  Coming spread_;      ///< the next leap second, if it was known when its smear began
  Coming not_spread_;  ///< told to be known too late for that
  Coming reported_;
  state::LeapProximity reported_proximity_ = state::LeapProximity::none;
  bool has_told_near_end_ = false;  ///< that the table expires soon
  bool has_told_end_ = false;       ///< that it has expired
  MonoTime next_expiry_warning_;
};

}  // namespace ntp::engine
