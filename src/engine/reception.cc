// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>

#include <fmt/format.h>

#include "engine/authentication.h"
#include "engine/engine_impl.h"
#include "engine/event_log.h"
#include "engine/exchange.h"
#include "engine/local_clock.h"

namespace ntp::engine {

// ------------------------------------------------------------------------------------------------------------- polling

void Engine::Impl::poll(const Now& now, Association& a, Effects& out) {
  if (a.is_local_clock()) {
    read_local_clock(now, a, out);
    return;
  }
  if (a.is_resting()) a.denials_in_a_row = 0;
  const auto poll = a.poll.sent(now.mono, clock_->poll_log2s(a), (a.flash & kPeerTests) == 0, random_);
  if (poll.is_new_interval && poll.is_filter_aged) clock_->missed(now, a);
  if (poll.became_unreachable) {
    out.push_back(
        Log{Log::Level::notice, fmt::format("{} is unreachable", a.remote.address.text()), Log::Topic::sync_status});
    a.selection = state::Selection::reject;
    engine::report(now, a, state::PeerEvent::unreachable, out);
    update_system(now, out);
  }
  if (!may_ask(a, out)) return;
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
  if (!send_request(a, exchange_context(now), random_, out)) tell_key_state(a, KeyState::refused, out);
}

/// An association that shall be authenticated is never asked without its key.
bool Engine::Impl::may_ask(Association& a, Effects& out) {
  const KeyState state = key_state(a, settings_.keys.get());
  const bool is_usable = state == KeyState::none || state == KeyState::usable;
  // What the library refused once, it may refuse each time.
  if (!is_usable || a.key_state != KeyState::refused) tell_key_state(a, state, out);
  return is_usable;
}

/// Sources that were not asked for want of their keys are asked at once when they have them.
void Engine::Impl::ask_where_keys_came(const Now& now) {
  for (const auto& a : sources_.associations()) {
    const bool was_usable = a->key_state == KeyState::none || a->key_state == KeyState::usable;
    if (!was_usable && key_state(*a, settings_.keys.get()) == KeyState::usable) a->poll.restart(now.mono);
  }
}

void Engine::Impl::tell_key_state(Association& a, KeyState state, Effects& out) {
  if (a.key_state == state) return;
  a.key_state = state;
  if (const std::string problem = explain(state, a); !problem.empty()) out.push_back(Log{Log::Level::error, problem});
}

void Engine::Impl::read_local_clock(const Now& now, Association& a, Effects& out) {
  a.poll.sent(now.mono, a.poll.min_poll_log2s(), true, random_);
  note_reached(now, a, 0, out);
  engine::read_local_clock(a, {&now, clock_->drive().phase(now.raw), settings_.precision_log2s});
  write_clock_reading(now, a, out);
  write_source(now, a, out);
  update_system(now, out);
}

// ------------------------------------------------------------------------------------------------------------- replies

void Engine::Impl::take(const Now& now, Association& a, const Reply& reply, Effects& out) {
  switch (reply.kind) {
    case ReplyKind::malformed:
    case ReplyKind::duplicate:
    case ReplyKind::bogus:
    case ReplyKind::held:
      return;
    case ReplyKind::bad_auth:
    case ReplyKind::crypto_nak:
      report_bad_auth(now, a, reply.kind, out);
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
      note_first_reply(now);
      a.peer.received_at = now.mono;
      note_reached(now, a, std::max((reply.stamps.t4 - reply.stamps.t1).seconds(), 0.0), out);
      take_sample(now, a, reply, out);
      return;
  }
}

/// The event bad_auth. Anybody can send what raises it: one line for each source now and then, with the number.
void Engine::Impl::report_bad_auth(const Now& now, Association& a, ReplyKind kind, Effects& out) {
  const bool is_nak = kind == ReplyKind::crypto_nak;
  engine::report(now, a, state::PeerEvent::bad_auth, out, is_nak ? "crypto_NAK" : "digest");
  AssociationCounters& counters = a.counters;
  if (counters.bad_auth_told_at && now.mono - *counters.bad_auth_told_at < kBadAuthReport_s) return;
  const std::uint64_t untold = counters.bad_auth - counters.bad_auth_told;
  counters.bad_auth_told = counters.bad_auth;
  counters.bad_auth_told_at = now.mono;
  const char* why = is_nak
                        ? "it refuses our MAC (crypto-NAK): number, type and secret of the key must be the same there, "
                          "and the key be trusted"
                        : "no valid MAC of this key: the server has another one, or somebody else sends in its name";
  out.push_back(Log{Log::Level::warning, fmt::format("bad_auth: {}, asked with key {}: packets ignored: {}; {}",
                                                     a.remote.address.text(), a.settings.key_id, untold, why)});
}

void Engine::Impl::note_reached(const Now& now, Association& a, double round_trip_s, Effects& out) {
  const bool was_reachable = a.poll.reach() != 0;
  a.poll.received(round_trip_s);
  if (!was_reachable) engine::report(now, a, state::PeerEvent::reachable, out);
}

void Engine::Impl::note_first_reply(const Now& now) {
  if (progress_.first_reply_at) return;
  progress_.first_reply_at = now.mono;
  progress_.start_wait_end = now.mono + clock_->rules().start_wait_s;
}

bool Engine::Impl::has_other_reachable(const Association& a) const {
  const Associations all = sources_.associations();
  return std::any_of(all.begin(), all.end(), [&](const auto& other) {
    return other.get() != &a && !other->is_local_clock() && other->poll.reach() != 0;
  });
}

void Engine::Impl::take_kiss(const Now& now, Association& a, const wire::Header& header, Effects& out) {
  ++a.counters.kisses;
  a.flash |= kPacketStratum;
  if (header.refid == wire::kKissRate) {
    a.denials_in_a_row = 0;
    a.poll.slow_down(now.mono, header.poll_log2s, random_);
    out.push_back(Log{Log::Level::info,
                      fmt::format("{} asks for fewer packets (RATE): polling every {} s", a.remote.address.text(),
                                  a.poll.interval_s()),
                      Log::Topic::sync_info});
    engine::report(now, a, state::PeerEvent::rate_exceeded, out);
    return;
  }
  // The other two codes that act: DENY and RSTR.
  a.flash |= kPacketDenied;
  engine::report(now, a, state::PeerEvent::access_denied, out, wire::to_text(header.refid, 0));
  if (++a.denials_in_a_row < kDenialLimit) return;
  if (!has_other_reachable(a)) {
    // Whoever can see our requests could take the only time from us for a day (CVE-2015-7704): it is asked rarely.
    a.denials_in_a_row = kDenialLimit - 1;
    const bool is_news = a.poll.min_poll_log2s() < a.poll.max_poll_log2s();
    a.poll.slow_down(now.mono, a.poll.max_poll_log2s(), random_);
    if (is_news)
      out.push_back(Log{Log::Level::warning,
                        fmt::format("{} refuses to serve us ({}), and no other source answers: polling every {} s",
                                    a.remote.address.text(), wire::to_text(header.refid, 0), a.poll.interval_s())});
    return;
  }
  a.poll.rest(now.mono, kDenialRest_s);
  out.push_back(Log{Log::Level::warning, fmt::format("{} refuses to serve us ({}): it is not asked again for 24 h",
                                                     a.remote.address.text(), wire::to_text(header.refid, 0))});
  update_system(now, out);
}

void Engine::Impl::take_sample(const Now& now, Association& a, const Reply& reply, Effects& out) {
  write_exchange(now, a, reply, out);
  if (leap_.is_at_edge(now.real)) return;
  for (const AssociationId id : sources_.take_forgotten()) clock_->forget(id);
  const RawTime sample_before = a.peer.sample_at;
  a.peer.spike_s = 0;
  const ClockControl::Taken taken = clock_->take(now, a, reply);
  if (a.peer.spike_s > 0)
    engine::report(now, a, state::PeerEvent::popcorn, out, fmt::format("{:.6f} s", a.peer.spike_s));
  if (a.peer.sample_at > sample_before) write_source(now, a, out);
  switch (taken) {
    case ClockControl::Taken::used:
      break;
    case ClockControl::Taken::ignored:
      return;
    case ClockControl::Taken::leapt:
      out.push_back(Log{Log::Level::warning, "the sources' time moved, and stays there; measuring anew"});
      restart(now, out);
      return;
  }
  // Inside a burst more is to come; it decides at once only while there is no time at all.
  const bool is_more_to_come = a.poll.is_bursting() && !clock_->rules().decides_within_bursts;
  if (system_.is_synchronized() && is_more_to_come) return;
  update_system(now, out);
}

}  // namespace ntp::engine
