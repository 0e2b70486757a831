// SPDX-License-Identifier: BSD-2-Clause
//
// The variables of control/variables.def: answers from them, default sets and lists of names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "control/answer_text.h"
#include "control/facts.h"
#include "state/host_view.h"
#include "state/view.h"
#include "wire/control_packet.h"

namespace ntp::control {

/// What an answer is made from: gathered when it is first asked for.
class Told {
 public:
  Told(Facts& facts, const Instant& now, const state::ControlCounts& counts)
      : facts_(facts), now_(now), counts_(counts) {}

  [[nodiscard]] const Instant& instant() const { return now_; }
  [[nodiscard]] const state::View& view() const;
  [[nodiscard]] const state::HostView& host() const;
  [[nodiscard]] const state::VariableSet& own() const { return facts_.variables(); }
  [[nodiscard]] const state::ControlCounts& counts() const { return counts_; }
  [[nodiscard]] Facts& facts() const { return facts_; }

 private:
  Facts& facts_;
  Instant now_;
  const state::ControlCounts& counts_;
  mutable const state::View* view_ = nullptr;
  mutable const state::HostView* host_ = nullptr;
};

/// Null: there is none.
const state::SourceView* find_source(const state::View& view, std::uint16_t association_id);
/// The reference clock of that association; of 0: the one that leads, else the first one. Null: there is none.
const state::SourceView* find_clock(const state::View& view, std::uint16_t association_id);

/// `request`: names, separated by commas and blanks, with or without "=value"; none: the default set. One unknown name fails
/// them all.
using VariableResult = std::expected<void, wire::ControlError>;
VariableResult put_system_variables(const Told& told, std::string_view request, AnswerText& out);
VariableResult put_peer_variables(const Told& told, const state::SourceView& source, std::string_view request,
                                  AnswerText& out);
VariableResult put_clock_variables(const state::ClockView& clock, std::string_view request, AnswerText& out);

/// What traps are told of an event of the system, or of an association.
void put_system_report(const Told& told, AnswerText& out);
void put_peer_report(const Told& told, const state::SourceView& source, AnswerText& out);

/// If a name is one of the table's: it can't be an own variable's.
bool is_system_variable(std::string_view name);

}  // namespace ntp::control
