// SPDX-License-Identifier: BSD-2-Clause
//
// The local clock (127.127.1.u) as a source: the system clock stands in for a reference while there is no other.
#pragma once

#include "engine/association.h"

namespace ntp::engine {

struct LocalClockContext {
  const Now* now = nullptr;
  Correction correction;  ///< of the system clock at now
  std::int8_t precision_log2s = -20;
};

/// Reads the clock into the source's peer variables.
void read_local_clock(Association& association, const LocalClockContext& context);

}  // namespace ntp::engine
