// SPDX-License-Identifier: BSD-2-Clause
//
// Requests of ntpq to ntp.org's ntpd 4.2.8p18 (tests/data/classic) are answered again, from a view that holds what the captured
// reply says; the replies are compared octet for octet. Where the reference implementation shuffles items and adds random ones
// (lists of clients, addresses and restrictions), items are compared instead.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "control/control_test_kit.h"
#include "control/request_items.h"
#include "policy/keys_file.h"

namespace ntp::control::test {
namespace {

using wire::ControlOpcode;

struct Datagram {
  Endpoint source;
  Endpoint destination;
  std::vector<std::byte> payload;
};

/// tests/data/classic of the tree that holds the working directory (a build folder) or, failing that, this file.
std::filesystem::path capture_folder() {
  for (std::filesystem::path start : {std::filesystem::current_path(), std::filesystem::path(__FILE__).parent_path()}) {
    for (;; start = start.parent_path()) {
      if (std::filesystem::exists(start / "tests/data/README.md")) return start / "tests/data/classic";
      if (start == start.parent_path()) break;
    }
  }
  return {};
}

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The UDP datagrams over IPv4 of a pcap file that was written little-endian with Ethernet frames.
std::vector<Datagram> read_capture(std::string_view name) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::size_t kRecordHeader = 16;
  constexpr std::size_t kEthernet = 14;
  constexpr std::size_t kUdp = 8;
  const std::string text = read_whole(capture_folder() / name);
  const Bytes all = std::as_bytes(std::span(text));
  EXPECT_GE(all.size(), kFileHeader) << name;

  std::vector<Datagram> datagrams;
  for (std::size_t at = kFileHeader; at + kRecordHeader <= all.size();) {
    std::size_t length = 0;
    for (std::size_t i = 4; i-- > 0;) length = length << 8U | std::to_integer<std::size_t>(all[at + 8 + i]);
    const Bytes frame = all.subspan(at + kRecordHeader, length);
    at += kRecordHeader + length;
    if (load_big_endian<std::uint16_t>(frame, 12) != 0x0800) continue;
    const std::size_t udp = kEthernet + std::size_t{4} * (load_big_endian<std::uint8_t>(frame, kEthernet) & 15U);
    if (load_big_endian<std::uint8_t>(frame, kEthernet + 9) != 17) continue;
    const Bytes payload = frame.subspan(udp + kUdp, load_big_endian<std::uint16_t>(frame, udp + 4) - kUdp);
    datagrams.push_back({
        .source = {Address::v4(load_big_endian<std::uint32_t>(frame, kEthernet + 12)),
                   load_big_endian<std::uint16_t>(frame, udp)},
        .destination = {Address::v4(load_big_endian<std::uint32_t>(frame, kEthernet + 16)),
                        load_big_endian<std::uint16_t>(frame, udp + 2)},
        .payload = {payload.begin(), payload.end()},
    });
  }
  return datagrams;
}

struct Exchange {
  Datagram request;
  std::vector<Datagram> replies;

  [[nodiscard]] wire::ControlHeader asked() const { return wire::decode_control_header(request.payload).value(); }
  [[nodiscard]] wire::ControlHeader told(std::size_t i = 0) const {
    return wire::decode_control_header(replies.at(i).payload).value();
  }
  [[nodiscard]] std::string data() const {
    std::string out;
    for (std::size_t i = 0; i < replies.size(); ++i)
      for (const std::byte b : Bytes(replies[i].payload).subspan(wire::kControlHeaderLength, told(i).count))
        out += static_cast<char>(b);
    return out;
  }
};

bool is_mode6(const Datagram& datagram) {
  return datagram.payload.size() >= wire::kControlHeaderLength &&
         (std::to_integer<unsigned>(datagram.payload[0]) & 7U) == 6;
}

std::vector<Exchange> read_exchanges(std::string_view name) {
  std::vector<Exchange> exchanges;
  for (const Datagram& datagram : read_capture(name)) {
    if (!is_mode6(datagram)) continue;
    if (!wire::decode_control_header(datagram.payload)->is_response)
      exchanges.push_back({datagram, {}});
    else if (!exchanges.empty())
      exchanges.back().replies.push_back(datagram);
  }
  return exchanges;
}

double real(std::string_view text) { return std::stod(std::string(text)); }
double from_ms(std::string_view text) { return real(text) / 1000; }
template <class Number>
Number whole(std::string_view text) {
  const bool is_hex = text.starts_with("0x");
  return static_cast<Number>(std::stoll(std::string(is_hex ? text.substr(2) : text), nullptr, is_hex ? 16 : 10));
}
Timestamp stamp(std::string_view text) {
  return Timestamp::from_parts(whole<std::uint32_t>(text.substr(0, 10)),
                               static_cast<std::uint32_t>(std::stoul(std::string(text.substr(11)), nullptr, 16)));
}
wire::Refid refid(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? wire::Refid::v4(*address) : wire::Refid::ascii(text);
}
Endpoint endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {Address::parse(host).value(), whole<std::uint16_t>(text.substr(colon + 1))};
}
void stages(std::string_view text, state::SourceView& source, double state::FilterStage::* value) {
  std::istringstream in{std::string(text)};
  for (state::FilterStage& stage : source.filter) {
    double ms = 0;
    in >> ms;
    stage.*value = ms / 1000;
  }
}

using Learn = std::map<std::string, std::function<void(std::string_view)>, std::less<>>;

Learn learns_system(FakeFacts& facts, Instant& now) {
  state::SystemView& s = facts.the_view.system;
  state::HostView& h = facts.the_host;
  const auto count = [](std::uint64_t& to) { return [&to](std::string_view v) { to = whole<std::uint64_t>(v); }; };
  const auto seconds = [](double& to) { return [&to](std::string_view v) { to = real(v); }; };
  const auto ms = [](double& to) { return [&to](std::string_view v) { to = from_ms(v); }; };
  const auto number = [](long& to) { return [&to](std::string_view v) { to = whole<long>(v); }; };
  return {
      {"version", [&](auto v) { h.version = v; }},
      {"processor", [&](auto v) { h.processor = v; }},
      {"system", [&](auto v) { h.system = v; }},
      {"leap", [&](auto v) { s.leap = whole<wire::Leap>(v); }},
      {"stratum", [&](auto v) { s.stratum = whole<std::uint8_t>(v); }},
      {"precision", [&](auto v) { s.precision_log2s = whole<std::int8_t>(v); }},
      {"rootdelay", ms(s.root_delay_s)},
      {"rootdisp", ms(s.root_dispersion_s)},
      {"refid", [&](auto v) { s.refid = refid(v); }},
      {"reftime", [&](auto v) { s.reference = stamp(v); }},
      {"clock", [&](auto v) { now.real = stamp(v); }},
      {"peer", [&](auto v) { s.peer_association_id = whole<std::uint16_t>(v); }},
      {"tc", [&](auto v) { s.poll_log2s = whole<std::int8_t>(v); }},
      {"mintc", [&](auto v) { s.min_poll_log2s = whole<std::uint8_t>(v); }},
      {"offset", ms(s.offset_s)},
      {"frequency", seconds(s.frequency_ppm)},
      {"sys_jitter", ms(s.jitter_s)},
      {"clk_jitter", ms(s.clock_jitter_s)},
      {"clk_wander", seconds(s.clock_wander_ppm)},
      {"foo", [](auto) {}},
      {"peeradr", [&](auto v) { facts.the_view.sources.at(0).remote = endpoint(v); }},
      {"peermode", [&](auto v) { facts.the_view.sources.at(0).mode = whole<wire::Mode>(v); }},
      {"bcastdelay", [](auto) {}},
      {"authdelay", [](auto) {}},
      {"ss_uptime", seconds(h.uptime_s)},
      {"ss_reset", seconds(h.since_counts_reset_s)},
      {"ss_received", count(h.packets.received)},
      {"ss_thisver", count(h.packets.current_version)},
      {"ss_oldver", count(h.packets.older_version)},
      {"ss_badformat", count(h.packets.bad_format)},
      {"ss_badauth", count(h.packets.bad_auth)},
      {"ss_declined", count(h.packets.declined)},
      {"ss_restricted", count(h.packets.denied)},
      {"ss_limited", count(h.packets.limited)},
      {"ss_kodsent", count(h.packets.kisses)},
      {"ss_processed", count(h.packets.processed)},
      {"mru_enabled", [&](auto v) { h.monitor.enabled = whole<std::uint32_t>(v); }},
      {"mru_depth", count(h.monitor.entries)},
      {"mru_deepest", count(h.monitor.most_entries)},
      {"mru_mindepth", count(h.monitor.min_entries)},
      {"mru_maxage", seconds(h.monitor.max_age_s)},
      {"mru_maxdepth", count(h.monitor.max_entries)},
      {"mru_mem", [&](auto v) { h.monitor.octets = 1024 * whole<std::uint64_t>(v); }},
      {"mru_maxmem", [&](auto v) { h.monitor.max_octets = 1024 * whole<std::uint64_t>(v); }},
      {"koffset", ms(h.kernel.offset_s)},
      {"kfreq", seconds(h.kernel.frequency_ppm)},
      {"kmaxerr", ms(h.kernel.max_error_s)},
      {"kesterr", ms(h.kernel.estimated_error_s)},
      {"kstflags", [&](auto v) { h.kernel.status = v == "pll unsync" ? 0x41U : 0U; }},
      {"ktimeconst", number(h.kernel.time_constant)},
      {"kprecis", ms(h.kernel.precision_s)},
      {"kfreqtol", seconds(h.kernel.tolerance_ppm)},
      {"kppsfreq", seconds(h.kernel.pps_frequency_ppm)},
      {"kppsstab", seconds(h.kernel.pps_stability_ppm)},
      {"kppsjitter", ms(h.kernel.pps_jitter_s)},
      {"kppscalibdur", number(h.kernel.pps_interval_s)},
      {"kppscalibs", number(h.kernel.pps_intervals)},
      {"kppscaliberrs", number(h.kernel.pps_errors)},
      {"kppsjitexc", number(h.kernel.pps_jitter_exceeded)},
      {"kppsstbexc", number(h.kernel.pps_stability_exceeded)},
      {"iostats_reset", seconds(h.io.since_reset_s)},
      {"total_rbuf", count(h.io.total_buffers)},
      {"free_rbuf", count(h.io.free_buffers)},
      {"used_rbuf", count(h.io.used_buffers)},
      {"rbuf_lowater", count(h.io.low_water)},
      {"io_dropped", count(h.io.dropped)},
      {"io_ignored", count(h.io.ignored)},
      {"io_received", count(h.io.received)},
      {"io_sent", count(h.io.sent)},
      {"io_sendfailed", count(h.io.send_failed)},
      {"io_wakeups", count(h.io.wakeups)},
      {"io_goodwakeups", count(h.io.useful_wakeups)},
      {"timerstats_reset", seconds(h.timer.since_reset_s)},
      {"timer_overruns", count(h.timer.overruns)},
      {"timer_xmts", count(h.timer.transmits)},
      {"authreset", seconds(h.keys.since_reset_s)},
      {"authkeys", count(h.keys.stored)},
      {"authfreek", count(h.keys.free)},
      {"authklookups", count(h.keys.lookups)},
      {"authknotfound", count(h.keys.not_found)},
      {"authkuncached", count(h.keys.uncached)},
      {"authkexpired", count(h.keys.expired)},
      {"authencrypts", count(h.keys.signed_packets)},
      {"authdecrypts", count(h.keys.verified_packets)},
  };
}

Learn learns_peer(state::SourceView& p) {
  const auto ms = [](double& to) { return [&to](std::string_view v) { to = from_ms(v); }; };
  const auto seconds = [](double& to) { return [&to](std::string_view v) { to = real(v); }; };
  const auto count = [](std::uint64_t& to) { return [&to](std::string_view v) { to = whole<std::uint64_t>(v); }; };
  return {
      {"config", [&](auto v) { p.is_configured = v == "1"; }},
      {"authenable", [&](auto v) { p.wants_authentication = v == "1"; }},
      {"authentic", [&](auto v) { p.is_authenticated = v == "1"; }},
      {"srcadr", [&](auto v) { p.name = v, p.remote.address = Address::parse(v).value(); }},
      {"srcport", [&](auto v) { p.remote.port = whole<std::uint16_t>(v); }},
      {"dstadr", [&](auto v) { p.local.address = Address::parse(v).value(); }},
      {"dstport", [&](auto v) { p.local.port = whole<std::uint16_t>(v); }},
      {"leap", [&](auto v) { p.leap = whole<wire::Leap>(v); }},
      {"stratum", [&](auto v) { p.stratum = whole<std::uint8_t>(v); }},
      {"precision", [&](auto v) { p.precision_log2s = whole<std::int8_t>(v); }},
      {"rootdelay", ms(p.root_delay_s)},
      {"rootdisp", ms(p.root_dispersion_s)},
      {"refid", [&](auto v) { p.refid = refid(v); }},
      {"reftime", [&](auto v) { p.reference = stamp(v); }},
      {"org", [&](auto v) { p.origin = stamp(v); }},
      {"rec", [&](auto v) { p.received_at = stamp(v); }},
      {"reach", [&](auto v) { p.reach = whole<std::uint8_t>(v); }},
      {"unreach", [&](auto v) { p.unreach = whole<std::uint32_t>(v); }},
      {"hmode", [&](auto v) { p.mode = whole<wire::Mode>(v); }},
      {"pmode", [&](auto v) { p.peer_mode = whole<wire::Mode>(v); }},
      {"hpoll", [&](auto v) { p.poll_log2s = whole<std::int8_t>(v); }},
      {"ppoll", [&](auto v) { p.peer_poll_log2s = whole<std::int8_t>(v); }},
      {"headway", seconds(p.headway_s)},
      {"flash", [&](auto v) { p.flash = whole<std::uint32_t>(v); }},
      {"keyid", [&](auto v) { p.key_id = whole<std::uint32_t>(v); }},
      {"offset", ms(p.offset_s)},
      {"delay", ms(p.delay_s)},
      {"dispersion", ms(p.dispersion_s)},
      {"jitter", ms(p.jitter_s)},
      {"xleave", ms(p.transmit_delay_s)},
      {"filtdelay", [&](auto v) { stages(v, p, &state::FilterStage::delay_s); }},
      {"filtoffset", [&](auto v) { stages(v, p, &state::FilterStage::offset_s); }},
      {"filtdisp", [&](auto v) { stages(v, p, &state::FilterStage::dispersion_s); }},
      {"timer", seconds(p.until_poll_s)},
      {"timerec", seconds(p.since_received_s)},
      {"timereach", seconds(p.since_reach_change_s)},
      {"sent", count(p.sent)},
      {"received", count(p.received)},
      {"badauth", count(p.bad_auth)},
      {"bogusorg", count(p.bogus)},
      {"oldpkt", count(p.duplicates)},
      {"seldisp", count(p.bad_dispersion)},
      {"selbroken", count(p.bad_reference)},
      {"candidate", [&](auto v) { p.candidate_order = whole<std::uint32_t>(v); }},
      {"peer_var_list", [](auto) {}},
  };
}

Learn learns_clock(state::ClockView& c) {
  const auto count = [](std::uint64_t& to) { return [&to](std::string_view v) { to = whole<std::uint64_t>(v); }; };
  return {
      {"device", [&](auto v) { c.device = v; }},
      {"timecode", [&](auto v) { c.time_code = v; }},
      {"poll", count(c.polls)},
      {"noreply", count(c.no_answers)},
      {"badformat", count(c.bad_formats)},
      {"baddata", count(c.bad_times)},
      {"stratum", [&](auto v) { c.stratum = whole<std::uint8_t>(v); }},
      {"refid", [&](auto v) { c.refid = refid(v); }},
      {"flags", [&](auto v) { c.flags = whole<std::uint8_t>(v); }},
  };
}

void learn(const Learn& how, std::string_view text) {
  RequestItems items(text);
  while (const auto item = items.next()) {
    const auto found = how.find(item->name);
    ASSERT_NE(found, how.end()) << "the capture has a variable that this test does not know: " << item->name;
    found->second(item->value.value_or(""));
  }
}

/// Items without the random ones, whose tags are three characters of junk.
std::set<std::string> known_items(std::string_view text, const std::set<std::string_view>& tags) {
  std::set<std::string> out;
  RequestItems items(text);
  while (const auto item = items.next())
    if (tags.contains(item->name.substr(0, item->name.find('.'))))
      out.insert(std::string(item->name) + "=" + std::string(item->value.value_or("")));
  return out;
}

/// "none": there is no item of that name.
std::string item_of(std::string_view text, std::string_view name) {
  RequestItems items(text);
  while (const auto item = items.next())
    if (item->name == name) return std::string(item->value.value_or(""));
  return "none";
}

class Golden : public testing::Test {
 protected:
  Golden() : bench({.save_folder = "/var/lib/ntp"}) {
    bench.is_this_host = true;
    bench.facts.the_variables.set({.name = "foo", .value = "bar", .is_default = true});
    auto file = policy::parse_keys_file(read_whole(capture_folder() / "symkey-ntp.keys"));
    for (policy::Key& key : file.keys) key.is_trusted = true;
    keys = std::move(file.keys);
    bench.use_keys(keys, 1);
  }

  /// Puts what the reply says into the view.
  void learn_from(const Exchange& exchange) {
    const auto asked = exchange.asked();
    const auto opcode = static_cast<ControlOpcode>(asked.opcode);
    const auto told = exchange.told();
    state::View& view = bench.facts.the_view;
    if (told.is_error) return;
    if (opcode == ControlOpcode::read_status) {
      view.system.status = told.status;
      const std::string data = exchange.data();
      view.sources.clear();
      for (std::size_t at = 0; at + 4 <= data.size(); at += 4) {
        const Bytes pair = std::as_bytes(std::span(data)).subspan(at, 4);
        state::SourceView source;
        source.association_id = load_big_endian<std::uint16_t>(pair, 0);
        source.status = load_big_endian<std::uint16_t>(pair, 2);
        view.sources.insert(view.sources.begin(), source);
      }
    } else if (opcode == ControlOpcode::read_variables && asked.association_id == 0) {
      view.sources = {state::SourceView{.association_id = view.system.peer_association_id}};
      view.system.status = told.status;
      learn(learns_system(bench.facts, bench.now), exchange.data());
    } else if (opcode == ControlOpcode::read_variables) {
      view.sources = {state::SourceView{.association_id = asked.association_id, .status = told.status}};
      learn(learns_peer(view.sources[0]), exchange.data());
    } else if (opcode == ControlOpcode::read_clock) {
      view.sources = {state::SourceView{.association_id = 19140, .clock = state::ClockView{}}};
      learn(learns_clock(*view.sources[0].clock), exchange.data());
    } else if (opcode == ControlOpcode::configure || opcode == ControlOpcode::save_configuration) {
      bench.commands.reply = exchange.data().substr(0, exchange.data().size() - 2);
    }
  }

  std::vector<Reply> answer(const Exchange& exchange) {
    bench.now.mono = bench.now.mono + 20;  // a replay would be answered from memory
    bench.remote = exchange.request.source;
    return bench.send(exchange.request.payload);
  }

  Bench bench;
  std::vector<policy::Key> keys;
};

bool is_shuffled(ControlOpcode opcode) {
  return opcode == ControlOpcode::read_clients || opcode == ControlOpcode::read_ordered_list ||
         opcode == ControlOpcode::request_nonce;
}

/// Whose answer the file system gives.
bool is_of_a_file(const Exchange& exchange) { return exchange.data().starts_with("Unable to save"); }

TEST_F(Golden, RepliesAreTheCapturedOctets) {
  std::map<ControlOpcode, int> compared;
  for (const Exchange& exchange : read_exchanges("ntpq-all-commands.pcap")) {
    const auto opcode = static_cast<ControlOpcode>(exchange.asked().opcode);
    if (is_shuffled(opcode) || exchange.replies.empty() || is_of_a_file(exchange)) continue;
    SCOPED_TRACE(testing::Message() << "opcode " << int{exchange.asked().opcode} << ", captured: " << exchange.data());
    learn_from(exchange);

    const auto replies = answer(exchange);

    ASSERT_EQ(replies.size(), exchange.replies.size()) << whole_data(replies);
    for (std::size_t i = 0; i < replies.size(); ++i) {
      EXPECT_EQ(replies[i].data, exchange.data().substr(replies[i].header.offset, replies[i].header.count));
      EXPECT_TRUE(replies[i].octets == exchange.replies[i].payload) << "datagram " << i;
    }
    ++compared[opcode];
  }
  EXPECT_GE(compared[ControlOpcode::read_status], 15);
  EXPECT_GE(compared[ControlOpcode::read_variables], 35);
  EXPECT_GE(compared[ControlOpcode::read_clock], 4);
  EXPECT_GE(compared[ControlOpcode::configure], 5);
  EXPECT_GE(compared[ControlOpcode::save_configuration], 1);
  EXPECT_GE(compared[ControlOpcode::write_variables], 2);
}

TEST_F(Golden, ControlKeysOfThreeKindsAreTakenAndAnsweredInKind) {
  const std::vector<std::uint32_t> control_keys = {1, 1, 1, 1, 10, 6, 1, 1, 1, 1};
  std::size_t i = 0;
  std::size_t compared = 0;
  for (const Exchange& exchange : read_exchanges("mode6-traps-and-keytypes.pcap")) {
    bench.use_keys(keys, control_keys.at(i++));
    if (exchange.told().opcode == static_cast<unsigned>(ControlOpcode::asynchronous)) continue;
    learn_from(exchange);

    const auto replies = answer(exchange);

    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0].octets, exchange.replies[0].payload) << "request " << i;
    ++compared;
  }
  EXPECT_EQ(compared, 7U);
}

TEST_F(Golden, TrapsAreToldWhatTheCapturedOnesAre) {
  const Endpoint trap = {Address::v4(0x0a4d000c), 18447};
  bench.service.configure({.traps = {trap}});
  std::size_t compared = 0;
  for (const Exchange& exchange : read_exchanges("mode6-traps-and-keytypes.pcap")) {
    if (exchange.told().opcode != static_cast<unsigned>(ControlOpcode::asynchronous)) continue;
    const Exchange event{exchange.request, {exchange.replies.begin(), exchange.replies.end() - 1}};
    const wire::ControlHeader told = event.told();
    bench.facts.the_view.sources = {state::SourceView{.association_id = told.association_id, .status = told.status}};
    learn(learns_peer(bench.facts.the_view.sources[0]), event.data());

    bench.replies.clear();
    bench.service.report(told.association_id, 1, bench.now, bench.replies);
    const auto replies = taken_apart(bench.replies);

    ASSERT_GE(replies.size(), 3U);
    EXPECT_EQ(replies[0].to, trap);
    wire::ControlHeader expected = told;
    expected.sequence = static_cast<std::uint16_t>(++compared);
    EXPECT_EQ(replies[0].header, expected);
    std::string text = whole_data(replies);
    const std::string ours = item_of(text, "peer_var_list");
    const std::string theirs = item_of(event.data(), "peer_var_list");
    EXPECT_TRUE(ours.starts_with(theirs)) << "ours has more names at its end";
    text.replace(text.find(ours), ours.size(), theirs);
    EXPECT_EQ(text, event.data());
  }
  EXPECT_EQ(compared, 3U);
}

TEST_F(Golden, AddressesAndRestrictionsHaveTheCapturedItems) {
  const std::set<std::string_view> tags = {"addr", "bcast", "en",    "name", "flags", "tl",   "mc",
                                           "rx",   "tx",    "txerr", "pc",   "up",    "mask", "hits"};
  std::size_t compared = 0;
  for (const Exchange& exchange : read_exchanges("ntpq-all-commands.pcap")) {
    if (exchange.asked().opcode != static_cast<unsigned>(ControlOpcode::read_ordered_list)) continue;
    const std::string data = exchange.data();
    const bool is_interfaces = exchange.asked().count == 0;
    std::vector<policy::AccessRule> rules;
    if (is_interfaces) bench.facts.the_interfaces.clear();
    bench.facts.the_hits.clear();
    for (std::uint32_t i = 0; item_of(data, "addr." + std::to_string(i)) != "none"; ++i) {
      const auto item = [&](const char* tag) { return item_of(data, tag + ("." + std::to_string(i))); };
      if (is_interfaces) {
        bench.facts.the_interfaces.push_back({.number = i,
                                              .name = item("name"),
                                              .address = endpoint(item("addr")),
                                              .is_enabled = item("en") == "1",
                                              .flags = whole<std::uint32_t>(item("flags")),
                                              .received = whole<std::uint64_t>(item("rx")),
                                              .sent = whole<std::uint64_t>(item("tx")),
                                              .peer_count = whole<std::uint32_t>(item("pc")),
                                              .since_open_s = real(item("up"))});
        continue;
      }
      policy::AccessRule rule{.address = Address::parse(item("addr")).value(),
                              .mask = Address::parse(item("mask")).value()};
      const std::string flags = item("flags");
      const auto says = [&](const char* word) { return flags.find(word) != std::string::npos; };
      rule.only_from_ntp_port = says("ntpport");
      if (says("ignore")) rule.flags = rule.flags | policy::Access::ignore;
      if (says("notrust")) rule.flags = rule.flags | policy::Access::notrust;
      if (says("nopeer")) rule.flags = rule.flags | policy::Access::nopeer;
      if (says("limited")) rule.flags = rule.flags | policy::Access::limited;
      rules.push_back(rule);
      bench.facts.the_hits.push_back(whole<std::uint64_t>(item("hits")));
    }
    bench.facts.the_policy.access = policy::AccessList(rules);

    const auto replies = answer(exchange);

    EXPECT_EQ(known_items(whole_data(replies), tags), known_items(data, tags));
    ASSERT_FALSE(replies.empty());
    EXPECT_GE(replies[0].header.count, 466U) << "a full datagram";
    EXPECT_EQ(replies[0].length, 500U) << "with a MAC";
    ++compared;
  }
  EXPECT_EQ(compared, 4U);
}

TEST_F(Golden, ListOfClientsHasTheCapturedItems) {
  const std::set<std::string_view> tags = {"addr", "ct", "mv", "rs"};
  const auto exchanges = read_exchanges("ntpq-mrulist-multifragment.pcap");
  // The clients of the first answer come in the captured order, a packet after the other.
  const auto first = std::find_if(exchanges.begin(), exchanges.end(), [](const Exchange& exchange) {
    return exchange.asked().opcode == static_cast<unsigned>(ControlOpcode::read_clients);
  });
  ASSERT_NE(first, exchanges.end());
  const std::string data = first->data();
  bench.remote = first->request.source;
  bench.facts.the_clients = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = 1000},
                                                                  std::array<std::uint64_t, 2>{1, 2});
  std::size_t count = 0;
  for (; item_of(data, "rs." + std::to_string(count)) != "none"; ++count) {
    const auto item = [&](const char* tag) { return item_of(data, tag + ("." + std::to_string(count))); };
    const auto mode_version = whole<std::uint8_t>(item("mv"));
    for (int n = whole<int>(item("ct")); n > 0; --n)
      bench.facts.the_clients->update({.remote = endpoint(item("addr")),
                                       .at = bench.now.mono + 1e-3 * static_cast<double>(count),
                                       .mode = static_cast<std::uint8_t>(mode_version & 7U),
                                       .version = static_cast<std::uint8_t>(mode_version >> 3U),
                                       .restrictions = whole<std::uint16_t>(item("rs"))},
                                      {});
  }
  ASSERT_GE(count, 50U);
  bench.wait(1);

  const std::string asked = "nonce=" + bench.nonce() + ", frags=32, limit=" + std::to_string(count);
  const auto replies = bench.ask({.opcode = ControlOpcode::read_clients, .data = asked});

  std::set<std::string> expected;
  for (const std::string& item : known_items(data, tags))
    if (whole<std::size_t>(item.substr(item.find('.') + 1, item.find('=') - item.find('.') - 1)) < count)
      expected.insert(item);
  EXPECT_EQ(known_items(whole_data(replies), tags), expected);
  EXPECT_EQ(item_of(whole_data(replies), "nonce").size(), 24U);
}

}  // namespace
}  // namespace ntp::control::test
