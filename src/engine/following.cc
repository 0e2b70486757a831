// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "engine/engine_impl.h"
#include "engine/orphan.h"

namespace ntp::engine {

// ------------------------------------------------------------------------------------------------------------- the system

void Engine::Impl::update_system(const Now& now, Effects& out) {
  if (clock_->drive().is_step_pending()) return;
  for (const AssociationId id : sources_.take_forgotten()) clock_->forget(id);
  clock_->refresh(now, sources_.associations());
  auto choice = mitigation_.choose(sources_.associations(), mitigation_context(now));
  if (!choice) {
    progress_.waiting_for = mitigation_.reason();
    if (progress_.leader != 0)
      out.push_back(Log{Log::Level::notice, fmt::format("no source to follow: {}", mitigation_.reason()),
                        Log::Topic::sync_status});
    const bool is_news = std::exchange(progress_.leader, AssociationId{0}) != 0;
    if (is_news) report(now, state::SystemEvent::no_system_peer, out);
    if (has_orphan_mode(settings_.selection) && is_orphaned(now)) become_parent(now, out);
    return;
  }
  if (!choice->is_makeshift) {
    progress_.last_network_choice_at = now.mono;
    schedule_orphan_check();
  }
  report_leader(now, *choice, out);
  if (!clock_->has_news(*choice)) return;
  clock_->look(now, *choice);
  follow(now, *choice, out);
}

void Engine::Impl::become_parent(const Now& now, Effects& out) {
  if (system_.is_orphan()) return;
  const int stratum = settings_.selection.orphan_stratum;
  system_.become_orphan(now, stratum);
  out.push_back(Log{Log::Level::notice,
                    fmt::format("orphan mode: no source is left, this host serves its own time at "
                                "stratum {} until one comes back",
                                stratum),
                    Log::Topic::sync_status});
  publish(now, out);
}

void Engine::Impl::report_leader(const Now& now, const SystemChoice& choice, Effects& out) {
  if (progress_.leader == choice.peer->id) return;
  // Good sources take turns every few minutes, which is no news.
  const Log::Level level = progress_.leader == 0 ? Log::Level::notice : Log::Level::debug;
  progress_.leader = choice.peer->id;
  out.push_back(Log{level,
                    fmt::format("following {}, stratum {}, with {} source(s) in agreement",
                                choice.peer->remote.address.text(), choice.peer->peer.stratum, choice.survivors),
                    Log::Topic::sync_status});
  engine::report(now, *choice.peer, state::PeerEvent::system_peer, out);
}

void Engine::Impl::follow(const Now& now, SystemChoice& choice, Effects& out) {
  progress_.waiting_for.clear();
  progress_.offset_s = choice.offset_s;
  progress_.jitter_s = choice.jitter_s;
  if (choice.peer->is_local_clock()) {
    // The clock as it is: there is nothing to correct it by.
    system_.follow(
        now, {.choice = choice, .noise_s = choice.jitter_s, .dispersion_rate = settings_.discipline.dispersion_rate});
    clock_updated(now, out);
    publish(now, out);
    return;
  }
  if (!clock_->drive().sets_clock()) {
    follow_measured(now, choice, out);
    return;
  }
  follow_corrected(now, choice, clock_->follow(now, choice, out), out);
}

void Engine::Impl::follow_corrected(const Now& now, const SystemChoice& choice, Action action, Effects& out) {
  switch (action) {
    case Action::panic:
      system_.lose();
      publish(now, out);
      report(now, state::SystemEvent::panic_stop, out,
             fmt::format("{:+.0f} s; set clock manually within {:.0f} s.", choice.offset_s,
                         settings_.discipline.panic_threshold_s));
      out.push_back(Terminate{Terminate::Reason::panic,
                              fmt::format("the clock is off by {:+.3f} s, more than the panic threshold of {} s; "
                                          "set it by hand or start with -g",
                                          choice.offset_s, settings_.discipline.panic_threshold_s)});
      return;
    case Action::step:
      // The data plane must not serve the old time as good while the step is under way.
      system_.lose();
      publish(now, out);
      clock_->step(choice.offset_s, out);
      return;
    case Action::ignored:
    case Action::slewed:
      break;
  }
  if (action == Action::slewed || system_.is_synchronized()) system_.follow(now, clock_->followed(now, choice));
  clock_updated(now, out);
  publish(now, out);
}

void Engine::Impl::follow_measured(const Now& now, const SystemChoice& choice, Effects& out) {
  const double step_s =
      choice.offset_s < 0 ? settings_.discipline.step_back_threshold_s : settings_.discipline.step_threshold_s;
  const bool is_usable =
      step_s <= 0 ? std::abs(choice.offset_s) < kStepThreshold_s : std::abs(choice.offset_s) <= step_s;
  SystemVariables::Followed followed = clock_->followed(now, choice);
  followed.is_usable = is_usable;
  system_.follow(now, followed);
  clock_updated(now, out);
  const std::string wrong = fmt::format("the clock is off by {:+.3f} s and is not ours to set", choice.offset_s);
  if (!is_usable) progress_.waiting_for = wrong;
  if (settings_.quits_after_set) out.push_back(Terminate{Terminate::Reason::no_source, wrong});
  publish(now, out);
}

void Engine::Impl::publish(const Now& now, Effects& out) {
  progress_.next_publish = now.mono + kPublishInterval_s;
  if (system_.is_worn_out(now.mono)) {
    out.push_back(Log{Log::Level::warning, "no source for so long that the time can't be called right any more"});
    system_.lose();
  }
  decide_leap(now, out);
  out.push_back(Publish{system_.summary(now)});
  if (!clock_->drive().sets_clock()) return;
  SetKernelStatus status = system_.kernel_status(now, clock_->error(now).deviation_s);
  if (!may_kernel_leap()) status.leap = wire::Leap::none;
  report_leap(now, std::exchange(kernel_leap_, status.leap), out);
  out.push_back(status);
}

void Engine::Impl::stepped(const Now& now, double amount_s, Effects& out) {
  if (settings_.quits_after_set) {
    out.push_back(
        Terminate{Terminate::Reason::clock_was_set, fmt::format("the clock was stepped by {:+.6f} s", amount_s)});
    return;
  }
  if (clock_->rules().restarts_after_step) {
    restart(now, out);
    return;
  }
  // What was asked before the step can't be told from what was measured after it; all that is known already still holds.
  sources_.forget_requests();
  clock_->look_again();
  update_system(now, out);
}

void Engine::Impl::save_drift(const Now& now, Effects& out) {
  progress_.next_drift_save = now.mono + kDriftSaveInterval_s;
  if (const auto drift = clock_->drift(now, ClockControl::SaveMoment::hourly)) out.push_back(SaveDrift{*drift});
}

}  // namespace ntp::engine
