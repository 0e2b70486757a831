// SPDX-License-Identifier: BSD-2-Clause
//
// Answers of a server as samples for ntpq --watch. Any octets may come: what makes no sense is missing in the sample, and no
// text has anything but printable ASCII.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "client/variables.h"
#include "tools/ntpq/watch_sample.h"

namespace ntp::ntpq {

/// Most sources that are watched, and most clients that are shown.
inline constexpr std::size_t kMostWatchedSources = 1000;
inline constexpr std::size_t kMostWatchedClients = 200;

/// Pairs of 16 bits, association and status (the answer to opcode 1 for association 0), in the order of their numbers.
[[nodiscard]] std::vector<ListedSource> read_list(std::string_view data);
[[nodiscard]] ClockSample read_clock(const std::vector<client::Variable>& variables);
/// The server's own clock, the variable "clock".
[[nodiscard]] std::optional<Timestamp> read_time(const std::vector<client::Variable>& variables);
/// `server_now`: what read_time() gave, carried on to now.
[[nodiscard]] SourceSample read_source(std::uint16_t association_id, const std::vector<client::Variable>& variables,
                                       std::optional<Timestamp> server_now);
[[nodiscard]] ClientsSample read_clients(const std::vector<client::Variable>& variables);

/// What of `text` a terminal of any kind shows: printable ASCII, '?' for all else, at most `most` characters.
[[nodiscard]] std::string plain(std::string_view text, std::size_t most = 400);

}  // namespace ntp::ntpq
