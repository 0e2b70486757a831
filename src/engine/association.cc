// SPDX-License-Identifier: BSD-2-Clause
#include "engine/association.h"

#include <algorithm>

namespace ntp::engine {

void Association::flush() {
  filter.clear();
  request = {};
  held.reset();
  const auto received_at = peer.received_at;
  peer = {};
  peer.received_at = received_at;
  flash = 0;
  selection = state::Selection::reject;
  is_convicted = false;
  judged = {};
}

double root_distance_s(const Association& a, RawTime now, double dispersion_rate) {
  const PeerVariables& p = a.peer;
  return std::max(p.root_delay_s + p.delay_s, kMinDistance_s) / 2 + p.root_dispersion_s + p.dispersion_s +
         dispersion_rate * (now - p.filtered_at) + p.noise_s;
}

void adopt(PeerVariables& p, const FilterResult& result, RawTime now, Correction correction) {
  p.offset_s = result.offset_s;
  p.filtered_correction = correction;
  p.delay_s = result.delay_s;
  p.dispersion_s = result.dispersion_s;
  p.jitter_s = result.jitter_s;
  p.noise_s = result.jitter_s;
  p.filtered_at = now;
  p.sample_at = result.at;
}

double offset_now_s(const Association& a, Correction now) {
  return a.peer.offset_s - (now - a.peer.filtered_correction);
}

std::uint32_t test_packet(const wire::Header& h) {
  if (h.receive.is_unknown() || h.transmit.is_unknown()) return kPacketUnsync;
  if (h.leap == wire::Leap::unsynchronized || h.stratum == 0 || h.stratum >= kMaxStratum) return kPacketStratum;
  const bool is_too_far = h.root_delay.seconds() / 2 + h.root_dispersion.seconds() >= kMaxDispersion_s;
  const bool is_reference_later = !h.reference.is_unknown() && (h.transmit - h.reference).units() < 0;
  const bool is_backwards = (h.transmit - h.receive).units() < 0;
  return is_too_far || is_reference_later || is_backwards ? std::uint32_t{kPacketHeader} : 0U;
}

bool OwnNames::is_ourselves(const Endpoint& remote) const {
  if (port == 0 || remote.port != port) return false;
  return remote.address.is_loopback() ||
         std::find(addresses.begin(), addresses.end(), remote.address) != addresses.end();
}

std::uint32_t test_peer(const Association& a, const PeerTestContext& context) {
  const SelectionSettings& limits = *context.selection;
  std::uint32_t flash = 0;
  if (a.peer.leap == wire::Leap::unsynchronized || (!a.is_local_clock() && a.peer.stratum < limits.floor_stratum) ||
      a.peer.stratum >= limits.ceiling_stratum)
    flash |= kPeerStratum;
  if (root_distance_s(a, context.now, context.dispersion_rate) >=
      limits.max_distance_s + context.dispersion_rate * a.poll.interval_s())
    flash |= kPeerDistance;
  const auto& own = context.own->refids;
  if (!a.is_local_clock() && a.peer.stratum > 1 && std::find(own.begin(), own.end(), a.peer.refid) != own.end())
    flash |= kPeerLoop;
  if (!a.is_local_clock() && context.own->is_ourselves(a.remote)) flash |= kPeerLoop;
  if (a.poll.reach() == 0 || a.settings.is_never_selected) flash |= kPeerUnreach;
  return flash;
}

}  // namespace ntp::engine
