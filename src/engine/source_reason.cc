// SPDX-License-Identifier: BSD-2-Clause
#include "engine/source_reason.h"

#include <bit>

namespace ntp::engine {
namespace {

using state::SourceReason;

/// It is there, whatever it said: it answered one of the last two polls.
bool answers(const Association& a, const Now& now) {
  return a.peer.received_at && now.mono - *a.peer.received_at <= 2 * a.poll.interval_s() + kReplyTimeout_s;
}

bool has_unusable_key(const Association& a) { return a.key_state != KeyState::none && a.key_state != KeyState::usable; }

/// Of a source that gave no time in its last eight polls.
SourceReason of_unreachable(const Association& a, const Now& now) {
  if (a.denials_in_a_row > 0) return SourceReason::refused;
  if (answers(a, now)) {
    if ((a.flash & kPacketStratum) != 0) return SourceReason::unsynchronized;
    if ((a.flash & kPacketTests) != 0) return SourceReason::refused;
  }
  if (a.counters.last_refused == kPacketAuth) return SourceReason::bad_auth;
  return a.peer.received_at ? SourceReason::unreachable : SourceReason::silent;
}

/// Of a source that fails a peer test.
SourceReason of_unfit(const Association& a) {
  constexpr int kFewPolls = 4;
  if (a.settings.is_never_selected) return SourceReason::not_selectable;
  if ((a.flash & kPeerLoop) != 0) return SourceReason::loop;
  if ((a.flash & kPeerStratum) != 0)
    return a.peer.leap == wire::Leap::unsynchronized ? SourceReason::unsynchronized : SourceReason::refused;
  if ((a.flash & kPeerDistance) == 0) return SourceReason::few_samples;
  // Far by its own word, or only because little is known of the way to it yet?
  const bool is_new = a.peer.dispersion_s >= kMaxDispersion_s || std::popcount(a.poll.reach()) < kFewPolls;
  const bool is_far_itself = a.peer.root_delay_s / 2 + a.peer.root_dispersion_s >= kMaxDistance_s;
  return is_new && !is_far_itself ? SourceReason::few_samples : SourceReason::too_far;
}

}  // namespace

SourceReason reason_of(const Association& a, const Now& now) {
  if (a.is_resting()) return SourceReason::resting;
  if (has_unusable_key(a)) return SourceReason::bad_auth;
  if (a.poll.reach() == 0) return of_unreachable(a, now);
  if ((a.flash & kPeerTests) != 0) return of_unfit(a);
  return a.judged.reason;
}

}  // namespace ntp::engine
