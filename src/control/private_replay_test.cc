// SPDX-License-Identifier: BSD-2-Clause
//
// The requests of ntpdc that a capture of ntp.org's 4.2.8p18 holds (tests/data/classic/ntpdc-all-commands.pcap) are asked
// again of a host in the state that the captured one was in, and the answers compared octet for octet. Left out are octets
// that the reference implementation doesn't set (they hold what an earlier answer left there), and those named below.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "control/private_test_kit.h"
#include "wire/capture_test_kit.h"

namespace ntp::control::private_test {
namespace {

using wire::PrivateCode;
using wire::capture::Datagram;

double short_s(std::int32_t bits) { return bits / 65536.0; }
double span_s(std::int64_t units) { return Span::from_units(units).seconds(); }
Endpoint host(std::uint32_t address) { return {Address::v4(address), 123}; }

/// The filter of 10.77.0.4 as it was.
void fill_filter(state::SourceView& source) {
  constexpr std::int32_t kDelays[] = {0x7, 0x5, 0x6, 0x22, 0x6, 0x7, 0xa, 0x9};
  constexpr std::int64_t kOffsets[] = {0x32fba, 0x1f444, 0x2b1b0, 0xf93c3, 0x20a60, 0x344f0, 0x428e1, 0x452c1};
  for (std::size_t i = 0; i < state::kFilterStages; ++i)
    source.filter[i] = {.delay_s = short_s(kDelays[i]), .offset_s = span_s(kOffsets[i]), .dispersion_s = 0};
}

state::SourceView first_source() {
  return {.association_id = 1980,
          .remote = host(0x0a4d0003),
          .stratum = 2,
          .poll_log2s = 3,
          .reach = 0xff,
          .delay_s = short_s(2),
          .offset_s = span_s(0x5edd),
          .dispersion_s = short_s(0x5e8),
          .selection = state::Selection::system_peer,
          .local = host(0x0a4d0005),
          .peer_poll_log2s = 3};
}

state::SourceView second_source() {
  state::SourceView source{.association_id = 0x7bd,
                           .remote = host(0x0a4d0004),
                           .refid = {0x7f7f0100},
                           .leap = wire::Leap::none,
                           .stratum = 2,
                           .poll_log2s = 3,
                           .reach = 0xff,
                           .delay_s = short_s(5),
                           .offset_s = span_s(0x1f444),
                           .jitter_s = short_s(0x24f) * short_s(0x24f),
                           .dispersion_s = short_s(0x3c9),
                           .since_received_s = 3,
                           .selection = state::Selection::candidate,
                           .sent = 53,
                           .received = 53,
                           .key_id = 6,
                           .local = host(0x0a4d0005),
                           .peer_mode = wire::Mode::server,
                           .peer_poll_log2s = 3,
                           .precision_log2s = -25,
                           .root_dispersion_s = short_s(0x29f),
                           .reference = Timestamp::from_bits(0xeeab38b9a909301d),
                           .received_at = Timestamp::from_bits(0xeeab38bb382645d6),
                           .transmitted = Timestamp::from_bits(0xeeab38bb382645d6),
                           .since_reach_change_s = 707,
                           .until_poll_s = 5,
                           .has_iburst = true};
  fill_filter(source);
  return source;
}

state::InterfaceView interface(std::uint32_t number, std::string name, const char* address, const char* mask,
                               std::uint32_t flags, std::uint32_t index, std::uint32_t peers) {
  return {.number = number,
          .name = std::move(name),
          .address = {*Address::parse(address), 123},
          .mask = *Address::parse(mask),
          .is_enabled = (flags & state::kInterfaceWildcard) == 0,
          .flags = flags,
          .peer_count = peers,
          .interface_index = index,
          .since_open_s = 708};
}

policy::AccessRule rule(const char* address, const char* mask, policy::Access flags, bool only_ntp_port = false) {
  return {.address = *Address::parse(address),
          .mask = *Address::parse(mask),
          .only_from_ntp_port = only_ntp_port,
          .flags = flags};
}

void set_access(FakeFacts& facts) {
  using enum policy::Access;
  constexpr const char* kAll4 = "255.255.255.255";
  constexpr const char* kAll6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  facts.policy_.access = policy::AccessList({
      rule("0.0.0.0", "0.0.0.0", limited),
      rule("10.77.0.0", "255.255.255.0", none),
      rule("10.77.0.5", kAll4, ignore, true),
      rule("10.77.0.99", kAll4, notrust | nopeer),
      rule("127.0.0.1", kAll4, none),
      rule("127.0.0.1", kAll4, ignore, true),
      rule("::", "::", limited),
      rule("::1", kAll6, none),
      rule("::1", kAll6, ignore, true),
      rule("fd77::5", kAll6, ignore, true),
      rule("fe80::e484:7ff:fe70:3658", kAll6, ignore, true),
  });
  for (const policy::AccessRule& each : facts.policy_.access.rules()) {
    const bool is_plain = !each.only_from_ntp_port && each.address.is_v4();
    const bool is_net = is_plain && each.address == Address::v4(0x0a4d0000);
    facts.hits_.push_back(is_net ? 305 : is_plain && each.address.is_loopback() ? 4 : 0);
  }
}

void set_interfaces(FakeFacts& facts) {
  constexpr const char* kAll6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  facts.interfaces_ = {
      interface(0, "v6wildcard", "::", kAll6, 0x81, 0, 0),
      interface(1, "v4wildcard", "0.0.0.0", "255.255.255.255", 0x89, 0, 0),
      interface(2, "lo", "127.0.0.1", "255.0.0.0", 5, 1, 0),
      interface(3, "eth0", "10.77.0.5", "255.255.255.0", 0x419, 2, 2),
      interface(4, "lo", "::1", kAll6, 5, 1, 0),
      interface(5, "eth0", "fd77::5", "ffff:ffff:ffff:ffff::", 0x11, 2, 0),
      interface(6, "eth0", "fe80::e484:7ff:fe70:3658", "ffff:ffff:ffff:ffff::", 0x811, 2, 0),
  };
  facts.interfaces_[2].received = 4, facts.interfaces_[2].sent = 6;
  facts.interfaces_[3].received = 0x139, facts.interfaces_[3].sent = 0x178;
  facts.interfaces_[3].broadcast = Address::v4(0x0a4d00ff);
  for (state::InterfaceView& each : facts.interfaces_)
    if (!each.address.address.is_v4()) each.broadcast = Address::v6({});
}

/// Host 10.77.0.5 ("e"): a client of two servers.
void become_client(Desk& desk) {
  FakeFacts& facts = desk.facts_;
  facts.view_.sources = {first_source(), second_source()};
  facts.view_.system = {.leap = wire::Leap::none,
                        .stratum = 3,
                        .precision_log2s = -24,
                        .refid = {0x0a4d0003},
                        .reference = Timestamp::from_bits(0xeeab388541a3e35e),
                        .root_delay_s = short_s(2),
                        .root_dispersion_s = short_s(0x2e2),
                        .peer_association_id = 1980,
                        .poll_log2s = 3,
                        .offset_s = span_s(0x123fe),
                        .jitter_s = short_s(1),
                        .since_update_s = 57,
                        .stability_ppm = short_s(0x778)};
  facts.host_ = {.uptime_s = 708,
                 .since_counts_reset_s = 422,
                 .packets = {.received = 113, .processed = 90, .current_version = 91},
                 .io = {.since_reset_s = 422,
                        .total_buffers = 64,
                        .free_buffers = 63,
                        .low_water = 1,
                        .ignored = 110,
                        .received = 116,
                        .sent = 123,
                        .wakeups = 597,
                        .useful_wakeups = 175},
                 .timer = {.since_reset_s = 422, .alarms = 422},
                 .keys = {.since_reset_s = 422,
                          .stored = 18,
                          .free = 6,
                          .lookups = 122,
                          .uncached = 2,
                          .signed_packets = 53,
                          .verified_packets = 61},
                 .kernel = {.max_error_s = 16,
                            .estimated_error_s = 16,
                            .status = 0x41,
                            .time_constant = 7,
                            .precision_s = 1e-6,
                            .tolerance_ppm = 500},
                 .writes_statistics = false};
  desk.state_.counts_.since_reset_s = 422;
  set_access(facts);
  set_interfaces(facts);
}

/// Host 10.77.0.4 ("d"): a server with its own clock.
void become_server(Desk& desk) {
  state::SourceView clock{.association_id = 0x4ac4,
                          .remote = host(0x7f7f0100),
                          .refid = wire::Refid::ascii("LOCL"),
                          .leap = wire::Leap::none,
                          .stratum = 1,
                          .poll_log2s = 4,
                          .reach = 0xff,
                          .jitter_s = short_s(0xb) * short_s(0xb),
                          .dispersion_s = short_s(0x3e5),
                          .selection = state::Selection::system_peer,
                          .local = host(0x7f000001),
                          .peer_mode = wire::Mode::server,
                          .peer_poll_log2s = 4,
                          .precision_log2s = -25,
                          .root_dispersion_s = short_s(0x28f),
                          .transmitted = Timestamp::from_bits(0xeeab38b9a908f965),
                          .until_poll_s = 19};
  for (state::FilterStage& stage : clock.filter) stage.dispersion_s = 0;
  clock.clock =
      state::ClockView{.type = 1, .polls = 83, .stratum = 1, .refid = wire::Refid::ascii("LOCL"), .since_start_s = 926};
  desk.facts_.view_.sources = {clock};
}

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Octets of an item that aren't compared: not set by the reference implementation, or of things that this program hasn't.
std::vector<Range> left_out(PrivateCode code, bool is_v4) {
  using enum PrivateCode;
  if (code == restrict_list) return is_v4 ? std::vector<Range>{{20, 56}} : std::vector<Range>{{0, 8}, {20, 24}};
  static const std::map<PrivateCode, std::vector<Range>> kRanges{
      {peer_list, {{12, 32}}},
      {peer_summary, {{36, 72}}},
      // 19 is reserved. 40: in the capture the poll of this second is just due; an answer later it is 5 s away.
      {peer_info, {{19, 20}, {40, 44}, {208, 236}, {244, 280}}},
      {peer_stats, {{12, 16}, {32, 36}, {40, 44}, {56, 64}, {72, 76}, {77, 80}, {84, 120}}},
      {system_info, {{29, 32}, {33, 36}, {60, 80}}},
      {memory_stats, {{4, 8}}},  // the pool that associations of the reference implementation come from
      {loop_info, {{16, 20}}},   // a counter inside its loop
      {traps, {{32, 64}}},
      {interface_stats, {{132, 136}}},
      {clock_debug, {{4, 332}}},  // the driver's inside
  };
  const auto found = kRanges.find(code);
  return found == kRanges.end() ? std::vector<Range>{} : found->second;
}

bool is_v4_restriction(Bytes item) { return load_big_endian<std::uint32_t>(item, 16) == 0; }

/// With what isn't compared set to zero.
Octets comparable(Bytes reply) {
  Octets octets(reply.begin(), reply.end());
  const wire::PrivateHeader header = wire::decode_private_header(reply).value();
  const auto code = static_cast<PrivateCode>(header.code);
  for (std::size_t i = 0; i < header.item_count; ++i) {
    const MutableBytes item = MutableBytes(octets).subspan(8 + i * header.item_length, header.item_length);
    const bool is_v4 = code != PrivateCode::restrict_list || is_v4_restriction(item);
    for (const Range& range : left_out(code, is_v4))
      std::fill(item.begin() + static_cast<std::ptrdiff_t>(range.begin),
                item.begin() + static_cast<std::ptrdiff_t>(range.end), std::byte{});
    // The reference implementation marks the lines that it makes for its own addresses.
    if (code == PrivateCode::restrict_list) item[14] &= std::byte{0xdf};
  }
  return octets;
}

/// Where two replies differ: "12: 00 01"; empty if they are the same.
std::string difference(const Octets& ours, const Octets& theirs) {
  if (ours.size() != theirs.size()) return fmt::format("{} octets instead of {}", ours.size(), theirs.size());
  std::string text;
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (ours[i] != theirs[i])
      text += fmt::format("{}: {:02x} not {:02x}; ", i, std::to_integer<unsigned>(ours[i]),
                          std::to_integer<unsigned>(theirs[i]));
  return text;
}

Timestamp stamp_of(const Datagram& request) {
  const auto header = wire::decode_private_header(request.payload).value();
  if (!header.is_authenticated) return kNow;
  const std::size_t at = request.payload.size() == 212 ? 184 : 8 + std::size_t{header.item_count} * header.item_length;
  return Timestamp::from_bits(load_big_endian<std::uint64_t>(request.payload, at));
}

/// Asks the captured request again and compares what comes with what came. `last`: number of the last reply.
void replay(Desk& desk, const std::vector<Datagram>& capture, std::size_t request, std::size_t last) {
  const auto at = [&](std::size_t number) -> const Datagram& {
    return *std::ranges::find(capture, number, &Datagram::number);
  };
  desk.remote_ = at(request).source;
  const auto replies = desk.ask(at(request).payload, Asker::own_line, stamp_of(at(request)));
  ASSERT_EQ(replies.size(), last - request) << request;
  for (std::size_t i = 0; i < replies.size(); ++i)
    EXPECT_EQ(difference(comparable(replies[i]), comparable(at(request + 1 + i).payload)), "")
        << "datagram " << request + 1 + i;
}

struct Exchange {
  std::size_t request;
  std::size_t last_reply;
};

TEST(PrivateReplay, TellsWhatTheReferenceImplementationTold) {
  const auto capture = wire::capture::read_capture("ntpdc-all-commands.pcap");
  ASSERT_EQ(capture.size(), 131U);
  Desk desk;
  become_client(desk);
  // listpeers, peers, dmpeers, showpeer, pstats, showpeer of nobody, loopinfo twice, sysinfo, sysstats, memstats, iostats,
  // timerstats, reslist, monlist in three versions, authinfo, traps, ctlstats, kerninfo, ifstats
  for (const Exchange& exchange : {Exchange{1, 2}, {3, 4},   {5, 6},   {7, 8},   {9, 10},  {11, 12}, {13, 14}, {15, 16},
                                   {17, 18},       {19, 20}, {21, 22}, {23, 24}, {25, 26}, {27, 29}, {30, 31}, {32, 33},
                                   {34, 35},       {36, 37}, {38, 39}, {40, 41}, {42, 43}, {44, 47}})
    replay(desk, capture, exchange.request, exchange.last_reply);
  desk.facts_.host_.writes_statistics = true;
  replay(desk, capture, 76, 77);
}

TEST(PrivateReplay, TellsOfAClockWhatTheReferenceImplementationTold) {
  const auto capture = wire::capture::read_capture("ntpdc-all-commands.pcap");
  Desk desk;
  become_server(desk);
  // clockstat, clkbug, showpeer, peers
  for (const Exchange& exchange : {Exchange{48, 49}, {50, 51}, {52, 53}, {54, 55}})
    replay(desk, capture, exchange.request, exchange.last_reply);
}

TEST(PrivateReplay, DoesWhatItWasToldAndProves) {
  const auto capture = wire::capture::read_capture("ntpdc-all-commands.pcap");
  Desk desk;
  become_client(desk);
  for (const std::uint32_t address : {0x0a4d0006U, 0x0a4d0007U, 0x0a4d00ffU}) {
    desk.facts_.view_.sources.push_back(first_source());
    desk.facts_.view_.sources.back().remote = host(address);
  }
  // Of captured datagrams, with the SHA-1 key of that time and its proofs. Two replies differ for a reason: 97 (its preset
  // doesn't find the peer), and 112 and 114 (it wants the key's number in eight octets, and its own ntpdc sends four).
  const std::map<std::size_t, std::string> orders{
      {56, "server 10.77.0.6 version 4 minpoll 6 maxpoll 10 prefer\n"},
      {60, "peer 10.77.0.7 version 3 minpoll 6 maxpoll 10\n"},
      {64, "unpeer 10.77.0.6\nunpeer 10.77.0.7\n"},
      {68, "broadcast 10.77.0.255 version 3 minpoll 6 maxpoll 10\n"},
      {72, "unpeer 10.77.0.255\n"},
      {74, "enable stats\n"},
      {78, "disable stats\n"},
      {80, "restrict 10.9.9.0 mask 255.255.255.0 noquery nomodify\n"},
      {85, "unrestrict 10.9.9.0 mask 255.255.255.0 noquery\n"},
      {87, "delrestrict 10.9.9.0 mask 255.255.255.0\n"},
      {92, "reset counts 1\n"},
      {94, "reset counts 0\nreset counts 2\nreset counts 3\nreset counts 4\nreset counts 5\nreset counts 6\n"},
      {98, "read keys\n"},
      {100, "trust 11\n"},
      {102, "untrust 11\n"},
      {104, ""},
      {108, ""},
      {122, ""},  // a wrong secret
      {124, ""},  // a key that isn't the request key
  };
  for (const auto& [number, order] : orders) {
    desk.commands_.done_.clear();
    replay(desk, capture, number, number + 1);
    EXPECT_EQ(desk.commands_.done_, order) << number;
    if (number == 104) replay(desk, capture, 106, 107);  // the trap that it set
  }
}

}  // namespace
}  // namespace ntp::control::private_test
