// SPDX-License-Identifier: BSD-2-Clause
//
// What a reload changed, for the log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "engine/source_changes.h"

namespace ntp::daemon {

struct ReloadChanges {
  engine::SourceChanges sources;
  std::vector<std::string_view> parts;          ///< of the configuration that say something else now, in words
  std::vector<std::string_view> at_next_start;  ///< what differs and can't change while the daemon runs
};

/// All but the sources and what other files say (keys, leap seconds, names): those know best who uses them.
[[nodiscard]] ReloadChanges compare(const config::Config& before, const config::Config& after);

/// "2 sources added, 1 removed, 5 unchanged; changed: access rules, keys; waits for a restart: pidfile". "nothing has changed".
[[nodiscard]] std::string describe(const ReloadChanges& changes);

}  // namespace ntp::daemon
