// SPDX-License-Identifier: BSD-2-Clause
//
// After each event: what is another than before, of the sources and of the clock.
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/engine_impl.h"
#include "engine/source_reason.h"
#include "engine/view_builder.h"
#include "state/reasons.h"

namespace ntp::engine {
namespace {

using state::SourceReason;

/// On the way to something that will be told soon.
bool is_passing(SourceReason reason) { return reason == SourceReason::few_samples || reason == SourceReason::waiting; }

std::string title_of(const Association& a) {
  const std::string address = a.remote.address.text();
  return a.settings.name == address ? address : fmt::format("{} ({})", a.settings.name, address);
}

}  // namespace

void Engine::Impl::note_changes(const Now& now) {
  for (const auto& [id, remote] : sources_.take_departed())
    changes_.add(now.real, id, fmt::format("removed: {}", remote.address.text()));
  for (const auto& a : sources_.associations()) {
    const bool is_reachable = a->poll.reach() != 0;
    if (std::exchange(a->was_reachable, is_reachable) != is_reachable) a->reach_changed_at = now.mono;
    note_source(now, *a);
  }
  note_clock(now);
}

void Engine::Impl::note_source(const Now& now, Association& a) {
  ToldSource& told = a.told;
  if (!std::exchange(told.is_known, true)) {
    told.remote = a.remote;
    // Those that it starts with are no change.
    if (has_started_) changes_.add(now.real, a.id, fmt::format("added: {}", title_of(a)));
    return;
  }
  if (std::exchange(told.remote, a.remote) != a.remote)
    changes_.add(now.real, a.id, fmt::format("asked at another address: {}", title_of(a)));
  const SourceReason reason = reason_of(a, now);
  if (reason == told.reason || is_passing(reason) || !told.times.may_tell(now.mono)) return;
  told.reason = reason;
  told.times.told(now.mono);
  const ViewParts parts = view_parts(now);
  changes_.add(now.real, a.id, state::to_text(build_source_view(a, parts), build_system_view(parts)));
}

void Engine::Impl::note_clock(const Now& now) {
  // While a step is under way, the clock is neither right nor wrong.
  if (clock_->drive().is_step_pending()) return;
  ToldClock& told = changes_.clock;
  const bool is_synchronized = system_.is_synchronized();
  const bool is_same = is_synchronized == told.is_synchronized && (!is_synchronized || progress_.leader == told.leader);
  if (is_same) return;
  const bool was_synchronized = std::exchange(told.is_synchronized, is_synchronized);
  told.leader = progress_.leader;
  const bool is_gain = is_synchronized && !was_synchronized;
  const bool is_lead = is_synchronized == was_synchronized;
  std::string text = (is_gain ? "in sync: " : "") + state::why_clock(build_view(view_parts(now)));
  ToldTimes& times = is_lead ? told.lead_times : told.times;
  // Who leads never takes the place of what was said of the synchronisation: that is worth more.
  if (times.may_tell(now.mono) || (is_lead && !told.was_lead)) {
    times.told(now.mono);
    changes_.add_clock(now.real, std::move(text));
  } else {
    changes_.replace_clock(now.real, std::move(text));
  }
  told.was_lead = is_lead;
}

}  // namespace ntp::engine
