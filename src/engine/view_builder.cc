// SPDX-License-Identifier: BSD-2-Clause
#include "engine/view_builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/event_log.h"
#include "engine/source_reason.h"

namespace ntp::engine {
namespace {

/// What the reference implementation shows of who has not said yet how often it polls: tools show the lesser of both polls.
constexpr std::int8_t kUnheardPoll_log2s = 10;

std::string waiting_for(const ViewParts& parts) {
  if (parts.system.is_synchronized()) return {};
  if (!parts.progress.waiting_for.empty() && parts.progress.first_reply_at) return parts.progress.waiting_for;
  if (const std::string name = parts.sources.unresolved_name(); !name.empty())
    return fmt::format("an address for {} (name server or network not there yet)", name);
  if (parts.sources.network_lines() == 0 && parts.sources.associations().empty()) return "a source: none is configured";
  if (!parts.progress.first_reply_at) return "the first answer of a source";
  return "enough good samples";
}

constexpr std::uint32_t kLoopback = 0x7f000001;

state::Judgement judgement_of(const Association& a, const ViewParts& parts) {
  return {.reason = reason_of(a, parts.now),
          .low_s = a.judged.low_s,
          .high_s = a.judged.high_s,
          .since_judged_s = a.judged.at ? parts.now.raw - *a.judged.at : -1.0};
}

/// The local clock is all that can be read so far; its words are those of the reference implementation's driver 1.
state::ClockView clock_of(const Association& a, const ViewParts& parts) {
  return {.device = "Undisciplined local clock",
          .type = 1,
          .polls = a.counters.readings,
          .time1_s = a.settings.time_offset_s,
          .stratum = a.settings.stratum,
          .refid = a.settings.refid.value_or(wire::Refid::ascii("LOCL")),
          .since_start_s = parts.now.mono - a.mobilised_at};
}

void add_counters(const Association& a, state::SourceView& view) {
  const AssociationCounters& counters = a.counters;
  view.sent = counters.sent;
  view.received = counters.received;
  view.bogus = counters.bogus;
  view.bad_auth = counters.bad_auth;
  view.duplicates = counters.duplicates;
  view.bad_dispersion = counters.bad_distance;
  view.bad_reference = counters.bad_reference;
}

/// What the last answer said, and when the next one is asked for.
void add_exchange(const Association& a, const ViewParts& parts, state::SourceView& view) {
  const PeerVariables& peer = a.peer;
  // The engine doesn't know the ports of its sockets; who does fills them in.
  if (peer.local) view.local = {*peer.local, 0};
  view.peer_mode = peer.mode;
  view.peer_poll_log2s = peer.mode == wire::Mode::reserved ? kUnheardPoll_log2s : peer.poll_log2s;
  if (a.is_local_clock()) {  // as the reference implementation shows a clock: a server at this host that polls as we do
    view.local = {Address::v4(kLoopback), wire::kPort};
    view.peer_mode = wire::Mode::server;
    view.peer_poll_log2s = a.poll.poll_log2s();
  }
  view.precision_log2s = peer.precision_log2s;
  view.root_delay_s = peer.root_delay_s;
  view.root_dispersion_s = peer.root_dispersion_s;
  view.reference = peer.reference;
  view.origin = peer.exchange.t1;
  view.transmitted = peer.exchange.t3;
  view.received_at = peer.exchange.t4;
  view.unreach = static_cast<std::uint32_t>(a.poll.unreached_polls());
  view.since_reach_change_s = parts.now.mono - a.reach_changed_at;
  view.until_poll_s = std::max(a.poll.due() - parts.now.mono, 0.0);
  view.headway_s = a.poll.headway_s(parts.now.mono);
  view.filter = a.filter.stages(
      {.now = parts.now.raw, .correction = parts.context.correction, .dispersion_rate = parts.context.dispersion_rate});
}

void add_settings(const Association& a, state::SourceView& view) {
  const SourceSettings& settings = a.settings;
  view.version = settings.version;
  view.is_configured = settings.kind != SourceSettings::Kind::pool;
  view.is_preferred = settings.is_preferred;
  view.wants_authentication = settings.key_id != 0;
  view.has_burst = settings.has_burst;
  view.has_iburst = settings.has_iburst;
}

}  // namespace

state::SourceView build_source_view(const Association& a, const ViewParts& parts) {
  const bool has_samples = a.peer.dispersion_s < kMaxDispersion_s;
  state::SourceView view{.association_id = a.id,
                         .name = a.settings.name,
                         .remote = a.remote,
                         .refid = a.peer.refid,
                         .leap = a.peer.leap,
                         .stratum = a.peer.stratum,
                         .poll_log2s = a.poll.poll_log2s(),
                         .reach = a.poll.reach(),
                         .flash = a.flash | a.counters.last_refused,
                         .delay_s = a.peer.delay_s,
                         .offset_s = has_samples ? offset_now_s(a, parts.context.correction) : 0.0,
                         .jitter_s = a.peer.jitter_s,
                         .dispersion_s = a.peer.dispersion_s,
                         .root_distance_s = has_samples
                                                ? root_distance_s(a, parts.now.raw, parts.context.dispersion_rate)
                                                : kMaxDispersion_s,
                         .since_received_s = a.peer.received_at ? parts.now.mono - *a.peer.received_at : -1.0,
                         .selection = a.selection,
                         .stamp_source = a.peer.stamp_source,
                         .key_id = a.settings.key_id,
                         .is_authenticated = a.peer.is_authenticated,
                         .event = a.event,
                         .status = state::status_word(status_of(a)),
                         .candidate_order = a.judged.order,
                         .judgement = judgement_of(a, parts)};
  add_counters(a, view);
  add_exchange(a, parts, view);
  add_settings(a, view);
  if (a.is_local_clock()) view.clock = clock_of(a, parts);
  parts.clock.describe(parts.now, a, view);
  return view;
}

state::SystemView build_system_view(const ViewParts& parts) {
  const double since_update_s = parts.progress.updated_at ? parts.now.mono - *parts.progress.updated_at : -1.0;
  const Interval majority = parts.majority.interval.value_or(Interval{});
  state::SystemView view = {.leap = parts.system.leap(),
                            .stratum = parts.system.stratum(),
                            .precision_log2s = parts.settings.precision_log2s,
                            .refid = parts.system.refid(),
                            .reference = parts.system.reference(),
                            .root_delay_s = parts.system.root_delay_s(),
                            .root_dispersion_s = parts.system.root_dispersion_s(parts.now.mono),
                            .peer_association_id = parts.progress.leader,
                            .offset_s = parts.progress.offset_s,
                            .jitter_s = parts.progress.jitter_s,
                            .root_distance_s = parts.system.root_distance_s(parts.now.mono),
                            .sets_clock = parts.clock.drive().sets_clock(),
                            .event = parts.progress.event,
                            .status = state::status_word(status_of(parts.system, parts.leader, parts.progress.event)),
                            .packets = parts.progress.packets,
                            .keys = parts.progress.keys,
                            .waiting_for = waiting_for(parts),
                            .sum_jitter_s = parts.progress.jitter_s,
                            .since_update_s = since_update_s,
                            .majority_low_s = majority.low_s,
                            .majority_high_s = majority.high_s,
                            .majority_size = static_cast<std::uint16_t>(parts.majority.size),
                            .majority_of = static_cast<std::uint16_t>(parts.majority.of),
                            .needed = static_cast<std::uint16_t>(std::max(1, parts.settings.selection.min_sane))};
  parts.clock.describe(parts.now, view);
  view.stability_ppm = view.clock_wander_ppm;
  parts.leap.describe(parts.now.real, view);
  return view;
}

state::View build_view(const ViewParts& parts) {
  state::View view{.system = build_system_view(parts), .sources = {}, .changes = parts.changes.changes()};
  view.sources.reserve(parts.sources.associations().size());
  for (const auto& a : parts.sources.associations()) view.sources.push_back(build_source_view(*a, parts));
  return view;
}

}  // namespace ntp::engine
