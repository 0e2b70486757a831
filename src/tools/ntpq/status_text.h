// SPDX-License-Identifier: BSD-2-Clause
//
// Status words in words (RFC 9327 section 3), as the reference implementation's ntpq has them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/ntpq/result.h"

namespace ntp::ntpq {

/// "leap_none", "sync_ntp", "1 event", "clock_sync".
[[nodiscard]] std::vector<std::string> status_words(const StatusLine& status);
/// With ids and a newline.
[[nodiscard]] std::string status_text(const StatusLine& status);

/// Bits of a peer's status word.
inline constexpr unsigned kPeerConfigured = 0x8000;
inline constexpr unsigned kPeerWantsAuthentication = 0x4000;
inline constexpr unsigned kPeerAuthentic = 0x2000;
inline constexpr unsigned kPeerReachable = 0x1000;
inline constexpr unsigned kPeerBroadcast = 0x0800;

[[nodiscard]] constexpr unsigned selection_of(std::uint16_t status) { return (status >> 8U) & 7U; }
[[nodiscard]] constexpr unsigned event_count_of(std::uint16_t status) { return (status >> 4U) & 15U; }
[[nodiscard]] constexpr unsigned event_of(std::uint16_t status) { return status & 15U; }

/// "candidate"
[[nodiscard]] const char* selection_text(std::uint16_t status);
/// '+'
[[nodiscard]] char tally_of(std::uint16_t status);
/// "sys_peer"; empty for none.
[[nodiscard]] const char* peer_event_text(std::uint16_t status);

/// "00 ok", "1400 peer_dist, peer_unreach".
[[nodiscard]] std::string flash_text(unsigned flash);

}  // namespace ntp::ntpq
