// SPDX-License-Identifier: BSD-2-Clause
#include "engine/engine.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "crypto/refid_of.h"
#include "engine/exchange.h"
#include "engine/jump_detector.h"
#include "engine/leap_second.h"
#include "engine/mitigation.h"
#include "engine/sources.h"
#include "engine/steering.h"
#include "engine/system_variables.h"
#include "engine/view_builder.h"

namespace ntp::engine {

class Engine::Impl {
 public:
  Impl(Settings settings, Random& random);

  void start(const Now& now, Effects& out);
  void handle(const Now& now, const Input& input, Effects& out);
  void tick(const Now& now, Effects& out);
  void stop(const Now& now, Effects& out);
  [[nodiscard]] MonoTime next_deadline() const;
  [[nodiscard]] state::View view(const Now& now) const;
  void set_own_names(std::vector<Address> addresses, std::uint16_t port);

 private:
  void on(const Now& now, const PacketReceived& event, Effects& out);
  void on(const Now& now, const PacketSent& event, Effects& out);
  void on(const Now& now, const SendFailed& event, Effects& out);
  void on(const Now& now, const NameResolved& event, Effects& out);
  void on(const Now& now, const EndpointChanged& event, Effects& out);
  void on(const Now& now, const ClockCorrected& event, Effects& out);
  void on(const Now& now, const TemperatureRead& event, Effects& out);

  void look_for_jump(const Now& now, Effects& out);
  void poll(const Now& now, Association& a, Effects& out);
  void read_local_clock(const Now& now, Association& a, Effects& out);
  void take(const Now& now, Association& a, const Reply& reply, Effects& out);
  void take_kiss(const Now& now, Association& a, const wire::Header& header, Effects& out);
  void take_sample(const Now& now, Association& a, Sample sample, Effects& out);
  void adopt(const Now& now, Association& a, const FilterResult& result);
  void update_system(const Now& now, Effects& out);
  void follow(const Now& now, const SystemChoice& choice, Effects& out);
  void follow_corrected(const Now& now, const SystemChoice& choice, Action action, Effects& out);
  void follow_measured(const Now& now, const SystemChoice& choice, Effects& out);
  void restart(const Now& now, Effects& out);
  void publish(const Now& now, Effects& out);
  void schedule_orphan_check();
  void save_drift(const Now& now, Effects& out);
  void report_leader(const SystemChoice& choice, Effects& out);
  [[nodiscard]] FilterContext filter_context(const Now& now, const Association& a) const;
  [[nodiscard]] ExchangeContext exchange_context(const Now& now) const;
  [[nodiscard]] MitigationContext mitigation_context(const Now& now) const;
  [[nodiscard]] double dispersion_rate() const;

  Settings settings_;
  Random& random_;
  Sources sources_;
  Steering steering_;
  Mitigation mitigation_;
  SystemVariables system_;
  JumpDetector jumps_;
  OwnNames own_;
  wire::Leap kernel_leap_ = wire::Leap::none;  ///< what the kernel was told to do at the end of the day
  SystemProgress progress_;
};

Engine::Impl::Impl(Settings settings, Random& random)
    : settings_(std::move(settings)),
      random_(random),
      sources_(settings_),
      steering_(settings_),
      system_(settings_.precision_log2s) {}

void Engine::Impl::set_own_names(std::vector<Address> addresses, std::uint16_t port) {
  own_.refids.clear();
  // A loopback address as a refid is everybody's, not ours.
  for (const Address& address : addresses)
    if (!address.is_loopback()) own_.refids.push_back(crypto::refid_of(address));
  own_.addresses = std::move(addresses);
  own_.port = port;
}

double Engine::Impl::dispersion_rate() const {
  if (steering_.sets_clock()) return steering_.discipline().dispersion_rate();
  return settings_.discipline.dispersion_rate + steering_.drive().unsteered_ppm() * 1e-6;
}

FilterContext Engine::Impl::filter_context(const Now& now, const Association& a) const {
  const bool is_drifting = steering_.sets_clock() && !steering_.discipline().is_frequency_known();
  return {.now = now.raw,
          .correction = steering_.correction(now.raw),
          .dispersion_rate = dispersion_rate(),
          .precision_s = exp2_s(settings_.precision_log2s),
          .poll_interval_s = a.poll.interval_s(),
          // While the clock drifts at an unknown rate, every sample is old.
          .allan_intercept_s = is_drifting ? 0.0 : exp2_s(settings_.discipline.allan_intercept_log2s)};
}

ExchangeContext Engine::Impl::exchange_context(const Now& now) const {
  return {&now, settings_.discipline.dispersion_rate, settings_.precision_log2s, &steering_.record()};
}

MitigationContext Engine::Impl::mitigation_context(const Now& now) const {
  const bool is_starting =
      !system_.is_synchronized() && progress_.first_reply_at && now.mono < *progress_.first_reply_at + kStartWait_s;
  const bool is_orphaned = now.mono >= progress_.last_network_choice_at + settings_.selection.orphan_wait_s;
  return {.now = now.raw,
          .correction = steering_.correction(now.raw),
          .dispersion_rate = dispersion_rate(),
          .selection = &settings_.selection,
          .own = &own_,
          // Alone, the local clock has nobody to wait for.
          .may_use_local_clock = is_orphaned || sources_.network_lines() == 0,
          .must_wait_for_more = is_starting};
}

void Engine::Impl::start(const Now& now, Effects& out) {
  if (settings_.quits_after_set) progress_.quit_at = now.mono + kQuitWait_s;
  progress_.last_network_choice_at = now.mono;
  schedule_orphan_check();
  progress_.next_drift_save = now.mono + kDriftSaveInterval_s;
  steering_.start(now, out);
  jumps_.look(now, steering_.record());
  if (!steering_.sets_clock())
    out.push_back(Log{Log::Level::notice, "the clock is left alone: time is measured and served only"});
  publish(now, out);
  sources_.start(now, out);
}

void Engine::Impl::handle(const Now& now, const Input& input, Effects& out) {
  // The outcome of a step of ours explains what would look like a jump.
  if (!std::holds_alternative<ClockCorrected>(input)) look_for_jump(now, out);
  std::visit([&](const auto& event) { on(now, event, out); }, input);
}

void Engine::Impl::tick(const Now& now, Effects& out) {
  look_for_jump(now, out);
  steering_.tick(now, out);
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
  if (now.mono >= progress_.quit_at) {
    progress_.quit_at = MonoTime::never();
    out.push_back(Terminate{Terminate::Reason::no_source,
                            fmt::format("no time after {} s: {}", kQuitWait_s, view(now).system.waiting_for)});
  }
}

void Engine::Impl::schedule_orphan_check() {
  const bool has_local_clock =
      std::any_of(settings_.sources.begin(), settings_.sources.end(),
                  [](const SourceSettings& s) { return s.kind == SourceSettings::Kind::local_clock; });
  if (has_local_clock) progress_.orphan_check_at = progress_.last_network_choice_at + settings_.selection.orphan_wait_s;
}

MonoTime Engine::Impl::next_deadline() const {
  return std::min({sources_.deadline(), steering_.deadline(), progress_.next_publish, progress_.next_drift_save,
                   progress_.start_wait_end, progress_.orphan_check_at, progress_.quit_at});
}

void Engine::Impl::stop(const Now& now, Effects& out) {
  steering_.stop(now, out);
  // Nobody would take an armed leap second back if it was called off.
  if (steering_.sets_clock() && kernel_leap_ != wire::Leap::none) {
    SetKernelStatus status = system_.kernel_status(now, steering_.discipline().jitter_s());
    status.leap = wire::Leap::none;
    out.push_back(status);
  }
  // A clean end leaves a drift file, but never a guess that the next start would trust.
  const Discipline& discipline = steering_.discipline();
  if (discipline.is_frequency_known()) out.push_back(SaveDrift{{.frequency_ppm = discipline.frequency_ppm()}});
}

void Engine::Impl::look_for_jump(const Now& now, Effects& out) {
  // While a step of ours is under way, nobody can tell it from another program's; its outcome comes at once.
  if (steering_.is_step_pending()) return;
  const auto jump = jumps_.look(now, steering_.record());
  if (!jump) return;
  if (is_leap_second(*jump, kernel_leap_, now.real)) {
    // Our sources leap with us: their offsets are what they were.
    out.push_back(Log{Log::Level::notice, fmt::format("leap second: the clock moved by {:+.0f} s", jump->seconds())});
    kernel_leap_ = wire::Leap::none;
    jumps_.restart(now, steering_.record());
    sources_.forget_requests();
    publish(now, out);
    return;
  }
  out.push_back(Log{Log::Level::warning,
                    fmt::format("the clock was moved by {:+.3f} s by another program or while the machine slept; "
                                "all samples are void, measuring anew",
                                jump->seconds())});
  steering_.jumped(now, *jump, out);
  jumps_.restart(now, steering_.record());
  restart(now, out);
}

void Engine::Impl::restart(const Now& now, Effects& out) {
  system_.lose();
  mitigation_.forget();
  progress_.first_reply_at.reset();
  progress_.start_wait_end = MonoTime::never();
  progress_.last_update_sample.reset();
  sources_.restart_all(now, out);
  publish(now, out);
}

// ------------------------------------------------------------------------------------------------------------- polling

void Engine::Impl::poll(const Now& now, Association& a, Effects& out) {
  if (a.is_local_clock()) {
    read_local_clock(now, a, out);
    return;
  }
  if (a.is_resting()) a.denials_in_a_row = 0;
  const auto poll = a.poll.sent(now.mono, steering_.discipline().poll_log2s(), (a.flash & kPeerTests) == 0, random_);
  if (poll.is_new_interval && poll.is_filter_aged) adopt(now, a, a.filter.add_missing(filter_context(now, a)));
  if (poll.became_unreachable) {
    out.push_back(Log{Log::Level::notice, fmt::format("{} is unreachable", a.remote.address.text())});
    a.selection = state::Selection::reject;
    update_system(now, out);
  }
  // After the first burst, and every eighth fruitless interval: another address or at least another port may help.
  const int fruitless = a.poll.unreached_polls();
  const int first_doubt = a.settings.has_iburst ? 2 : 4;
  if (poll.is_new_interval && (fruitless == first_doubt || (fruitless > 0 && fruitless % 8 == 0))) {
    const auto count = sources_.associations().size();
    sources_.replace_unreachable(now, a, out);
    // Gone, or at another address where it starts anew with the next tick.
    if (sources_.associations().size() != count || a.poll.due() <= now.mono) return;
  }
  sources_.ensure_endpoint(a, out);
  send_request(a, now, random_, out);
}

void Engine::Impl::read_local_clock(const Now& now, Association& a, Effects& out) {
  a.poll.sent(now.mono, a.poll.min_poll_log2s(), true, random_);
  a.poll.received();
  PeerVariables& p = a.peer;
  p.leap = wire::Leap::none;
  p.stratum = a.settings.stratum;
  p.refid = a.settings.refid.value_or(wire::Refid::ascii("LOCL"));
  p.precision_log2s = settings_.precision_log2s;
  p.received_at = now.mono;
  p.reference = now.real;
  const Sample sample{.offset_s = a.settings.time_offset_s,
                      .delay_s = 0,
                      .dispersion_s = exp2_s(settings_.precision_log2s),
                      .at = now.raw,
                      .correction = steering_.correction(now.raw)};
  adopt(now, a, a.filter.fill(sample, filter_context(now, a)));
  update_system(now, out);
}

// ------------------------------------------------------------------------------------------------------------- events

void Engine::Impl::on(const Now& now, const PacketReceived& event, Effects& out) {
  Association* a = sources_.find(event.endpoint);
  // The socket hears from its source alone; where the kernel can't connect it, this is the check.
  if (a == nullptr || a->remote != event.remote) return;
  take(now, *a, take_reply(*a, event, exchange_context(now)), out);
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
  out.push_back(
      Log{Log::Level::info, fmt::format("{}: the request could not be sent (error {}); trying again at the next poll",
                                        a->remote.address.text(), event.os_error)});
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
  out.push_back(Log{Log::Level::info, fmt::format("{}: no socket (error {}); trying again at the next poll",
                                                  a->remote.address.text(), event.os_error)});
}

void Engine::Impl::on(const Now& now, const ClockCorrected& event, Effects& out) {
  const auto outcome = steering_.corrected(now, event, out);
  // Only now: what we did is in the record.
  look_for_jump(now, out);
  switch (outcome) {
    case Steering::Outcome::done:
      progress_.last_clock_error = 0;
      return;
    case Steering::Outcome::stepped:
      out.push_back(Log{Log::Level::notice, fmt::format("the clock was stepped by {:+.6f} s", event.step.seconds())});
      if (settings_.quits_after_set) {
        out.push_back(Terminate{Terminate::Reason::clock_was_set,
                                fmt::format("the clock was stepped by {:+.6f} s", event.step.seconds())});
        return;
      }
      restart(now, out);
      return;
    case Steering::Outcome::failed:
      if (progress_.last_clock_error != event.os_error)
        out.push_back(
            Log{Log::Level::warning, fmt::format("the clock could not be corrected (error {}); trying again with "
                                                 "the next sample",
                                                 event.os_error)});
      progress_.last_clock_error = event.os_error;
      return;
    case Steering::Outcome::permission_lost:
      out.push_back(
          Log{Log::Level::warning, fmt::format("the clock can't be set (error {}): time is measured and served only; "
                                               "CAP_SYS_TIME would allow it",
                                               event.os_error)});
      // The sample that could not be acted on still says how wrong the clock is.
      progress_.last_update_sample.reset();
      update_system(now, out);
      return;
  }
}

void Engine::Impl::on(const Now&, const TemperatureRead&, Effects&) {}

// ------------------------------------------------------------------------------------------------------------- replies

void Engine::Impl::take(const Now& now, Association& a, const Reply& reply, Effects& out) {
  switch (reply.kind) {
    case ReplyKind::malformed:
    case ReplyKind::duplicate:
    case ReplyKind::bogus:
    case ReplyKind::held:
      return;
    case ReplyKind::kiss:
      take_kiss(now, a, reply.header, out);
      return;
    case ReplyKind::unfit:
      a.denials_in_a_row = 0;
      a.peer.received_at = now.mono;
      // It is there, but it has no time: reachability is for sources that have.
      update_system(now, out);
      return;
    case ReplyKind::sample:
      a.denials_in_a_row = 0;
      if (!progress_.first_reply_at) {
        progress_.first_reply_at = now.mono;
        progress_.start_wait_end = now.mono + kStartWait_s;
      }
      a.peer.received_at = now.mono;
      a.poll.received();
      take_sample(now, a, reply.sample, out);
      return;
  }
}

void Engine::Impl::take_kiss(const Now& now, Association& a, const wire::Header& header, Effects& out) {
  ++a.counters.kisses;
  a.flash |= kPacketStratum;
  if (header.refid == wire::kKissRate) {
    a.denials_in_a_row = 0;
    a.poll.slow_down(now.mono, header.poll_log2s, random_);
    out.push_back(Log{Log::Level::info, fmt::format("{} asks for fewer packets (RATE): polling every {} s",
                                                    a.remote.address.text(), a.poll.interval_s())});
    return;
  }
  // The other two codes that act: DENY and RSTR.
  a.flash |= kPacketDenied;
  if (++a.denials_in_a_row < kDenialLimit) return;
  a.poll.rest(now.mono, kDenialRest_s);
  out.push_back(Log{Log::Level::warning, fmt::format("{} refuses to serve us ({}): it is not asked again for 24 h",
                                                     a.remote.address.text(), wire::to_text(header.refid, 0))});
  update_system(now, out);
}

void Engine::Impl::take_sample(const Now& now, Association& a, Sample sample, Effects& out) {
  sample.correction = steering_.correction(sample.at);
  const FilterResult result = a.filter.add(sample, filter_context(now, a));
  // Whether or not the best sample is a new one: each sample makes the source's dispersion smaller.
  adopt(now, a, result);
  // Inside a burst more is to come; it decides at once only while there is no time at all.
  if (system_.is_synchronized() && a.poll.is_bursting()) return;
  update_system(now, out);
}

void Engine::Impl::adopt(const Now& now, Association& a, const FilterResult& result) {
  PeerVariables& p = a.peer;
  p.offset_s = result.offset_s;
  p.filtered_correction = steering_.correction(now.raw);
  p.delay_s = result.delay_s;
  p.dispersion_s = result.dispersion_s;
  p.jitter_s = result.jitter_s;
  p.filtered_at = now.raw;
  p.sample_at = result.at;
}

// ------------------------------------------------------------------------------------------------------------- the system

void Engine::Impl::update_system(const Now& now, Effects& out) {
  if (steering_.is_step_pending()) return;
  const auto choice = mitigation_.choose(sources_.associations(), mitigation_context(now));
  if (!choice) {
    progress_.waiting_for = mitigation_.reason();
    if (progress_.leader != 0)
      out.push_back(Log{Log::Level::notice, fmt::format("no source to follow: {}", mitigation_.reason())});
    progress_.leader = 0;
    return;
  }
  if (!choice->peer->is_local_clock()) {
    progress_.last_network_choice_at = now.mono;
    schedule_orphan_check();
  }
  report_leader(*choice, out);
  // Only news moves the clock: the leader's sample must be younger than the one used last.
  const RawTime sample_at = choice->peer->peer.sample_at;
  if (progress_.last_update_sample && sample_at <= *progress_.last_update_sample) return;
  progress_.last_update_sample = sample_at;
  follow(now, *choice, out);
}

void Engine::Impl::report_leader(const SystemChoice& choice, Effects& out) {
  if (progress_.leader == choice.peer->id) return;
  // Good sources take turns every few minutes, which is no news.
  const Log::Level level = progress_.leader == 0 ? Log::Level::notice : Log::Level::debug;
  progress_.leader = choice.peer->id;
  out.push_back(
      Log{level, fmt::format("following {}, stratum {}, with {} source(s) in agreement",
                             choice.peer->remote.address.text(), choice.peer->peer.stratum, choice.survivors)});
}

void Engine::Impl::follow(const Now& now, const SystemChoice& choice, Effects& out) {
  progress_.waiting_for.clear();
  progress_.offset_s = choice.offset_s;
  progress_.jitter_s = choice.jitter_s;
  if (choice.peer->is_local_clock()) {
    // The clock as it is: there is nothing to correct it by.
    system_.follow(now, {.choice = choice, .dispersion_rate = settings_.discipline.dispersion_rate});
    publish(now, out);
    return;
  }
  if (!steering_.sets_clock()) {
    follow_measured(now, choice, out);
    return;
  }
  Discipline& discipline = steering_.discipline();
  discipline.set_poll_bounds(choice.peer->poll.min_poll_log2s(), choice.peer->poll.max_poll_log2s());
  const Action action = steering_.update(now, choice.offset_s, choice.jitter_s, out);
  follow_corrected(now, choice, action, out);
}

void Engine::Impl::follow_corrected(const Now& now, const SystemChoice& choice, Action action, Effects& out) {
  switch (action) {
    case Action::panic:
      system_.lose();
      publish(now, out);
      out.push_back(Terminate{Terminate::Reason::panic,
                              fmt::format("the clock is off by {:+.3f} s, more than the panic threshold of {} s; "
                                          "set it by hand or start with -g",
                                          choice.offset_s, settings_.discipline.panic_threshold_s)});
      return;
    case Action::step:
      // The data plane must not serve the old time as good while the step is under way.
      system_.lose();
      publish(now, out);
      steering_.step(choice.offset_s, out);
      return;
    case Action::ignored:
    case Action::slewed:
      break;
  }
  if (action == Action::slewed || system_.is_synchronized())
    system_.follow(
        now, {.choice = choice, .uncorrected_s = std::abs(choice.offset_s), .dispersion_rate = dispersion_rate()});
  publish(now, out);
}

void Engine::Impl::follow_measured(const Now& now, const SystemChoice& choice, Effects& out) {
  const double step_s =
      choice.offset_s < 0 ? settings_.discipline.step_back_threshold_s : settings_.discipline.step_threshold_s;
  const bool is_usable =
      step_s <= 0 ? std::abs(choice.offset_s) < kStepThreshold_s : std::abs(choice.offset_s) <= step_s;
  system_.follow(now, {.choice = choice,
                       .uncorrected_s = std::abs(choice.offset_s),
                       .dispersion_rate = dispersion_rate(),
                       .is_usable = is_usable});
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
  out.push_back(Publish{system_.summary(now)});
  if (!steering_.sets_clock()) return;
  kernel_leap_ = leap_due(system_.leap(), now.real);
  out.push_back(system_.kernel_status(now, std::max(progress_.jitter_s, steering_.discipline().jitter_s())));
}

void Engine::Impl::save_drift(const Now& now, Effects& out) {
  progress_.next_drift_save = now.mono + kDriftSaveInterval_s;
  const bool is_measured = steering_.discipline().state() == state::DisciplineState::sync ||
                           steering_.discipline().state() == state::DisciplineState::spik;
  if (steering_.sets_clock() && is_measured)
    out.push_back(SaveDrift{{.frequency_ppm = steering_.discipline().frequency_ppm()}});
}

state::View Engine::Impl::view(const Now& now) const {
  return build_view({now, settings_, sources_, steering_, system_, mitigation_context(now), progress_});
}

// ------------------------------------------------------------------------------------------------------------- the door

Engine::Engine(Settings settings, Random& random) : impl_(std::make_unique<Impl>(std::move(settings), random)) {}
Engine::~Engine() = default;
void Engine::start(const Now& now, Effects& out) { impl_->start(now, out); }
void Engine::handle(const Now& now, const Input& input, Effects& out) { impl_->handle(now, input, out); }
void Engine::tick(const Now& now, Effects& out) { impl_->tick(now, out); }
MonoTime Engine::next_deadline() const { return impl_->next_deadline(); }
void Engine::stop(const Now& now, Effects& out) { impl_->stop(now, out); }
state::View Engine::view(const Now& now) const { return impl_->view(now); }
void Engine::set_own_names(std::vector<Address> addresses, std::uint16_t port) {
  impl_->set_own_names(std::move(addresses), port);
}

}  // namespace ntp::engine
