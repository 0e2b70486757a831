// SPDX-License-Identifier: BSD-2-Clause
//
// What control replies tell of the host and the process, besides the engine's View: plain values, gathered when asked for.
#pragma once

#include <cstdint>
#include <string>

#include "base/address.h"
#include "state/packet_counts.h"

namespace ntp::state {

/// A local address, as ifstats tells it.
struct InterfaceView {
  std::uint32_t number = 0;  ///< as listed; stays while the address stays
  std::string name;
  Endpoint address;
  Address mask;
  Address broadcast;        ///< 0.0.0.0: none
  bool is_enabled = true;   ///< packets that come to it are answered
  std::uint32_t flags = 0;  ///< the reference implementation's: see kInterface...
  std::uint32_t last_ttl = 0;
  std::uint32_t multicast_count = 0;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t send_failed = 0;
  std::uint32_t peer_count = 0;
  std::uint32_t interface_index = 0;
  double since_open_s = 0;
};
inline constexpr std::uint32_t kInterfaceUp = 0x1;
inline constexpr std::uint32_t kInterfacePointToPoint = 0x2;
inline constexpr std::uint32_t kInterfaceLoopback = 0x4;
inline constexpr std::uint32_t kInterfaceBroadcast = 0x8;
inline constexpr std::uint32_t kInterfaceMulticast = 0x10;
inline constexpr std::uint32_t kInterfaceBroadcastOpen = 0x20;
inline constexpr std::uint32_t kInterfaceWildcard = 0x80;
inline constexpr std::uint32_t kInterfaceIgnored = 0x200;
inline constexpr std::uint32_t kInterfacePermanent =
    0x400;  ///< named INT_PRIVACY by the reference implementation for IPv6
inline constexpr std::uint32_t kInterfaceLinkLocal = 0x800;

/// Sockets (iostats). What the process has no such thing for is 0.
struct InputOutputCounts {
  double since_reset_s = 0;
  std::uint64_t total_buffers = 0;
  std::uint64_t free_buffers = 0;
  std::uint64_t used_buffers = 0;
  std::uint64_t low_water = 0;
  std::uint64_t dropped = 0;
  std::uint64_t ignored = 0;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t send_failed = 0;
  std::uint64_t wakeups = 0;
  std::uint64_t useful_wakeups = 0;
};

struct TimerCounts {
  double since_reset_s = 0;
  std::uint64_t alarms = 0;
  std::uint64_t overruns = 0;
  std::uint64_t transmits = 0;  ///< polls
};

/// Symmetric keys (authinfo).
struct KeyCounts {
  double since_reset_s = 0;
  std::uint64_t stored = 0;
  std::uint64_t free = 0;
  std::uint64_t lookups = 0;
  std::uint64_t not_found = 0;
  std::uint64_t uncached = 0;
  std::uint64_t expired = 0;
  std::uint64_t signed_packets = 0;    ///< "encryptions"
  std::uint64_t verified_packets = 0;  ///< "decryptions"
};

/// Control messages (ntpdc's ctlstats).
struct ControlCounts {
  double since_reset_s = 0;
  std::uint64_t requests = 0;
  std::uint64_t responses = 0;
  std::uint64_t fragments = 0;
  std::uint64_t asynchronous = 0;
  std::uint64_t errors = 0;
  std::uint64_t too_short = 0;
  std::uint64_t is_response = 0;
  std::uint64_t is_fragment = 0;
  std::uint64_t has_error = 0;
  std::uint64_t bad_offset = 0;
  std::uint64_t bad_version = 0;
  std::uint64_t data_short = 0;
  std::uint64_t bad_opcode = 0;
  std::uint64_t over_budget = 0;  ///< dropped so that no stranger's prefix gets too much
};

/// The kernel's clock (adjtimex).
struct KernelView {
  double offset_s = 0;
  double frequency_ppm = 0;
  double max_error_s = 0;
  double estimated_error_s = 0;
  std::uint32_t status = 0;
  bool is_nanoseconds = false;
  long time_constant = 0;
  double precision_s = 0;
  double tolerance_ppm = 0;
  double pps_frequency_ppm = 0;
  double pps_stability_ppm = 0;
  double pps_jitter_s = 0;
  long pps_interval_s = 0;
  long pps_intervals = 0;
  long pps_errors = 0;
  long pps_jitter_exceeded = 0;
  long pps_stability_exceeded = 0;
};

/// The list of clients (monstats).
struct MonitorView {
  std::uint32_t enabled = 0;  ///< 1: monitoring, 2: for rate limits
  std::uint64_t entries = 0;
  std::uint64_t most_entries = 0;
  std::uint64_t min_entries = 0;
  double max_age_s = 0;
  std::uint64_t max_entries = 0;
  std::uint64_t octets = 0;
  std::uint64_t max_octets = 0;
};

struct HostView {
  std::string version;    ///< "ntpd meridian 0.1.0 ..."
  std::string processor;  ///< "x86_64"
  std::string system;     ///< "Linux/6.1.0"
  double uptime_s = 0;
  double since_counts_reset_s = 0;
  PacketCounts packets;  ///< from strangers and from our sources
  InputOutputCounts io;
  TimerCounts timer;
  KeyCounts keys;
  KernelView kernel;
  MonitorView monitor;
  // Switches of enable and disable.
  bool has_authentication = true;
  bool is_monitoring = true;
  bool sets_clock = true;
  bool uses_kernel = true;
  bool writes_statistics = true;
};

}  // namespace ntp::state
