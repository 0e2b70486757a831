// SPDX-License-Identifier: BSD-2-Clause
//
// What happened to the system and to each source, for protostats, the log and status words. The same event over and over is
// told fifteen times, as far as a status word counts.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/association.h"
#include "engine/events.h"
#include "engine/system_variables.h"
#include "state/status.h"

namespace ntp::engine {

[[nodiscard]] state::PeerStatus status_of(const Association& association);
[[nodiscard]] state::SystemStatus status_of(const SystemVariables& system, const Association* leader,
                                            state::EventCount event);

/// Counts the event; if it was not told too often, it goes out with the status word that counts it.
void report(const Now& now, Association& association, state::PeerEvent event, Effects& out,
            std::string_view detail = {});

/// One more event of this kind in a row, or the first of another. False if that was told often enough.
[[nodiscard]] bool count_event(state::EventCount& event, std::uint8_t code);

}  // namespace ntp::engine
