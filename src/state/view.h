// SPDX-License-Identifier: BSD-2-Clause
//
// What can be seen of the engine: plain values for the live table, the status file, statistics and control replies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "state/packet_counts.h"
#include "wire/header.h"

namespace ntp::state {

/// Who took a packet's time stamp, worst first.
enum class StampSource : std::uint8_t { user, kernel, hardware };

/// What selection made of a source; the values are those of the peer status word (RFC 9327 section 3.2.2).
enum class Selection : std::uint8_t {
  reject = 0,
  falseticker = 1,
  excess = 2,
  outlier = 3,
  candidate = 4,
  backup = 5,
  system_peer = 6,
  pps_peer = 7,
};

/// States of the clock discipline (RFC 5905 section 11.3).
enum class DisciplineState : std::uint8_t { nset, fset, spik, freq, sync };

/// The last event of a source or of the system, and how often it came in a row: the low octet of a status word.
struct EventCount {
  std::uint8_t code = 0;
  std::uint8_t count = 0;

  friend bool operator==(const EventCount&, const EventCount&) = default;
};

struct SourceView {
  std::uint16_t association_id = 0;
  std::string name;  ///< as configured
  Endpoint remote;
  bool is_resolved = true;  ///< false while a name has no address
  wire::Refid refid;
  wire::Leap leap = wire::Leap::unsynchronized;
  std::uint8_t stratum = 16;
  std::int8_t poll_log2s = 6;
  std::uint8_t reach = 0;
  std::uint32_t flash = 0;  ///< bits of failed packet and peer tests
  double delay_s = 0;
  double offset_s = 0;  ///< > 0: the source is ahead of us
  double jitter_s = 0;
  double dispersion_s = 16;
  double root_distance_s = 16;
  double deviation_s = 0;        ///< of what this source alone says; 0: not known
  double delay_floor_s = 0;      ///< least delay that the path has shown lately; 0: not known
  double since_received_s = -1;  ///< < 0: never
  Selection selection = Selection::reject;
  StampSource stamp_source = StampSource::user;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t bogus = 0;
  std::uint64_t bad_auth = 0;     ///< packets that were ignored because their MAC was missing or wrong
  std::uint32_t key_id = 0;       ///< the key that it is asked with; 0: none
  bool is_authenticated = false;  ///< the last answer was proven by that key
  EventCount event;               ///< code: a PeerEvent
  std::uint16_t status = 0;       ///< the peer status word
};

/// How near the next leap second is.
enum class LeapProximity : std::uint8_t {
  none,
  schedule,  ///< within 28 days
  announce,  ///< within a day: clients and the kernel are told
  alert,     ///< within 10 s
};

struct SystemView {
  wire::Leap leap = wire::Leap::unsynchronized;
  std::uint8_t stratum = 0;
  std::int8_t precision_log2s = 0;
  wire::Refid refid = wire::kRefidInit;
  Timestamp reference;
  double root_delay_s = 0;
  double root_dispersion_s = 0;
  std::uint16_t peer_association_id = 0;  ///< 0: none
  std::int8_t poll_log2s = 6;
  double offset_s = 0;
  double frequency_ppm = 0;
  double jitter_s = 0;  ///< of the combined offset
  double clock_jitter_s = 0;
  double clock_wander_ppm = 0;
  double estimate_s = 0;       ///< true time minus system clock, now
  double deviation_s = 0;      ///< standard deviation of that
  double root_distance_s = 0;  ///< bound of the clock's error; 0 while it is not synchronised
  DisciplineState discipline = DisciplineState::nset;
  bool sets_clock = true;           ///< false: measures and serves only
  EventCount event;                 ///< code: a SystemEvent
  std::uint16_t status = 0;         ///< the system status word
  PacketCounts packets;             ///< from our sources; what strangers send is counted elsewhere
  std::optional<int> tai_offset_s;  ///< TAI - UTC now; known to tables of leap seconds alone
  Timestamp leap_at;       ///< the next leap second, or the last one; unknown: there is no table and no announcement
  Timestamp leap_expires;  ///< of the table that decides; unknown: the sources decide
  LeapProximity leap_proximity = LeapProximity::none;
  double leap_smear_interval_s = 0;
  double leap_smear_offset_s = 0;  ///< what is added to the clock for clients now
  std::string waiting_for;         ///< why there is no synchronisation yet; empty when there is
};

struct View {
  SystemView system;
  std::vector<SourceView> sources;
};

/// "nset", "sync", ... and "sys_peer", "falsetick", ... as the field writes them.
const char* to_text(DisciplineState state);
const char* to_text(Selection selection);
const char* to_text(StampSource source);
/// ntpq's tally character.
char tally(Selection selection);

}  // namespace ntp::state
