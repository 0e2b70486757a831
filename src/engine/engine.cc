// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>

#include <fmt/format.h>

#include "crypto/refid_of.h"
#include "engine/engine_impl.h"
#include "engine/orphan.h"

namespace ntp::engine {

Engine::Impl::Impl(Settings settings, Random& random)
    : settings_(std::move(settings)),
      random_(random),
      sources_(settings_),
      clock_(make_clock_control(settings_)),
      system_(settings_.precision_log2s),
      leap_(settings_) {}

void Engine::Impl::set_own_names(std::vector<Address> addresses, std::uint16_t port) {
  own_.refids.clear();
  // A loopback address as a refid is everybody's, not ours.
  for (const Address& address : addresses)
    if (!address.is_loopback()) own_.refids.push_back(crypto::refid_of(address));
  own_.addresses = std::move(addresses);
  own_.port = port;
}

ExchangeContext Engine::Impl::exchange_context(const Now& now) {
  return {.now = &now,
          .dispersion_rate = settings_.discipline.dispersion_rate,
          .precision_log2s = settings_.precision_log2s,
          .record = &clock_->drive().record(),
          .authentication = {settings_.keys.get(), &macs_, &progress_.keys}};
}

bool Engine::Impl::is_orphaned(const Now& now) const {
  // Alone, a host has nobody to wait for.
  return sources_.network_lines() == 0 ||
         now.mono >= progress_.last_network_choice_at + settings_.selection.orphan_wait_s;
}

MitigationContext Engine::Impl::mitigation_context(const Now& now) const {
  const FollowingRules rules = clock_->rules();
  const bool is_starting = !system_.is_synchronized() && progress_.first_reply_at &&
                           now.mono < *progress_.first_reply_at + rules.start_wait_s;
  return {.now = now.raw,
          .correction = clock_->drive().phase(now.raw),
          .dispersion_rate = clock_->dispersion_rate(),
          .selection = &settings_.selection,
          .own = &own_,
          .is_orphaned = is_orphaned(now),
          .must_wait_for_more = is_starting,
          .unresolved = rules.counts_unresolved_lines ? sources_.unresolved_lines() : 0,
          .combining = rules.combining};
}

void Engine::Impl::start(const Now& now, Effects& out) {
  if (settings_.quits_after_set) progress_.quit_at = now.mono + kQuitWait_s;
  progress_.last_network_choice_at = now.mono;
  schedule_orphan_check();
  progress_.next_drift_save = now.mono + kDriftSaveInterval_s;
  begin_error_records(now);
  clock_->start(now, out);
  jumps_.look(now, clock_->drive().record());
  if (!clock_->drive().sets_clock())
    out.push_back(Log{Log::Level::notice, "the clock is left alone: time is measured and served only"});
  report_start(now, out);
  report_smear(out);
  publish(now, out);
  sources_.start(now, out);
  note_changes(now);
  has_started_ = true;
}

void Engine::Impl::handle(const Now& now, const Input& input, Effects& out) {
  // The outcome of a step of ours explains what would look like a jump.
  if (!std::holds_alternative<ClockCorrected>(input)) look_for_jump(now, out);
  std::visit([&](const auto& event) { on(now, event, out); }, input);
  note_changes(now);
}

void Engine::Impl::tick(const Now& now, Effects& out) {
  look_for_jump(now, out);
  clock_->tick(now, out);
  sources_.tick(now, out);
  // By index: a poll may remove its source, and then the next one stands in its place.
  for (std::size_t i = 0; i < sources_.associations().size();) {
    const std::size_t count = sources_.associations().size();
    Association& a = *sources_.associations()[i];
    if (a.held && a.held->until <= now.mono) take(now, a, release_reply(a, exchange_context(now)), out);
    if (a.poll.due() <= now.mono) poll(now, a, out);
    if (sources_.associations().size() == count) ++i;
  }
  if (now.mono >= progress_.start_wait_end) {
    progress_.start_wait_end = MonoTime::never();
    update_system(now, out);
  }
  if (now.mono >= progress_.orphan_check_at) {
    progress_.orphan_check_at = MonoTime::never();
    update_system(now, out);
  }
  if (now.mono >= progress_.next_publish) publish(now, out);
  if (now.mono >= progress_.next_drift_save) save_drift(now, out);
  if (now.mono >= progress_.next_error_record) write_error(now, out);
  if (now.mono >= progress_.quit_at) {
    progress_.quit_at = MonoTime::never();
    out.push_back(Terminate{Terminate::Reason::no_source,
                            fmt::format("no time after {} s: {}", kQuitWait_s, view(now).system.waiting_for)});
  }
  note_changes(now);
}

void Engine::Impl::schedule_orphan_check() {
  const bool has_makeshift =
      has_orphan_mode(settings_.selection) ||
      std::any_of(settings_.sources.begin(), settings_.sources.end(),
                  [](const SourceSettings& s) { return s.kind == SourceSettings::Kind::local_clock; });
  if (has_makeshift) progress_.orphan_check_at = progress_.last_network_choice_at + settings_.selection.orphan_wait_s;
}

MonoTime Engine::Impl::next_deadline() const {
  return std::min({sources_.deadline(), clock_->deadline(), progress_.next_publish, progress_.next_drift_save,
                   progress_.start_wait_end, progress_.orphan_check_at, progress_.quit_at,
                   progress_.next_error_record});
}

void Engine::Impl::stop(const Now& now, Effects& out) {
  clock_->stop(now, out);
  // Nobody would take an armed leap second back if it was called off.
  if (clock_->drive().sets_clock() && kernel_leap_ != wire::Leap::none) {
    SetKernelStatus status = system_.kernel_status(now, clock_->error(now).deviation_s);
    status.leap = wire::Leap::none;
    out.push_back(status);
  }
  if (const auto drift = clock_->drift(now, ClockControl::SaveMoment::end)) out.push_back(SaveDrift{*drift});
}

void Engine::Impl::look_for_jump(const Now& now, Effects& out) {
  // While a step of ours is under way, nobody can tell it from another program's; its outcome comes at once.
  if (clock_->drive().is_step_pending()) return;
  const auto jump = jumps_.look(now, clock_->drive().record());
  if (!jump) {
    if (leap_.is_missed(now.real)) miss_leap(now, out);
    return;
  }
  if (leap_.is_leap(*jump, now.real)) {
    make_leap(now, *jump, out);
    return;
  }
  out.push_back(Log{Log::Level::warning,
                    fmt::format("the clock was moved by {:+.3f} s by another program or while the machine slept; "
                                "all samples are void, measuring anew",
                                jump->seconds())});
  changes_.add(
      now.real, 0,
      fmt::format("the clock was moved by {:+.3f} s by another program or while the machine slept", jump->seconds()));
  clock_->jumped(now, *jump, out);
  jumps_.restart(now, clock_->drive().record());
  restart(now, out);
}

void Engine::Impl::restart(const Now& now, Effects& out) {
  system_.lose();
  mitigation_.forget();
  progress_.first_reply_at.reset();
  progress_.start_wait_end = MonoTime::never();
  clock_->look_again();
  schedule_orphan_check();
  sources_.restart_all(now, out);
  publish(now, out);
}

// ------------------------------------------------------------------------------------------------------------- events

void Engine::Impl::on(const Now& now, const PacketReceived& event, Effects& out) {
  Association* a = sources_.find(event.endpoint);
  // The socket hears from its source alone; where the kernel can't connect it, this is the check.
  if (a == nullptr || a->remote != event.remote) return;
  const Reply reply = take_reply(*a, event, exchange_context(now));
  count_packet(reply);
  take(now, *a, reply, out);
}

void Engine::Impl::on(const Now& now, const PacketSent& event, Effects& out) {
  Association* a = sources_.find_by_request(event.token);
  if (a == nullptr) return;
  a->last_send_error = 0;
  request_left(*a, event);
  if (a->held && !a->request.is_better_stamp_expected) take(now, *a, release_reply(*a, exchange_context(now)), out);
}

void Engine::Impl::on(const Now&, const SendFailed& event, Effects& out) {
  Association* a = sources_.find_by_request(event.token);
  if (a == nullptr) return;
  a->request = {};
  if (a->last_send_error == event.os_error) return;
  a->last_send_error = event.os_error;
  out.push_back(Log{Log::Level::info,
                    fmt::format("{}: the request could not be sent (error {}); trying again at the next poll",
                                a->remote.address.text(), event.os_error),
                    Log::Topic::sync_info});
}

void Engine::Impl::on(const Now& now, const NameResolved& event, Effects& out) {
  sources_.name_resolved(now, event, out);
}

void Engine::Impl::on(const Now& now, const EndpointChanged& event, Effects& out) {
  if (event.endpoint == 0) {
    sources_.network_changed(now, out);
    return;
  }
  Association* a = sources_.find(event.endpoint);
  if (a == nullptr) return;
  a->endpoint = 0;
  a->request = {};
  // No route to this one (an IPv6 address on a host without IPv6, say): the name may have others.
  if (a->poll.reach() == 0 && sources_.has_other_address(*a)) {
    sources_.replace_unreachable(now, *a, out);
    return;
  }
  if (a->last_send_error == event.os_error) return;
  a->last_send_error = event.os_error;
  out.push_back(Log{
      Log::Level::info,
      fmt::format("{}: no socket (error {}); trying again at the next poll", a->remote.address.text(), event.os_error),
      Log::Topic::sync_info});
}

void Engine::Impl::on(const Now& now, const ClockCorrected& event, Effects& out) {
  const auto outcome = clock_->corrected(now, event, out);
  // Only now: what we did is in the record.
  look_for_jump(now, out);
  switch (outcome) {
    case ClockDrive::Outcome::done:
      progress_.last_clock_error = 0;
      return;
    case ClockDrive::Outcome::stepped:
      out.push_back(Log{Log::Level::notice, fmt::format("the clock was stepped by {:+.6f} s", event.step.seconds()),
                        Log::Topic::sync_events});
      report(now, state::SystemEvent::clock_step, out, fmt::format("{:+.6f} s", event.step.seconds()));
      changes_.add(now.real, 0, fmt::format("the clock was stepped by {:+.6f} s", event.step.seconds()));
      clock_updated(now, out);
      stepped(now, event.step.seconds(), out);
      return;
    case ClockDrive::Outcome::failed:
      if (progress_.last_clock_error != event.os_error) {
        report(now, state::SystemEvent::kernel, out, fmt::format("error {}", event.os_error));
        out.push_back(
            Log{Log::Level::warning, fmt::format("the clock could not be corrected (error {}); trying again with "
                                                 "the next sample",
                                                 event.os_error)});
      }
      progress_.last_clock_error = event.os_error;
      return;
    case ClockDrive::Outcome::permission_lost:
      out.push_back(
          Log{Log::Level::warning, fmt::format("the clock can't be set (error {}): time is measured and served only; "
                                               "CAP_SYS_TIME would allow it",
                                               event.os_error)});
      // The sample that could not be acted on still says how wrong the clock is.
      clock_->look_again();
      update_system(now, out);
      return;
  }
}

void Engine::Impl::on(const Now& now, const TemperatureRead& event, Effects& out) {
  clock_->temperature(now, event.celsius, out);
}

ViewParts Engine::Impl::view_parts(const Now& now) const {
  return {now,       settings_,
          sources_,  *clock_,
          system_,   mitigation_context(now),
          progress_, leap_,
          leader(),  mitigation_.majority(),
          changes_};
}

state::View Engine::Impl::view(const Now& now) const { return build_view(view_parts(now)); }

// ------------------------------------------------------------------------------------------------------------- the door

Engine::Engine(Settings settings, Random& random) : impl_(std::make_unique<Impl>(std::move(settings), random)) {}
Engine::~Engine() = default;
void Engine::start(const Now& now, Effects& out) { impl_->start(now, out); }
void Engine::handle(const Now& now, const Input& input, Effects& out) { impl_->handle(now, input, out); }
void Engine::tick(const Now& now, Effects& out) { impl_->tick(now, out); }
MonoTime Engine::next_deadline() const { return impl_->next_deadline(); }
void Engine::stop(const Now& now, Effects& out) { impl_->stop(now, out); }
SourceChanges Engine::reconfigure(const Now& now, Settings settings, Effects& out) {
  return impl_->reconfigure(now, std::move(settings), out);
}
state::View Engine::view(const Now& now) const { return impl_->view(now); }
bool Engine::reset_counters(const std::optional<Endpoint>& remote) { return impl_->reset_counters(remote); }
std::vector<Address> Engine::source_addresses() const { return impl_->source_addresses(); }

void Engine::set_own_names(std::vector<Address> addresses, std::uint16_t port) {
  impl_->set_own_names(std::move(addresses), port);
}

}  // namespace ntp::engine
