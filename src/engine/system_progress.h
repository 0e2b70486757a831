// SPDX-License-Identifier: BSD-2-Clause
//
// What the engine remembers between events that belongs to no source and to no algorithm.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "engine/association.h"
#include "state/view.h"

namespace ntp::engine {

/// With -q: how long to try before giving up.
inline constexpr double kQuitWait_s = 120;
/// Of errorstats.
inline constexpr double kErrorRecordInterval_s = 1;

struct SystemProgress {
  std::optional<MonoTime> first_reply_at;  ///< since the last (re)start of all sources
  MonoTime last_network_choice_at;         ///< a source other than the local clock was followed
  AssociationId leader = 0;                ///< 0: none
  int last_clock_error = 0;                ///< errno of the last correction that failed; 0: it was done
  std::optional<MonoTime> updated_at;      ///< the clock was looked at, and perhaps corrected
  double offset_s = 0;
  double jitter_s = 0;
  state::DisciplineState discipline = state::DisciplineState::nset;  ///< as it was told last
  state::EventCount event;                                           ///< the last one, a state::SystemEvent
  state::PacketCounts packets;                                       ///< from sources
  state::KeyUse keys;                                                ///< for packets to and from them
  std::string waiting_for;
  MonoTime start_wait_end = MonoTime::never();   ///< then those that answered decide, however few
  MonoTime orphan_check_at = MonoTime::never();  ///< then the local clock may step in for the others
  MonoTime quit_at = MonoTime::never();
  MonoTime next_publish = MonoTime::never();
  MonoTime next_drift_save = MonoTime::never();
  MonoTime next_error_record = MonoTime::never();
};

}  // namespace ntp::engine
