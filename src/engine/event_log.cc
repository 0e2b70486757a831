// SPDX-License-Identifier: BSD-2-Clause
#include "engine/event_log.h"

#include <string>

namespace ntp::engine {

bool count_event(state::EventCount& event, std::uint8_t code) {
  if (event.code != code) event = {.code = code, .count = 0};
  if (event.count == state::kMostEvents) return false;
  ++event.count;
  return true;
}

state::PeerStatus status_of(const Association& a) {
  return {.is_configured = a.settings.kind != SourceSettings::Kind::pool,
          .wants_authentication = a.settings.key_id != 0,
          .is_authentic = a.peer.is_authenticated,
          .is_reachable = a.poll.reach() != 0,
          .selection = a.selection,
          .event = a.event};
}

state::SystemStatus status_of(const SystemVariables& system, const Association* leader, state::EventCount event) {
  using Kind = state::ClockKind;
  Kind kind = Kind::unspecified;
  if (leader != nullptr) kind = leader->is_local_clock() ? Kind::local : Kind::ntp;
  return {.leap = system.leap(), .kind = kind, .event = event};
}

void report(const Now& now, Association& a, state::PeerEvent event, Effects& out, std::string_view detail) {
  const auto code = static_cast<std::uint8_t>(event);
  if (!count_event(a.event, code)) return;
  out.push_back(ReportEvent{.at = now.real,
                            .source = a.remote.address,
                            .status = state::status_word(status_of(a)),
                            .code = static_cast<std::uint8_t>(code | state::kPeerEventBit),
                            .name = state::to_text(event),
                            .detail = std::string(detail)});
}

}  // namespace ntp::engine
