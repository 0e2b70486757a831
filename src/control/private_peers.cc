// SPDX-License-Identifier: BSD-2-Clause
//
// What mode 7 tells of associations: operations 0 to 3.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "control/private_answer.h"

namespace ntp::control {
namespace {

using state::Selection;
using wire::PrivateError;

std::uint16_t flags_of(const state::SourceView& source) {
  unsigned flags = 0;
  if (source.is_configured) flags |= wire::kPeerConfigured;
  if (source.has_burst) flags |= wire::kPeerBurst;
  if (source.clock) flags |= wire::kPeerClock;
  if (source.is_preferred) flags |= wire::kPeerPreferred;
  if (source.has_iburst) flags |= wire::kPeerInitialBurst;
  if (source.selection == Selection::candidate) flags |= wire::kPeerCandidate;
  if (source.selection == Selection::system_peer || source.selection == Selection::pps_peer)
    flags |= wire::kPeerSystem | wire::kPeerShortlist;
  return static_cast<std::uint16_t>(flags);
}

/// The wire's eight bits have no room for the initial burst.
std::uint8_t short_flags_of(const state::SourceView& source) { return static_cast<std::uint8_t>(flags_of(source)); }

template <class Number>
std::uint8_t octet(Number value) {
  return static_cast<std::uint8_t>(std::clamp<Number>(value, 0, 255));
}

wire::PeerSummaryItem summary_of(const state::SourceView& source) {
  return {.local = source.local.address,
          .remote = source.remote.address,
          .port = source.remote.port,
          .stratum = source.stratum,
          .poll_log2s = source.poll_log2s,
          .peer_poll_log2s = source.peer_poll_log2s,
          .reach = source.reach,
          .flags = short_flags_of(source),
          .mode = static_cast<std::uint8_t>(source.mode),
          .delay_s = source.delay_s,
          .offset_s = source.offset_s,
          .dispersion_s = source.dispersion_s};
}

/// Stages by their distance, the best first.
std::array<std::uint8_t, state::kFilterStages> order_of(
    const std::array<state::FilterStage, state::kFilterStages>& filter) {
  std::array<std::uint8_t, state::kFilterStages> order{};
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  const auto distance = [&](std::uint8_t i) { return filter[i].delay_s / 2 + filter[i].dispersion_s; };
  std::ranges::stable_sort(order, {}, distance);
  return order;
}

wire::PeerInfoItem info_of(const state::SourceView& source) {
  wire::PeerInfoItem item{
      .local = source.local.address,
      .remote = source.remote.address,
      .port = source.remote.port,
      .flags = short_flags_of(source),
      .leap = static_cast<std::uint8_t>(source.leap),
      .mode = static_cast<std::uint8_t>(source.mode),
      .peer_mode = static_cast<std::uint8_t>(source.peer_mode),
      .stratum = source.stratum,
      .peer_poll_log2s = source.peer_poll_log2s,
      .poll_log2s = source.poll_log2s,
      .precision_log2s = source.precision_log2s,
      .version = source.version,
      .reach = source.reach,
      .unreach = octet(source.unreach),
      .flash_old = static_cast<std::uint8_t>(source.flash),
      .flash = static_cast<std::uint16_t>(source.flash),
      .association_id = source.association_id,
      .key_id = source.key_id,
      .refid = source.refid.bits,
      .timer_s = whole_seconds(source.until_poll_s),
      .root_delay_s = source.root_delay_s,
      .root_dispersion_s = source.root_dispersion_s,
      .reference = source.reference,
      .origin = source.origin,
      .receive = source.received_at,
      .transmit = source.transmitted,
      .filter_order = order_of(source.filter),
      .delay_s = source.delay_s,
      .dispersion_s = source.dispersion_s,
      .offset_s = source.offset_s,
      // The reference implementation takes the root of the jitter here, which is no time; ntpdc calls it "filter error".
      .select_dispersion_s = std::sqrt(std::max(source.jitter_s, 0.0)),
      .broadcast_offset_s = source.delay_s,
  };
  for (std::size_t i = 0; i < state::kFilterStages; ++i) {
    item.filter_delay_s[i] = source.filter[i].delay_s;
    item.filter_offset_s[i] = source.filter[i].offset_s;
  }
  return item;
}

wire::PeerStatsItem counts_of(const state::SourceView& source) {
  return {.local = source.local.address,
          .remote = source.remote.address,
          .port = source.remote.port,
          .flags = flags_of(source),
          .since_received_s = whole_seconds(source.since_received_s),
          .until_send_s = whole_seconds(source.until_poll_s),
          .since_reach_change_s = whole_seconds(source.since_reach_change_s),
          .sent = counter(source.sent),
          .processed = counter(source.received),
          .bad_authentication = counter(source.bad_auth),
          .bogus_origin = counter(source.bogus),
          .duplicates = counter(source.duplicates),
          .bad_dispersion = counter(source.bad_dispersion),
          .bad_reference = counter(source.bad_reference),
          .candidate = static_cast<std::uint8_t>(source.selection)};
}

/// `make` of every source that has an address which the asker can be told.
template <class Make>
PrivateError each_source(PrivateCall& call, Make make) {
  for (const state::SourceView& source : call.world.facts.view().sources) {
    if (!source.is_resolved || !call.can_tell(source.remote.address)) continue;
    if (!call.answer.add(make(source))) break;
  }
  return call.answer.item_count() == 0 ? PrivateError::no_data : PrivateError::none;
}

/// `make` of the sources that the request names; those that there aren't are left out.
template <class Make>
PrivateError named_sources(PrivateCall& call, Make make) {
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const auto* source = call.find_source(wire::decode_item<wire::PeerListItem>(call.item(i)).remote);
    if (source != nullptr && call.can_tell(source->remote.address)) call.answer.add(make(*source));
  }
  return call.answer.item_count() == 0 ? PrivateError::no_data : PrivateError::none;
}

}  // namespace

PrivateError list_peers(PrivateCall& call) {
  return each_source(call, [](const state::SourceView& source) {
    return wire::PeerListItem{.remote = source.remote.address,
                              .port = source.remote.port,
                              .mode = static_cast<std::uint8_t>(source.mode),
                              .flags = short_flags_of(source)};
  });
}

PrivateError summarize_peers(PrivateCall& call) { return each_source(call, summary_of); }
PrivateError tell_peers(PrivateCall& call) { return named_sources(call, info_of); }
PrivateError count_peers(PrivateCall& call) { return named_sources(call, counts_of); }

}  // namespace ntp::control
