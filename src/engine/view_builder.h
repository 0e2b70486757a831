// SPDX-License-Identifier: BSD-2-Clause
//
// Makes the plain values that others may see of the engine's parts.
#pragma once

#include "engine/change_log.h"
#include "engine/clock_control.h"
#include "engine/events.h"
#include "engine/leap_keeper.h"
#include "engine/mitigation.h"
#include "engine/settings.h"
#include "engine/sources.h"
#include "engine/system_progress.h"
#include "engine/system_variables.h"
#include "state/view.h"

namespace ntp::engine {

struct ViewParts {
  const Now& now;
  const Settings& settings;
  const Sources& sources;
  const ClockControl& clock;
  const SystemVariables& system;
  MitigationContext context;
  const SystemProgress& progress;
  const LeapKeeper& leap;
  const Association* leader = nullptr;  ///< null: none is followed
  const Majority& majority;
  const ChangeLog& changes;
};

[[nodiscard]] state::View build_view(const ViewParts& parts);
[[nodiscard]] state::SourceView build_source_view(const Association& association, const ViewParts& parts);
[[nodiscard]] state::SystemView build_system_view(const ViewParts& parts);

}  // namespace ntp::engine
