// SPDX-License-Identifier: BSD-2-Clause
//
// One list of places a struct serves both directions: a Writer and a Reader walk over it. Octets that no place names are
// either reserved or hold nothing that this program has.
#include "wire/private_items.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace ntp::wire {
namespace {

constexpr double kShortUnit = 65536.0;

double clamp_to(double value, double least, double most) { return value > least ? std::min(value, most) : least; }

class Writer {
 public:
  static constexpr bool kReads = false;
  explicit Writer(MutableBytes out) : out_(out) { std::ranges::fill(out, std::byte{}); }

  template <class Integer>
  Writer& word(std::size_t at, const Integer& value) {
    if (fits(at, sizeof(Integer))) store_big_endian(out_, at, static_cast<std::make_unsigned_t<Integer>>(value));
    return *this;
  }
  Writer& little_endian(std::size_t, const std::uint32_t&) { return *this; }  // the same octets as another place
  Writer& flag(std::size_t at, const bool& value) { return word(at, static_cast<std::uint8_t>(value ? 1 : 0)); }
  Writer& stamp(std::size_t at, const Timestamp& value) { return word(at, value.bits()); }
  /// Unsigned 16.16: a negative number becomes 0. Both of these cut what is beyond 2^-16, as the reference implementation does.
  Writer& short_time(std::size_t at, const double& value) {
    word(at, static_cast<std::uint32_t>(clamp_to(value * kShortUnit, 0.0, 0xffffffffU)));
    return *this;
  }
  Writer& short_span(std::size_t at, const double& value) {
    constexpr double kMost = std::numeric_limits<std::int32_t>::max();
    word(at, static_cast<std::int32_t>(clamp_to(value * kShortUnit, -kMost, kMost)));
    return *this;
  }
  Writer& span(std::size_t at, const double& value) { return word(at, Span::from_seconds(value).units()); }
  Writer& v4(std::size_t at, const Address& address) {
    if (address.is_v4()) word(at, address.v4_host_order());
    return *this;
  }
  Writer& v6_flag(std::size_t at, const Address& address) {
    word(at, std::uint32_t{address.is_v4() ? 0U : 1U});
    return *this;
  }
  /// The reference implementation forgot to turn this one round.
  Writer& little_v6_flag(std::size_t at, const Address& address) {
    return word(at, std::uint32_t{address.is_v4() ? 0U : 0x01000000U});
  }
  Writer& v6(std::size_t at, const Address& address, const Address& deciding) {
    if (address.is_v4() || deciding.is_v4() || !fits(at, 16)) return *this;
    for (std::size_t i = 0; i < 16; ++i) out_[at + i] = static_cast<std::byte>(address.octets()[i]);
    return *this;
  }
  Writer& text(std::size_t at, const std::string& value, std::size_t room) {
    if (!fits(at, room)) return *this;
    for (std::size_t i = 0; i < std::min(room, value.size()); ++i) out_[at + i] = static_cast<std::byte>(value[i]);
    return *this;
  }
  /// An address of either family in the same 16 octets.
  Writer& union_address(std::size_t at, const Address& address, const Address& deciding) {
    if (deciding.is_v4())
      v4(at, address);
    else
      v6(at, address, deciding);
    return *this;
  }

 private:
  [[nodiscard]] bool fits(std::size_t at, std::size_t length) const { return at + length <= out_.size(); }
  MutableBytes out_;
};

class Reader {
 public:
  static constexpr bool kReads = true;
  explicit Reader(Bytes octets) : octets_(octets) {}

  template <class Integer>
  Reader& word(std::size_t at, Integer& value) {
    if (fits(at, sizeof(Integer)))
      value = static_cast<Integer>(load_big_endian<std::make_unsigned_t<Integer>>(octets_, at));
    return *this;
  }
  Reader& little_endian(std::size_t at, std::uint32_t& value) {
    std::uint32_t read = 0;
    word(at, read);
    value = std::byteswap(read);
    return *this;
  }
  Reader& flag(std::size_t at, bool& value) {
    std::uint8_t octet = 0;
    word(at, octet);
    value = octet != 0;
    return *this;
  }
  Reader& stamp(std::size_t at, Timestamp& value) {
    std::uint64_t bits = 0;
    word(at, bits);
    value = Timestamp::from_bits(bits);
    return *this;
  }
  Reader& short_time(std::size_t at, double& value) {
    std::uint32_t bits = 0;
    word(at, bits);
    value = bits / kShortUnit;
    return *this;
  }
  Reader& short_span(std::size_t at, double& value) {
    std::int32_t bits = 0;
    word(at, bits);
    value = bits / kShortUnit;
    return *this;
  }
  Reader& span(std::size_t at, double& value) {
    std::int64_t units = 0;
    word(at, units);
    value = Span::from_units(units).seconds();
    return *this;
  }
  Reader& v4(std::size_t at, Address& address) {
    std::uint32_t bits = 0;
    word(at, bits);
    address = Address::v4(bits);
    return *this;
  }
  Reader& v6_flag(std::size_t at, Address& address) {
    std::uint32_t bits = 0;
    word(at, bits);
    if (bits != 0) address = Address::v6({});
    return *this;
  }
  Reader& little_v6_flag(std::size_t at, Address& address) { return v6_flag(at, address); }
  Reader& v6(std::size_t at, Address& address, const Address& deciding) {
    if (!deciding.is_v4()) address = v6_at(at);
    return *this;
  }
  Reader& text(std::size_t at, std::string& value, std::size_t room) {
    value.clear();
    for (std::size_t i = at; i < at + room && i < octets_.size() && octets_[i] != std::byte{}; ++i)
      value += static_cast<char>(octets_[i]);
    return *this;
  }
  Reader& union_address(std::size_t at, Address& address, const Address& deciding) {
    if (deciding.is_v4())
      v4(at, address);
    else
      address = v6_at(at);
    return *this;
  }

 private:
  [[nodiscard]] bool fits(std::size_t at, std::size_t length) const { return at + length <= octets_.size(); }
  [[nodiscard]] Address v6_at(std::size_t at) const {
    std::array<std::uint8_t, 16> octets{};
    if (fits(at, 16))
      for (std::size_t i = 0; i < 16; ++i) octets[i] = std::to_integer<std::uint8_t>(octets_[at + i]);
    return Address::v6(octets);
  }
  Bytes octets_;
};

/// The item as the walk sees it: constant for a writer.
template <class Walk, class Item>
using Seen = std::conditional_t<Walk::kReads, Item, const Item>;

template <class Walk>
void walk(Walk& w, Seen<Walk, PeerListItem>& x) {
  w.v4(0, x.remote).word(4, x.port).word(6, x.mode).word(7, x.flags);
  w.v6_flag(8, x.remote).v6(16, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, PeerSummaryItem>& x) {
  w.v4(0, x.local).v4(4, x.remote).word(8, x.port).word(10, x.stratum);
  w.word(11, x.poll_log2s).word(12, x.peer_poll_log2s).word(13, x.reach).word(14, x.flags).word(15, x.mode);
  w.short_span(16, x.delay_s).span(20, x.offset_s).short_time(28, x.dispersion_s);
  w.v6_flag(32, x.remote).v6(40, x.local, x.remote).v6(56, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, PeerInfoItem>& x) {
  w.v4(0, x.local).v4(4, x.remote).word(8, x.port).word(10, x.flags).word(11, x.leap).word(12, x.mode);
  w.word(13, x.peer_mode).word(14, x.stratum).word(15, x.peer_poll_log2s).word(16, x.poll_log2s);
  w.word(17, x.precision_log2s).word(18, x.version).word(20, x.reach).word(21, x.unreach);
  w.word(22, x.flash_old).word(23, x.ttl).word(24, x.flash).word(26, x.association_id);
  w.word(36, x.refid).word(40, x.timer_s).short_span(44, x.root_delay_s).short_time(48, x.root_dispersion_s);
  w.stamp(52, x.reference).stamp(60, x.origin).stamp(68, x.receive).stamp(76, x.transmit);
  for (std::size_t i = 0; i < PeerInfoItem::kStages; ++i) {
    w.short_span(84 + 4 * i, x.filter_delay_s[i]);
    w.span(116 + 8 * i, x.filter_offset_s[i]);
    w.word(180 + i, x.filter_order[i]);
  }
  w.short_span(188, x.delay_s).short_time(192, x.dispersion_s).span(196, x.offset_s);
  w.short_time(204, x.select_dispersion_s).short_span(236, x.broadcast_offset_s);
  w.v6_flag(240, x.remote).v6(248, x.local, x.remote).v6(264, x.remote, x.remote);
  // The key's number stands in the order of the machine that the reference implementation runs on: little-endian.
  if constexpr (Walk::kReads) {
    w.little_endian(28, x.key_id);
  } else {
    w.word(28, std::byteswap(x.key_id));
  }
}

template <class Walk>
void walk(Walk& w, Seen<Walk, PeerStatsItem>& x) {
  w.v4(0, x.local).v4(4, x.remote).word(8, x.port).word(10, x.flags).word(12, x.since_reset_s);
  w.word(16, x.since_received_s).word(20, x.until_send_s).word(24, x.since_reach_change_s).word(28, x.sent);
  w.word(36, x.processed).word(44, x.bad_authentication).word(48, x.bogus_origin).word(52, x.duplicates);
  w.word(64, x.bad_dispersion).word(68, x.bad_reference).word(76, x.candidate);
  w.v6_flag(80, x.remote).v6(88, x.local, x.remote).v6(104, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, SystemInfoItem>& x) {
  w.v4(0, x.peer).word(4, x.peer_mode).word(5, x.leap).word(6, x.stratum).word(7, x.precision_log2s);
  w.short_span(8, x.root_delay_s).short_time(12, x.root_dispersion_s).word(16, x.refid).stamp(20, x.reference);
  w.word(28, x.poll_log2s).word(32, x.flags).short_span(36, x.broadcast_delay_s).short_span(40, x.jitter_s);
  w.span(44, x.authentication_delay_s).short_time(52, x.stability_ppm);
  w.v6_flag(56, x.peer).v6(64, x.peer, x.peer);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, SystemStatsItem>& x) {
  w.word(0, x.uptime_s).word(4, x.since_reset_s).word(8, x.denied).word(12, x.older_version);
  w.word(16, x.current_version).word(20, x.declined).word(24, x.bad_format).word(28, x.processed);
  w.word(32, x.bad_authentication).word(36, x.received).word(40, x.limited);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, IoStatsItem>& x) {
  w.word(0, x.since_reset_s).word(4, x.total_buffers).word(6, x.free_buffers).word(8, x.used_buffers);
  w.word(10, x.low_water).word(12, x.dropped).word(16, x.ignored).word(20, x.received).word(24, x.sent);
  w.word(28, x.send_failed).word(32, x.wakeups).word(36, x.useful_wakeups);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, MemoryStatsItem>& x) {
  w.word(0, x.since_reset_s).word(4, x.total_peers).word(6, x.free_peers).word(8, x.searches);
  w.word(12, x.allocations).word(16, x.demobilizations);
  for (std::size_t i = 0; i < MemoryStatsItem::kBuckets; ++i) w.word(20 + i, x.buckets[i]);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, LoopInfoItem>& x) {
  w.span(0, x.offset_s).span(8, x.frequency_ppm).word(16, x.poll_adjust).word(20, x.since_update_s);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, TimerStatsItem>& x) {
  w.word(0, x.since_reset_s).word(4, x.alarms).word(8, x.overruns).word(12, x.transmits);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, ConfigureItem>& x) {
  w.v4(0, x.remote).word(4, x.mode).word(5, x.version).word(6, x.min_poll_log2s).word(7, x.max_poll_log2s);
  w.word(8, x.flags).word(9, x.ttl).word(12, x.key_id);  // 16 to 143: the name of an Autokey group
  w.v6_flag(144, x.remote).v6(152, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, UnconfigureItem>& x) {
  w.v4(0, x.remote).v6_flag(4, x.remote).v6(8, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, WordItem>& x) {
  w.word(0, x.value);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, RestrictItem>& x) {
  w.v4(0, x.address).v4(4, x.mask).word(8, x.count).word(12, x.flags).word(14, x.match_flags);
  w.little_v6_flag(16, x.address).v6(24, x.address, x.address).v6(40, x.mask, x.address);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, RestrictChangeItem>& x) {
  w.v4(0, x.address).v4(4, x.mask).word(16, x.flags).word(18, x.match_flags);
  w.v6_flag(24, x.address).v6(28, x.address, x.address).v6(44, x.mask, x.address);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, OldClientItem>& x) {
  w.word(0, x.average_interval_s).word(4, x.since_last_s).word(8, x.restrictions).word(12, x.count);
  w.v4(16, x.remote).word(20, x.port).word(22, x.mode).word(23, x.version);
  w.v6_flag(24, x.remote).v6(32, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, ClientItem>& x) {
  w.word(0, x.average_interval_s).word(4, x.since_last_s).word(8, x.restrictions).word(12, x.count);
  w.v4(16, x.remote).v4(20, x.local).word(24, x.flags).word(28, x.port).word(30, x.mode);
  w.word(31, x.version).v6_flag(32, x.remote).v6(40, x.remote, x.remote).v6(56, x.local, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, KeyItem>& x) {
  w.word(0, x.network_order).little_endian(0, x.little_endian).word(4, x.rest);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, AuthenticationInfoItem>& x) {
  w.word(0, x.since_reset_s).word(4, x.stored).word(8, x.free).word(12, x.lookups).word(16, x.not_found);
  w.word(20, x.signed_packets).word(24, x.verified_packets).word(28, x.expired).word(32, x.uncached);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, TrapItem>& x) {
  w.v4(0, x.local).v4(4, x.remote).word(8, x.port).word(10, x.sequence).word(12, x.since_set_s);
  w.word(16, x.since_first_set_s).word(20, x.resets).word(24, x.flags);
  w.v6_flag(28, x.remote).v6(32, x.local, x.remote).v6(48, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, TrapChangeItem>& x) {
  w.v4(0, x.local).v4(4, x.remote).word(8, x.port);
  w.v6_flag(12, x.remote).v6(16, x.local, x.remote).v6(32, x.remote, x.remote);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, ControlStatsItem>& x) {
  w.word(0, x.since_reset_s).word(4, x.requests).word(8, x.bad).word(12, x.responses).word(16, x.fragments);
  w.word(20, x.errors).word(24, x.too_short).word(28, x.is_response).word(32, x.is_fragment);
  w.word(36, x.has_error).word(40, x.bad_offset).word(44, x.bad_version).word(48, x.data_short);
  w.word(52, x.bad_opcode).word(56, x.asynchronous);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, ClockInfoItem>& x) {
  w.v4(0, x.clock).word(4, x.type).word(5, x.flags).word(6, x.last_event).word(7, x.status);
  w.word(8, x.polls).word(12, x.no_response).word(16, x.bad_format).word(20, x.bad_data);
  w.word(24, x.since_start_s).span(28, x.time1_s).span(36, x.time2_s).word(44, x.stratum).word(48, x.refid);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, FudgeItem>& x) {
  w.v4(0, x.clock).word(4, x.what).span(8, x.time_s).word(16, x.value);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, KernelInfoItem>& x) {
  w.word(0, x.offset).word(4, x.frequency).word(8, x.max_error).word(12, x.estimated_error);
  w.word(16, x.status).word(18, x.shift).word(20, x.time_constant).word(24, x.precision);
  w.word(28, x.tolerance).word(32, x.pps_frequency).word(36, x.pps_jitter).word(40, x.pps_stability);
  w.word(44, x.jitter_exceeded).word(48, x.calibrations).word(52, x.calibration_errors);
  w.word(56, x.stability_exceeded);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, ClockDebugItem>& x) {
  w.v4(0, x.clock).word(4, x.value_count).word(5, x.time_count).word(6, x.signed_values);
  w.word(8, x.signed_times);
  for (std::size_t i = 0; i < ClockDebugItem::kValues; ++i) w.word(12 + 4 * i, x.values[i]);
  for (std::size_t i = 0; i < ClockDebugItem::kTimes; ++i) w.stamp(76 + 8 * i, x.times[i]);
}

template <class Walk>
void walk(Walk& w, Seen<Walk, InterfaceItem>& x) {
  constexpr std::uint16_t kInet = 2;
  constexpr std::uint16_t kInet6 = 10;  // Linux's numbers
  w.v6_flag(48, x.address).union_address(0, x.address, x.address);
  w.union_address(16, x.broadcast, x.address).union_address(32, x.mask, x.address);
  w.text(52, x.name, InterfaceItem::kName);
  w.word(84, x.flags).word(88, x.last_ttl).word(92, x.multicast_count).word(96, x.received);
  w.word(100, x.sent).word(104, x.send_failed).word(108, x.uptime_s).word(112, x.scope);
  w.word(116, x.interface_index).word(120, x.number).word(124, x.peer_count);
  if constexpr (!Walk::kReads) w.word(128, x.address.is_v4() ? kInet : kInet6);
  w.flag(130, x.is_ignored).word(131, x.action);
}

}  // namespace

template <class Item>
void encode_item(const Item& item, MutableBytes out) {
  Writer writer(out);
  walk(writer, item);
}

template <class Item>
Item decode_item(Bytes octets) {
  Item item;
  Reader reader(octets);
  walk(reader, item);
  return item;
}

#define NTP_PRIVATE_ITEM(Item)                          \
  template void encode_item(const Item&, MutableBytes); \
  template Item decode_item<Item>(Bytes);
NTP_PRIVATE_ITEM(PeerListItem)
NTP_PRIVATE_ITEM(PeerSummaryItem)
NTP_PRIVATE_ITEM(PeerInfoItem)
NTP_PRIVATE_ITEM(PeerStatsItem)
NTP_PRIVATE_ITEM(SystemInfoItem)
NTP_PRIVATE_ITEM(SystemStatsItem)
NTP_PRIVATE_ITEM(IoStatsItem)
NTP_PRIVATE_ITEM(MemoryStatsItem)
NTP_PRIVATE_ITEM(LoopInfoItem)
NTP_PRIVATE_ITEM(TimerStatsItem)
NTP_PRIVATE_ITEM(ConfigureItem)
NTP_PRIVATE_ITEM(UnconfigureItem)
NTP_PRIVATE_ITEM(WordItem)
NTP_PRIVATE_ITEM(RestrictItem)
NTP_PRIVATE_ITEM(RestrictChangeItem)
NTP_PRIVATE_ITEM(OldClientItem)
NTP_PRIVATE_ITEM(ClientItem)
NTP_PRIVATE_ITEM(KeyItem)
NTP_PRIVATE_ITEM(AuthenticationInfoItem)
NTP_PRIVATE_ITEM(TrapItem)
NTP_PRIVATE_ITEM(TrapChangeItem)
NTP_PRIVATE_ITEM(ControlStatsItem)
NTP_PRIVATE_ITEM(ClockInfoItem)
NTP_PRIVATE_ITEM(FudgeItem)
NTP_PRIVATE_ITEM(KernelInfoItem)
NTP_PRIVATE_ITEM(ClockDebugItem)
NTP_PRIVATE_ITEM(InterfaceItem)
#undef NTP_PRIVATE_ITEM

}  // namespace ntp::wire
