// SPDX-License-Identifier: BSD-2-Clause
//
// The items of private messages (mode 7): one struct a kind, with the values that stand in it. Each has two lengths: the old
// one ends before the flag of IPv6, so that an IPv6 address can't be told in it. Times are seconds; 16.16 and 32.32 fixed
// point on the wire. Decoding takes any octets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace ntp::wire {

/// Flags of an association.
inline constexpr std::uint16_t kPeerConfigured = 0x1;
inline constexpr std::uint16_t kPeerSystem = 0x2;
inline constexpr std::uint16_t kPeerBurst = 0x4;
inline constexpr std::uint16_t kPeerClock = 0x8;
inline constexpr std::uint16_t kPeerPreferred = 0x10;
inline constexpr std::uint16_t kPeerAuthenticates = 0x20;
inline constexpr std::uint16_t kPeerCandidate = 0x40;
inline constexpr std::uint16_t kPeerShortlist = 0x80;
inline constexpr std::uint16_t kPeerInitialBurst = 0x100;  ///< has room in PeerStatsItem alone

/// Operation 0; also names an association in requests.
struct PeerListItem {
  Address remote;
  std::uint16_t port = 0;
  std::uint8_t mode = 0;
  std::uint8_t flags = 0;
};

/// Operation 1.
struct PeerSummaryItem {
  Address local;
  Address remote;
  std::uint16_t port = 0;
  std::uint8_t stratum = 0;
  std::int8_t poll_log2s = 0;
  std::int8_t peer_poll_log2s = 0;
  std::uint8_t reach = 0;
  std::uint8_t flags = 0;
  std::uint8_t mode = 0;
  double delay_s = 0;
  double offset_s = 0;
  double dispersion_s = 0;
};

/// Operation 2.
struct PeerInfoItem {
  static constexpr std::size_t kStages = 8;
  Address local;
  Address remote;
  std::uint16_t port = 0;
  std::uint8_t flags = 0;
  std::uint8_t leap = 0;
  std::uint8_t mode = 0;
  std::uint8_t peer_mode = 0;
  std::uint8_t stratum = 0;
  std::int8_t peer_poll_log2s = 0;
  std::int8_t poll_log2s = 0;
  std::int8_t precision_log2s = 0;
  std::uint8_t version = 0;
  std::uint8_t reach = 0;
  std::uint8_t unreach = 0;
  std::uint8_t flash_old = 0;
  std::uint8_t ttl = 0;
  std::uint16_t flash = 0;
  std::uint16_t association_id = 0;
  std::uint32_t key_id = 0;
  std::uint32_t refid = 0;
  std::uint32_t timer_s = 0;
  double root_delay_s = 0;
  double root_dispersion_s = 0;
  Timestamp reference;
  Timestamp origin;
  Timestamp receive;
  Timestamp transmit;
  std::array<double, kStages> filter_delay_s{};
  std::array<double, kStages> filter_offset_s{};
  std::array<std::uint8_t, kStages> filter_order{};
  double delay_s = 0;
  double dispersion_s = 0;
  double offset_s = 0;
  double select_dispersion_s = 0;  ///< "filter error"
  double broadcast_offset_s = 0;
};

/// Operation 3.
struct PeerStatsItem {
  Address local;
  Address remote;
  std::uint16_t port = 0;
  std::uint16_t flags = 0;
  std::uint32_t since_reset_s = 0;
  std::uint32_t since_received_s = 0;
  std::uint32_t until_send_s = 0;
  std::uint32_t since_reach_change_s = 0;
  std::uint32_t sent = 0;
  std::uint32_t processed = 0;
  std::uint32_t bad_authentication = 0;
  std::uint32_t bogus_origin = 0;
  std::uint32_t duplicates = 0;
  std::uint32_t bad_dispersion = 0;
  std::uint32_t bad_reference = 0;
  std::uint8_t candidate = 0;  ///< place in selection: 0 rejected to 7 PPS
};

/// Flags of the system: SystemInfoItem::flags.
inline constexpr std::uint8_t kSystemFollowsBroadcasts = 0x1;
inline constexpr std::uint8_t kSystemAuthenticates = 0x2;
inline constexpr std::uint8_t kSystemSetsClock = 0x4;
inline constexpr std::uint8_t kSystemUsesKernel = 0x8;
inline constexpr std::uint8_t kSystemMonitors = 0x40;
inline constexpr std::uint8_t kSystemWritesStatistics = 0x80;

/// Operation 4.
struct SystemInfoItem {
  Address peer;  ///< 0.0.0.0: none
  std::uint8_t peer_mode = 0;
  std::uint8_t leap = 0;
  std::uint8_t stratum = 0;
  std::int8_t precision_log2s = 0;
  double root_delay_s = 0;
  double root_dispersion_s = 0;
  std::uint32_t refid = 0;
  Timestamp reference;
  std::uint8_t poll_log2s = 0;
  std::uint8_t flags = 0;
  double broadcast_delay_s = 0;
  double jitter_s = 0;
  double authentication_delay_s = 0;
  double stability_ppm = 0;
};

/// Operation 5.
struct SystemStatsItem {
  std::uint32_t uptime_s = 0;
  std::uint32_t since_reset_s = 0;
  std::uint32_t denied = 0;
  std::uint32_t older_version = 0;
  std::uint32_t current_version = 0;
  std::uint32_t declined = 0;
  std::uint32_t bad_format = 0;
  std::uint32_t processed = 0;
  std::uint32_t bad_authentication = 0;
  std::uint32_t received = 0;
  std::uint32_t limited = 0;
};

/// Operation 6.
struct IoStatsItem {
  std::uint32_t since_reset_s = 0;
  std::uint16_t total_buffers = 0;
  std::uint16_t free_buffers = 0;
  std::uint16_t used_buffers = 0;
  std::uint16_t low_water = 0;
  std::uint32_t dropped = 0;
  std::uint32_t ignored = 0;
  std::uint32_t received = 0;
  std::uint32_t sent = 0;
  std::uint32_t send_failed = 0;
  std::uint32_t wakeups = 0;
  std::uint32_t useful_wakeups = 0;
};

/// Operation 7.
struct MemoryStatsItem {
  static constexpr std::size_t kBuckets = 128;
  std::uint32_t since_reset_s = 0;
  std::uint16_t total_peers = 0;
  std::uint16_t free_peers = 0;
  std::uint32_t searches = 0;
  std::uint32_t allocations = 0;
  std::uint32_t demobilizations = 0;
  std::array<std::uint8_t, kBuckets> buckets{};
};

/// Operation 8.
struct LoopInfoItem {
  double offset_s = 0;
  double frequency_ppm = 0;
  std::int32_t poll_adjust = 0;
  std::uint32_t since_update_s = 0;
};

/// Operation 9.
struct TimerStatsItem {
  std::uint32_t since_reset_s = 0;
  std::uint32_t alarms = 0;
  std::uint32_t overruns = 0;
  std::uint32_t transmits = 0;
};

inline constexpr std::uint8_t kConfigurePreferred = 0x2;
inline constexpr std::uint8_t kConfigureBurst = 0x4;
inline constexpr std::uint8_t kConfigureInitialBurst = 0x8;
inline constexpr std::uint8_t kConfigureNoSelect = 0x10;

/// Operation 10.
struct ConfigureItem {
  Address remote;
  std::uint8_t mode = 0;
  std::uint8_t version = 0;
  std::uint8_t min_poll_log2s = 0;
  std::uint8_t max_poll_log2s = 0;
  std::uint8_t flags = 0;
  std::uint8_t ttl = 0;
  std::uint32_t key_id = 0;
};

/// Operations 11 and 22.
struct UnconfigureItem {
  Address remote;
};

/// Flags of operations 12 and 13.
inline constexpr std::uint32_t kSwitchBroadcastClient = 0x1;
inline constexpr std::uint32_t kSwitchPps = 0x2;
inline constexpr std::uint32_t kSwitchNtp = 0x4;
inline constexpr std::uint32_t kSwitchKernel = 0x8;
inline constexpr std::uint32_t kSwitchMonitor = 0x10;
inline constexpr std::uint32_t kSwitchStatistics = 0x20;
inline constexpr std::uint32_t kSwitchAuthentication = 0x40;
inline constexpr std::uint32_t kSwitchCalibrate = 0x80;

/// Operations 12, 13, 21, and clock addresses in 36 and 39.
struct WordItem {
  std::uint32_t value = 0;
};

/// Restriction flags on the wire, and how a line matches.
inline constexpr std::uint16_t kRestrictIgnore = 0x1;
inline constexpr std::uint16_t kRestrictNoServe = 0x2;
inline constexpr std::uint16_t kRestrictNoTrust = 0x4;
inline constexpr std::uint16_t kRestrictVersion = 0x8;
inline constexpr std::uint16_t kRestrictNoPeer = 0x10;
inline constexpr std::uint16_t kRestrictNoEphemeralPeer = 0x20;
inline constexpr std::uint16_t kRestrictLimited = 0x40;
inline constexpr std::uint16_t kRestrictNoQuery = 0x80;
inline constexpr std::uint16_t kRestrictNoModify = 0x100;
inline constexpr std::uint16_t kRestrictNoTrap = 0x200;
inline constexpr std::uint16_t kRestrictLowPriorityTrap = 0x400;
inline constexpr std::uint16_t kRestrictKod = 0x800;
inline constexpr std::uint16_t kRestrictMsSntp = 0x1000;
inline constexpr std::uint16_t kRestrictFlake = 0x2000;
inline constexpr std::uint16_t kRestrictNoMruList = 0x4000;
inline constexpr std::uint16_t kMatchNtpPort = 0x1000;
inline constexpr std::uint16_t kMatchInterface = 0x2000;

/// Operation 16.
struct RestrictItem {
  Address address;
  Address mask;
  std::uint32_t count = 0;
  std::uint16_t flags = 0;
  std::uint16_t match_flags = 0;
};

/// Operations 17 to 19.
struct RestrictChangeItem {
  Address address;
  Address mask;
  std::uint16_t flags = 0;
  std::uint16_t match_flags = 0;
};

/// Operation 20.
struct OldClientItem {
  std::uint32_t average_interval_s = 0;
  std::uint32_t since_last_s = 0;
  std::uint32_t restrictions = 0;
  std::uint32_t count = 0;
  Address remote;
  std::uint16_t port = 0;
  std::uint8_t mode = 0;
  std::uint8_t version = 0;
};

/// How a client's packet was addressed: ClientItem::flags.
inline constexpr std::uint32_t kClientUnicast = 0x1;

/// Operation 42.
struct ClientItem {
  std::uint32_t average_interval_s = 0;
  std::uint32_t since_last_s = 0;
  std::uint32_t restrictions = 0;
  std::uint32_t count = 0;
  Address remote;
  Address local;
  std::uint32_t flags = 0;
  std::uint16_t port = 0;
  std::uint8_t mode = 0;
  std::uint8_t version = 0;
};

/// Bits of operation 21.
inline constexpr std::uint32_t kResetPeers = 0x1;
inline constexpr std::uint32_t kResetIo = 0x2;
inline constexpr std::uint32_t kResetSystem = 0x4;
inline constexpr std::uint32_t kResetMemory = 0x8;
inline constexpr std::uint32_t kResetTimer = 0x10;
inline constexpr std::uint32_t kResetAuthentication = 0x20;
inline constexpr std::uint32_t kResetControl = 0x40;

/// Operations 26, 27, 32 and 33: the number of a key. The reference implementation's hosts tell operations 26 and 27 a word
/// in their own order of octets; 32 and 33 stand in the network's.
struct KeyItem {
  std::uint32_t network_order = 0;  ///< the first four octets
  std::uint32_t little_endian = 0;  ///< the same, the other way round
  std::uint32_t rest = 0;           ///< the second four octets, if the item has so many
};

/// Operation 28.
struct AuthenticationInfoItem {
  std::uint32_t since_reset_s = 0;
  std::uint32_t stored = 0;
  std::uint32_t free = 0;
  std::uint32_t lookups = 0;
  std::uint32_t not_found = 0;
  std::uint32_t signed_packets = 0;
  std::uint32_t verified_packets = 0;
  std::uint32_t expired = 0;
  std::uint32_t uncached = 0;
};

inline constexpr std::uint32_t kTrapInUse = 0x1;
inline constexpr std::uint32_t kTrapLowPriority = 0x2;
inline constexpr std::uint32_t kTrapConfigured = 0x4;

/// Operation 29.
struct TrapItem {
  Address local;  ///< unspecified: any
  Address remote;
  std::uint16_t port = 0;
  std::uint16_t sequence = 0;
  std::uint32_t since_set_s = 0;
  std::uint32_t since_first_set_s = 0;
  std::uint32_t resets = 0;
  std::uint32_t flags = 0;
};

/// Operations 30 and 31.
struct TrapChangeItem {
  Address local;
  Address remote;
  std::uint16_t port = 0;
};

/// Operation 34.
struct ControlStatsItem {
  std::uint32_t since_reset_s = 0;
  std::uint32_t requests = 0;
  std::uint32_t bad = 0;
  std::uint32_t responses = 0;
  std::uint32_t fragments = 0;
  std::uint32_t errors = 0;
  std::uint32_t too_short = 0;
  std::uint32_t is_response = 0;
  std::uint32_t is_fragment = 0;
  std::uint32_t has_error = 0;
  std::uint32_t bad_offset = 0;
  std::uint32_t bad_version = 0;
  std::uint32_t data_short = 0;
  std::uint32_t bad_opcode = 0;
  std::uint32_t asynchronous = 0;
};

/// Operation 36.
struct ClockInfoItem {
  Address clock;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint8_t last_event = 0;
  std::uint8_t status = 0;
  std::uint32_t polls = 0;
  std::uint32_t no_response = 0;
  std::uint32_t bad_format = 0;
  std::uint32_t bad_data = 0;
  std::uint32_t since_start_s = 0;
  double time1_s = 0;
  double time2_s = 0;
  std::int32_t stratum = 0;
  std::uint32_t refid = 0;
};

enum class FudgeWhat : std::uint8_t { time1 = 1, time2 = 2, stratum = 3, refid = 4, flags = 5 };

/// Operation 37.
struct FudgeItem {
  Address clock;
  std::uint32_t what = 0;  ///< a FudgeWhat, or none
  double time_s = 0;
  std::uint32_t value = 0;
};

/// Operation 38: adjtimex(2)'s own units.
struct KernelInfoItem {
  std::int32_t offset = 0;
  std::int32_t frequency = 0;
  std::int32_t max_error = 0;
  std::int32_t estimated_error = 0;
  std::uint16_t status = 0;
  std::uint16_t shift = 0;
  std::int32_t time_constant = 0;
  std::int32_t precision = 0;
  std::int32_t tolerance = 0;
  std::int32_t pps_frequency = 0;
  std::int32_t pps_jitter = 0;
  std::int32_t pps_stability = 0;
  std::int32_t jitter_exceeded = 0;
  std::int32_t calibrations = 0;
  std::int32_t calibration_errors = 0;
  std::int32_t stability_exceeded = 0;
};

/// Operation 39.
struct ClockDebugItem {
  static constexpr std::size_t kValues = 16;
  static constexpr std::size_t kTimes = 32;
  Address clock;
  std::uint8_t value_count = 0;
  std::uint8_t time_count = 0;
  std::uint16_t signed_values = 0;  ///< bit i: values[i] is signed
  std::uint32_t signed_times = 0;
  std::array<std::uint32_t, kValues> values{};
  std::array<Timestamp, kTimes> times{};
};

enum class InterfaceAction : std::uint8_t { exists = 1, created = 2, removed = 3 };

/// Operations 44 and 45.
struct InterfaceItem {
  static constexpr std::size_t kName = 32;
  Address address;
  Address broadcast;
  Address mask;
  std::string name;  ///< at most kName octets, whatever they are
  std::uint32_t flags = 0;
  std::uint32_t last_ttl = 0;
  std::uint32_t multicast_count = 0;
  std::uint32_t received = 0;
  std::uint32_t sent = 0;
  std::uint32_t send_failed = 0;
  std::uint32_t uptime_s = 0;
  std::uint32_t scope = 0;
  std::uint32_t interface_index = 0;
  std::uint32_t number = 0;
  std::uint32_t peer_count = 0;
  bool is_ignored = false;
  std::uint8_t action = static_cast<std::uint8_t>(InterfaceAction::exists);
};

/// Writes an item into all of `out`: what lies beyond its end is left out, what nothing stands in becomes zero. For every
/// struct above.
template <class Item>
void encode_item(const Item& item, MutableBytes out);

/// Reads an item of any length: what lies beyond its end keeps its default.
template <class Item>
[[nodiscard]] Item decode_item(Bytes octets);

}  // namespace ntp::wire
