// SPDX-License-Identifier: BSD-2-Clause
//
// A worker's counters in the words of sysstats.
#pragma once

#include "server/respond.h"
#include "state/packet_counts.h"

namespace ntp::server {

[[nodiscard]] state::PacketCounts packet_counts(const WorkerCounts& worker);

}  // namespace ntp::server
