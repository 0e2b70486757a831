// SPDX-License-Identifier: BSD-2-Clause
//
// The counters that mode 7 tells: operations 5 to 7, 9, 28 and 34.
#include <algorithm>

#include "control/private_answer.h"

namespace ntp::control {
namespace {

using wire::PrivateError;

constexpr std::uint64_t kMost16 = 0xffff;
std::uint16_t short_counter(std::uint64_t value) { return static_cast<std::uint16_t>(std::min(value, kMost16)); }

/// Where the reference implementation keeps the association of an address: its hash runs over the family, as Linux numbers
/// and a little-endian machine stores it, and the address.
std::size_t bucket_of(const Address& address) {
  constexpr unsigned kFactor = 37;
  constexpr unsigned kInet = 2;
  constexpr unsigned kInet6 = 10;
  unsigned hash = (address.is_v4() ? kInet : kInet6) * kFactor;
  for (std::size_t i = 0; i < address.length(); ++i) hash = hash * kFactor + address.octets()[i];
  return hash % wire::MemoryStatsItem::kBuckets;
}

}  // namespace

PrivateError count_system(PrivateCall& call) {
  const state::HostView& host = call.world.facts.host();
  const state::PacketCounts& packets = host.packets;
  call.answer.add(wire::SystemStatsItem{.uptime_s = whole_seconds(host.uptime_s),
                                        .since_reset_s = whole_seconds(host.since_counts_reset_s),
                                        .denied = counter(packets.denied),
                                        .older_version = counter(packets.older_version),
                                        .current_version = counter(packets.current_version),
                                        .declined = counter(packets.declined),
                                        .bad_format = counter(packets.bad_format),
                                        .processed = counter(packets.processed),
                                        .bad_authentication = counter(packets.bad_auth),
                                        .received = counter(packets.received),
                                        .limited = counter(packets.limited)});
  return PrivateError::none;
}

PrivateError count_io(PrivateCall& call) {
  const state::InputOutputCounts& io = call.world.facts.host().io;
  call.answer.add(wire::IoStatsItem{.since_reset_s = whole_seconds(io.since_reset_s),
                                    .total_buffers = short_counter(io.total_buffers),
                                    .free_buffers = short_counter(io.free_buffers),
                                    .used_buffers = short_counter(io.used_buffers),
                                    .low_water = short_counter(io.low_water),
                                    .dropped = counter(io.dropped),
                                    .ignored = counter(io.ignored),
                                    .received = counter(io.received),
                                    .sent = counter(io.sent),
                                    .send_failed = counter(io.send_failed),
                                    .wakeups = counter(io.wakeups),
                                    .useful_wakeups = counter(io.useful_wakeups)});
  return PrivateError::none;
}

PrivateError count_memory(PrivateCall& call) {
  const state::HostView& host = call.world.facts.host();
  wire::MemoryStatsItem item{.since_reset_s = whole_seconds(host.since_counts_reset_s),
                             .searches = counter(host.packets.current_version + host.packets.older_version)};
  std::uint64_t peers = 0;
  // Associations are looked up by address in a list; the table of counts shows them where the classic's would stand.
  for (const state::SourceView& source : call.world.facts.view().sources) {
    ++peers;
    if (!source.is_configured) ++item.allocations;
    std::uint8_t& bucket = item.buckets[bucket_of(source.remote.address)];
    if (bucket != 0xff) ++bucket;
  }
  item.total_peers = short_counter(peers);
  call.answer.add(item);
  return PrivateError::none;
}

PrivateError count_timer(PrivateCall& call) {
  const state::TimerCounts& timer = call.world.facts.host().timer;
  call.answer.add(wire::TimerStatsItem{.since_reset_s = whole_seconds(timer.since_reset_s),
                                       .alarms = counter(timer.alarms),
                                       .overruns = counter(timer.overruns),
                                       .transmits = counter(timer.transmits)});
  return PrivateError::none;
}

PrivateError count_authentication(PrivateCall& call) {
  const state::KeyCounts& keys = call.world.facts.host().keys;
  call.answer.add(wire::AuthenticationInfoItem{.since_reset_s = whole_seconds(keys.since_reset_s),
                                               .stored = counter(keys.stored),
                                               .free = counter(keys.free),
                                               .lookups = counter(keys.lookups),
                                               .not_found = counter(keys.not_found),
                                               .signed_packets = counter(keys.signed_packets),
                                               .verified_packets = counter(keys.verified_packets),
                                               .expired = counter(keys.expired),
                                               .uncached = counter(keys.uncached)});
  return PrivateError::none;
}

PrivateError count_control(PrivateCall& call) {
  const state::ControlCounts counts = call.world.state.counts(call.now.mono);
  const std::uint64_t bad = counts.too_short + counts.is_response + counts.is_fragment + counts.has_error +
                            counts.bad_offset + counts.bad_version + counts.data_short + counts.bad_opcode;
  call.answer.add(wire::ControlStatsItem{.since_reset_s = whole_seconds(counts.since_reset_s),
                                         .requests = counter(counts.requests),
                                         .bad = counter(bad),
                                         .responses = counter(counts.responses),
                                         .fragments = counter(counts.fragments),
                                         .errors = counter(counts.errors),
                                         .too_short = counter(counts.too_short),
                                         .is_response = counter(counts.is_response),
                                         .is_fragment = counter(counts.is_fragment),
                                         .has_error = counter(counts.has_error),
                                         .bad_offset = counter(counts.bad_offset),
                                         .bad_version = counter(counts.bad_version),
                                         .data_short = counter(counts.data_short),
                                         .bad_opcode = counter(counts.bad_opcode),
                                         .asynchronous = counter(counts.asynchronous)});
  return PrivateError::none;
}

}  // namespace ntp::control
