// SPDX-License-Identifier: BSD-2-Clause
//
// The lines of the statistics files, field by field as the reference implementation writes them (docs/config.md tells them
// with their units).
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "engine/events.h"
#include "state/packet_counts.h"

namespace ntp::daemon {

/// "MJD second " and the record, with a line feed; seconds, and NTP seconds for the four time stamps.
std::string statistics_line(const engine::WriteStatistics& statistics);

/// "SOURCE STATUS CODE NAME DETAIL", as protostats and the log tell it; a reference clock is "LOCAL(0)".
std::string event_text(const engine::ReportEvent& event);
/// A line of protostats.
std::string protocol_line(const engine::ReportEvent& event);
/// A line of cryptostats.
std::string crypto_line(const engine::ReportEvent& event);

/// A line of sysstats: what came in the `since_reset_s` seconds before `at`.
std::string system_line(Timestamp at, double since_reset_s, const state::PacketCounts& counts);

}  // namespace ntp::daemon
