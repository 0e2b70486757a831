// SPDX-License-Identifier: BSD-2-Clause
//
// Status words and the events that they count, as control replies, protostats and peerstats tell them (RFC 9327 section 3
// and the reference implementation's codes).
#pragma once

#include <cstdint>

#include "state/view.h"
#include "wire/header.h"

namespace ntp::state {

enum class SystemEvent : std::uint8_t {
  unspecified = 0,
  frequency_not_set = 1,
  frequency_set = 2,
  spike = 3,
  frequency_mode = 4,  ///< the frequency is being measured
  clock_sync = 5,
  restart = 6,
  panic_stop = 7,
  no_system_peer = 8,
  leap_armed = 9,
  leap_disarmed = 10,
  leap_event = 11,
  clock_step = 12,
  kernel = 13,
  tai = 14,
  stale_leap_table = 15,
};

enum class PeerEvent : std::uint8_t {
  unspecified = 0,
  mobilize = 1,
  demobilize = 2,
  unreachable = 3,
  reachable = 4,
  restart = 5,
  no_reply = 6,
  rate_exceeded = 7,
  access_denied = 8,
  leap_armed = 9,
  system_peer = 10,
  clock_event = 11,
  bad_auth = 12,
  popcorn = 13,
  interleave_mode = 14,
  interleave_error = 15,
};

/// What tells a source's events from the system's where both stand in one list (protostats, traps).
inline constexpr std::uint8_t kPeerEventBit = 0x80;
/// As far as a status word can count; the same event told more often than that in a row is not told any more.
inline constexpr std::uint8_t kMostEvents = 15;

/// What the system takes its time from.
enum class ClockKind : std::uint8_t {
  unspecified = 0,
  pps = 1,
  lf_radio = 2,
  hf_radio = 3,
  uhf_radio = 4,
  local = 5,
  ntp = 6,
  other = 7,
  wristwatch = 8,
  telephone = 9,
};

//   0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15
// +-------+-----------------------+---------------+---------------+
// | leap  |      clock kind       |     count     |     event     |
// +-------+-----------------------+---------------+---------------+
struct SystemStatus {
  wire::Leap leap = wire::Leap::unsynchronized;
  ClockKind kind = ClockKind::unspecified;
  EventCount event;
};

//   0     1      2     3     4     5   6   7   8   9  10  11  12  13  14  15
// +-----+------+-----+-----+-----+-----------+---------------+---------------+
// |conf |auth. |auth.|reach|bcast| selection |     count     |     event     |
// |     |wanted|given|able |     |           |               |               |
// +-----+------+-----+-----+-----+-----------+---------------+---------------+
struct PeerStatus {
  bool is_configured = false;
  bool wants_authentication = false;
  bool is_authentic = false;
  bool is_reachable = false;
  bool is_broadcast = false;
  Selection selection = Selection::reject;
  EventCount event;
};

std::uint16_t status_word(const SystemStatus& status);
std::uint16_t status_word(const PeerStatus& status);

/// The reference implementation's words: "clock_sync", "sys_peer", ...
const char* to_text(SystemEvent event);
const char* to_text(PeerEvent event);

}  // namespace ntp::state
