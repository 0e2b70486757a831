// SPDX-License-Identifier: BSD-2-Clause
//
// What can be seen of the engine: plain values for the live table, the status file, statistics and control replies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "state/key_use.h"
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

/// One stage of a source's clock filter, newest first.
struct FilterStage {
  double delay_s = 0;
  double offset_s = 0;
  double dispersion_s = 16;  ///< now
};
inline constexpr std::size_t kFilterStages = 8;

/// Why a source is, or is not, among those whose time is used.
enum class SourceReason : std::uint8_t {
  none,            ///< it leads, or is followed
  unresolved,      ///< its name has no address yet
  silent,          ///< asked, and never heard
  unreachable,     ///< heard once; the last eight polls got no answer
  resting,         ///< denied too often: it is left alone
  bad_auth,        ///< its answers don't prove themselves, or its key can't be used
  refused,         ///< the last packets failed a test: see flash
  unsynchronized,  ///< it says that it has no time itself
  too_far,         ///< root distance above maxdist
  loop,            ///< it takes its time from this host, or is this host
  not_selectable,  ///< noselect
  few_samples,     ///< heard, and too few good samples yet
  outside,         ///< its interval misses the majority's
  drifting,        ///< its interval agrees, and its rate doesn't
  waiting,         ///< it is well; at start, others are awaited before anything is decided
  no_majority,     ///< it is well; no majority of sources agrees
  outlier,         ///< it agrees, and is worse than the others
  spare,           ///< it agrees; local clocks and orphans lead only for want of others
};

/// The facts behind selection's judgement, as of the last time that it judged.
struct Judgement {
  SourceReason reason = SourceReason::none;
  double low_s = 0;  ///< the source's own correctness interval, against the system clock then
  double high_s = 0;
  double since_judged_s = -1;  ///< < 0: never
};

/// What is known of a reference clock besides its time.
struct ClockView {
  std::string device;
  std::uint8_t type = 0;
  std::string time_code;  ///< the last that it said
  std::uint64_t polls = 0;
  std::uint64_t no_answers = 0;   ///< polls without one
  std::uint64_t bad_formats = 0;  ///< answers that can't be read
  std::uint64_t bad_times = 0;    ///< answers that say an impossible time
  double time1_s = 0;
  double time2_s = 0;
  std::uint8_t stratum = 0;
  wire::Refid refid;
  std::uint8_t flags = 0;  ///< flag1 is bit 0
  double since_start_s = 0;
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
  std::uint64_t bad_auth = 0;                   ///< packets that were ignored because their MAC was missing or wrong
  std::uint32_t key_id = 0;                     ///< the key that it is asked with; 0: none
  bool is_authenticated = false;                ///< the last answer was proven by that key
  EventCount event;                             ///< code: a PeerEvent
  std::uint16_t status = 0;                     ///< the peer status word
  Endpoint local;                               ///< ours; unspecified while no answer has come
  wire::Mode mode = wire::Mode::client;         ///< ours
  wire::Mode peer_mode = wire::Mode::reserved;  ///< of its last packet
  std::uint8_t version = 4;                     ///< of our packets
  std::int8_t peer_poll_log2s = 0;              ///< that its last packet named
  std::int8_t precision_log2s = 0;
  double root_delay_s = 0;
  double root_dispersion_s = 0;
  Timestamp reference;
  Timestamp origin;             ///< T1 of the last exchange; unknown in a request whose stamp is a random number
  Timestamp received_at;        ///< T4 of the last exchange
  Timestamp transmitted;        ///< T3 of the last exchange
  double transmit_delay_s = 0;  ///< from the stamp in a request to its sending; 0: not known
  std::uint32_t unreach = 0;    ///< polls in a row without an answer
  double since_reach_change_s = 0;
  double until_poll_s = 0;
  double headway_s = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t bad_dispersion = 0;
  std::uint64_t bad_reference = 0;
  std::uint32_t candidate_order = 0;  ///< place among the survivors, from 1; 0: none
  std::array<FilterStage, kFilterStages> filter{};
  bool is_configured = true;
  bool is_preferred = false;
  bool wants_authentication = false;
  bool has_burst = false;
  bool has_iburst = false;
  std::optional<ClockView> clock;  ///< it is a reference clock
  Judgement judgement;
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
  KeyUse keys;                      ///< as packets is
  std::optional<int> tai_offset_s;  ///< TAI - UTC now; known to tables of leap seconds alone
  Timestamp leap_at;       ///< the next leap second, or the last one; unknown: there is no table and no announcement
  Timestamp leap_expires;  ///< of the table that decides; unknown: the sources decide
  LeapProximity leap_proximity = LeapProximity::none;
  double leap_smear_interval_s = 0;
  double leap_smear_offset_s = 0;   ///< what is added to the clock for clients now
  std::string waiting_for;          ///< why there is no synchronisation yet; empty when there is
  std::uint8_t min_poll_log2s = 3;  ///< the least time constant
  double sum_jitter_s = 0;
  double since_update_s = -1;  ///< of the clock; < 0: never
  double stability_ppm = 0;
  double majority_low_s = 0;  ///< the interval that the majority of the sources agrees on, when it was last looked for
  double majority_high_s = 0;
  std::uint16_t majority_size = 0;  ///< sources in it; 0: there was none
  std::uint16_t majority_of = 0;    ///< sources that took part
  std::uint16_t needed = 1;         ///< minsane
};

/// Something that changed, for people: the last kMaxChanges of them are kept.
struct Change {
  Timestamp at;
  std::uint16_t association_id = 0;  ///< 0: the clock
  std::string text;                  ///< "falseticker: its interval ...", without the source's name
};
inline constexpr std::size_t kMaxChanges = 32;

struct View {
  SystemView system;
  std::vector<SourceView> sources;
  std::vector<Change> changes;  ///< oldest first
};

/// "NSET", "SYNC", ... and "sys_peer", "falsetick", ... as the field writes them.
const char* to_text(DisciplineState state);
const char* to_text(Selection selection);
const char* to_text(StampSource source);
/// ntpq's tally character.
char tally(Selection selection);

}  // namespace ntp::state
