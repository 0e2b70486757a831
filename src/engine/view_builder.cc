// SPDX-License-Identifier: BSD-2-Clause
#include "engine/view_builder.h"

#include <fmt/format.h>

#include "engine/event_log.h"

namespace ntp::engine {
namespace {

state::SourceView view_of(const Association& a, const ViewParts& parts) {
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
                         .sent = a.counters.sent,
                         .received = a.counters.received,
                         .bogus = a.counters.bogus,
                         .bad_auth = a.counters.bad_auth,
                         .key_id = a.settings.key_id,
                         .is_authenticated = a.peer.is_authenticated,
                         .event = a.event,
                         .status = state::status_word(status_of(a))};
  parts.clock.describe(parts.now, a, view);
  return view;
}

std::string waiting_for(const ViewParts& parts) {
  if (parts.system.is_synchronized()) return {};
  if (!parts.progress.waiting_for.empty() && parts.progress.first_reply_at) return parts.progress.waiting_for;
  if (const std::string name = parts.sources.unresolved_name(); !name.empty())
    return fmt::format("an address for {} (name server or network not there yet)", name);
  if (parts.sources.network_lines() == 0 && parts.sources.associations().empty()) return "a source: none is configured";
  if (!parts.progress.first_reply_at) return "the first answer of a source";
  return "enough good samples";
}

}  // namespace

state::View build_view(const ViewParts& parts) {
  state::View view;
  view.system = {.leap = parts.system.leap(),
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
                 .waiting_for = waiting_for(parts)};
  parts.clock.describe(parts.now, view.system);
  parts.leap.describe(parts.now.real, view.system);
  view.sources.reserve(parts.sources.associations().size());
  for (const auto& a : parts.sources.associations()) view.sources.push_back(view_of(*a, parts));
  return view;
}

}  // namespace ntp::engine
