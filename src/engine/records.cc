// SPDX-License-Identifier: BSD-2-Clause
#include <cmath>

#include <fmt/format.h>

#include "engine/engine_impl.h"

namespace ntp::engine {

using state::SystemEvent;

const Association* Engine::Impl::leader() const {
  for (const auto& a : sources_.associations())
    if (a->id == progress_.leader) return a.get();
  return nullptr;
}

void Engine::Impl::report(const Now& now, SystemEvent event, Effects& out, std::string_view detail) {
  const auto code = static_cast<std::uint8_t>(event);
  if (!count_event(progress_.event, code)) return;
  out.push_back(ReportEvent{.at = now.real,
                            .source = Address::v4(0),
                            .status = state::status_word(status_of(system_, leader(), progress_.event)),
                            .code = code,
                            .name = state::to_text(event),
                            .detail = std::string(detail)});
}

void Engine::Impl::report_start(const Now& now, Effects& out) {
  state::SystemView view;
  clock_->describe(now, view);
  progress_.discipline = view.discipline;
  if (view.discipline == state::DisciplineState::fset)
    report(now, SystemEvent::frequency_set, out, fmt::format("ntpd {:.3f} PPM", view.frequency_ppm));
  else
    report(now, SystemEvent::frequency_not_set, out);
  report(now, SystemEvent::restart, out);
}

void Engine::Impl::report_leap(const Now& now, wire::Leap before, Effects& out) {
  const auto is_armed = [](wire::Leap leap) { return leap == wire::Leap::insert || leap == wire::Leap::remove; };
  if (is_armed(before) == is_armed(kernel_leap_)) return;
  report(now, is_armed(kernel_leap_) ? SystemEvent::leap_armed : SystemEvent::leap_disarmed, out);
  const bool is_insert = kernel_leap_ == wire::Leap::insert;
  changes_.add(now.real, 0,
               is_armed(kernel_leap_) ? fmt::format("leap second armed: one is {} at the end of the day",
                                                    is_insert ? "inserted" : "left out")
                                      : "leap second disarmed");
}

/// The clock was looked at, and perhaps corrected: a line for loopstats, and what its state came to if that is another.
void Engine::Impl::clock_updated(const Now& now, Effects& out) {
  progress_.updated_at = now.mono;
  state::SystemView view;
  clock_->describe(now, view);
  if (settings_.statistics.has_loop)
    out.push_back(WriteStatistics{now.real, LoopRecord{.offset_s = progress_.offset_s,
                                                       .frequency_ppm = view.frequency_ppm,
                                                       .jitter_s = view.clock_jitter_s,
                                                       .wander_ppm = view.clock_wander_ppm,
                                                       .poll_log2s = view.poll_log2s}});
  if (view.discipline == progress_.discipline) return;
  progress_.discipline = view.discipline;
  switch (view.discipline) {
    case state::DisciplineState::nset:
      report(now, SystemEvent::frequency_not_set, out);
      return;
    case state::DisciplineState::fset:
      // Where it came from, somebody moved the clock; the frequency is what it was.
      return;
    case state::DisciplineState::spik:
      report(now, SystemEvent::spike, out, fmt::format("{:+.6f} s", progress_.offset_s));
      return;
    case state::DisciplineState::freq:
      report(now, SystemEvent::frequency_mode, out);
      return;
    case state::DisciplineState::sync:
      report(now, SystemEvent::clock_sync, out);
      return;
  }
}

void Engine::Impl::count_packet(const Reply& reply) {
  state::PacketCounts& counts = progress_.packets;
  ++counts.received;
  if (reply.kind != ReplyKind::malformed)
    ++(reply.header.version == wire::kVersion ? counts.current_version : counts.older_version);
  switch (reply.kind) {
    case ReplyKind::malformed:
      ++counts.bad_format;
      return;
    case ReplyKind::duplicate:
    case ReplyKind::bogus:
    case ReplyKind::kiss:
    case ReplyKind::unfit:
      ++counts.declined;
      return;
    case ReplyKind::bad_auth:
    case ReplyKind::crypto_nak:
      ++counts.bad_auth;
      return;
    case ReplyKind::held:
    case ReplyKind::sample:
      ++counts.processed;
      return;
  }
}

void Engine::Impl::write_error(const Now& now, Effects& out) {
  // From deadline to deadline, so that no second is left out because each one came a little late.
  const MonoTime next = progress_.next_error_record + kErrorRecordInterval_s;
  progress_.next_error_record = next > now.mono ? next : now.mono + kErrorRecordInterval_s;
  const ClockControl::Error error = clock_->error(now);
  out.push_back(WriteStatistics{now.real, ErrorRecord{.offset_s = error.offset_s,
                                                      .deviation_s = error.deviation_s,
                                                      .root_distance_s = system_.root_distance_s(now.mono),
                                                      .leap = system_.leap()}});
}

void Engine::Impl::write_exchange(const Now& now, const Association& a, const Reply& reply, Effects& out) const {
  if (!settings_.statistics.has_raw) return;
  const Exchange& x = reply.stamps;
  out.push_back(WriteStatistics{
      now.real, ExchangeRecord{a.remote, reply.local, x.t1, x.t2, x.t3, x.t4, reply.header, reply.tail}});
}

void Engine::Impl::write_source(const Now& now, const Association& a, Effects& out) const {
  if (!settings_.statistics.has_peer) return;
  out.push_back(WriteStatistics{now.real, PeerRecord{.address = a.remote.address,
                                                     .status = state::status_word(status_of(a)),
                                                     .offset_s = a.peer.offset_s,
                                                     .delay_s = a.peer.delay_s,
                                                     .dispersion_s = a.peer.dispersion_s,
                                                     .jitter_s = a.peer.jitter_s}});
}

void Engine::Impl::write_clock_reading(const Now& now, const Association& a, Effects& out) const {
  if (!settings_.statistics.has_clock) return;
  out.push_back(WriteStatistics{
      now.real, ClockRecord{.address = a.remote.address,
                            .text = fmt::format("stratum {} refid {} offset {:.9f}", a.peer.stratum,
                                                wire::to_text(a.peer.refid, 0), a.settings.time_offset_s)}});
}

}  // namespace ntp::engine
