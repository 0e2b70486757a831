// SPDX-License-Identifier: BSD-2-Clause
//
// The engine's view as people and scripts read it: the live table and the status file.
#pragma once

#include <cstdint>
#include <string>

#include "state/variable_set.h"
#include "state/view.h"

namespace ntp::daemon {

struct LiveContext {
  std::string clock_text;  ///< UTC now
  std::string origin;      ///< where the configuration is from
  std::string last_message;
  std::uint16_t port = 123;
  std::uint64_t answered = 0;  ///< requests since the start
};

/// A table of the sources and the clock's state, a line each, without escape sequences.
std::string live_table(const state::View& view, const LiveContext& context);

/// One JSON object with a line feed.
std::string status_json(const state::View& view, const state::VariableSet& variables = {});

}  // namespace ntp::daemon
