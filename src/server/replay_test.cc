// SPDX-License-Identifier: BSD-2-Clause
//
// Requests from captures of ntp.org's ntpd 4.2.8p18 (tests/data/classic) are answered again, and the replies compared
// in shape with the captured ones.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/respond.h"
#include "wire/datagram.h"

namespace ntp::server {
namespace {

using Octets = std::vector<std::byte>;

/// One UDP datagram over IPv4, as captured.
struct Datagram {
  Endpoint source;
  Endpoint destination;
  Octets payload;
  MonoTime at;  ///< since the first datagram of the capture

  [[nodiscard]] wire::Header header() const { return wire::decode_header(payload).value(); }
};

/// tests/data of the tree that holds the working directory (a build folder) or, failing that, this file.
std::filesystem::path data_folder() {
  for (std::filesystem::path start : {std::filesystem::current_path(), std::filesystem::path(__FILE__).parent_path()}) {
    for (;; start = start.parent_path()) {
      if (std::filesystem::exists(start / "tests/data/README.md")) return start / "tests/data";
      if (start == start.parent_path()) break;
    }
  }
  return {};
}

std::uint32_t load_little_endian(Bytes bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = (value << 8U) | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return value;
}

/// The UDP datagrams over IPv4 of a pcap file that was written little-endian with Ethernet frames.
std::vector<Datagram> read_pcap(const std::filesystem::path& path) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::size_t kRecordHeader = 16;
  constexpr std::size_t kEthernet = 14;
  constexpr std::size_t kUdp = 8;
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Bytes all = std::as_bytes(std::span(text));
  EXPECT_GE(all.size(), kFileHeader) << path;
  if (all.size() < kFileHeader) return {};
  EXPECT_EQ(load_little_endian(all, 0), 0xa1b2c3d4U) << path;

  std::vector<Datagram> datagrams;
  std::int64_t first_us = 0;
  for (std::size_t at = kFileHeader; at + kRecordHeader <= all.size();) {
    const std::size_t length = load_little_endian(all, at + 8);
    const Bytes frame = all.subspan(at + kRecordHeader, length);
    const std::int64_t at_us = std::int64_t{load_little_endian(all, at)} * 1'000'000 + load_little_endian(all, at + 4);
    if (datagrams.empty()) first_us = at_us;
    at += kRecordHeader + length;
    if (load_big_endian<std::uint16_t>(frame, 12) != 0x0800) continue;
    const std::size_t ip_header = std::size_t{4} * (load_big_endian<std::uint8_t>(frame, kEthernet) & 15U);
    if (load_big_endian<std::uint8_t>(frame, kEthernet + 9) != 17) continue;
    const std::size_t udp = kEthernet + ip_header;
    const Bytes payload = frame.subspan(udp + kUdp, load_big_endian<std::uint16_t>(frame, udp + 4) - kUdp);
    datagrams.push_back({
        .source = {Address::v4(load_big_endian<std::uint32_t>(frame, kEthernet + 12)),
                   load_big_endian<std::uint16_t>(frame, udp)},
        .destination = {Address::v4(load_big_endian<std::uint32_t>(frame, kEthernet + 16)),
                        load_big_endian<std::uint16_t>(frame, udp + 2)},
        .payload = Octets(payload.begin(), payload.end()),
        .at = MonoTime::from_nanoseconds((at_us - first_us) * 1000),
    });
  }
  return datagrams;
}

struct Pair {
  Datagram request;
  Datagram reply;
};

/// Requests of mode 3 with the reply that bears their transmit stamp; not those that were told to slow down.
std::vector<Pair> exchanges(const std::vector<Datagram>& datagrams) {
  std::vector<Pair> pairs;
  for (const Datagram& request : datagrams) {
    if (request.payload.size() < wire::kHeaderLength || request.header().mode != wire::Mode::client) continue;
    for (const Datagram& reply : datagrams) {
      if (reply.payload.size() < wire::kHeaderLength || reply.destination != request.source) continue;
      if (reply.header().mode == wire::Mode::server && reply.header().origin == request.header().transmit &&
          reply.header().refid != wire::kKissRate)
        pairs.push_back({request, reply});
    }
  }
  return pairs;
}

struct Replayed {
  Verdict verdict;
  std::array<std::byte, kMaxReplyLength> octets{};
};

Replayed replay(const Datagram& request) {
  state::ClockState clock;
  clock.publish({.leap = wire::Leap::none, .stratum = 2});
  WorkerState worker;
  Replayed out;
  out.verdict = respond({.clock = clock, .policy = policy::Policy()}, worker,
                        {.remote = request.source, .local = request.destination.address, .payload = request.payload},
                        {}, out.octets);
  return out;
}

void expect_same_shape(const Pair& pair) {
  const Replayed ours = replay(pair.request);

  ASSERT_EQ(ours.verdict.what, Verdict::What::reply);
  EXPECT_EQ(ours.verdict.length, pair.reply.payload.size());
  const wire::Header header = wire::decode_header(ours.octets).value();
  const wire::Header theirs = pair.reply.header();
  EXPECT_EQ(header.version, theirs.version);
  EXPECT_EQ(header.mode, theirs.mode);
  EXPECT_EQ(header.origin, theirs.origin);
  EXPECT_EQ(header.poll_log2s, theirs.poll_log2s);
  EXPECT_EQ(theirs.poll_log2s, std::max<std::int8_t>(pair.request.header().poll_log2s, 3));
}

TEST(CaptureReplay, PlainRepliesHaveTheShapeOfTheClassics) {
  std::size_t compared = 0;
  for (const char* name : {"ntptrace-sntp-ntpdate.pcap", "kod-rate.pcap", "symkey-ntpdate-all-types.pcap"}) {
    SCOPED_TRACE(name);
    for (const Pair& pair : exchanges(read_pcap(data_folder() / "classic" / name))) {
      if (pair.request.payload.size() != wire::kHeaderLength) continue;
      expect_same_shape(pair);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 10U) << "7 of sntp and ntpdate, 1 before the rate limit, 2 without a key";
}

TEST(CaptureReplay, CryptoNaksHaveTheShapeOfTheClassics) {
  const auto pairs = exchanges(read_pcap(data_folder() / "classic/crypto-nak.pcap"));

  ASSERT_EQ(pairs.size(), 2U);
  for (const Pair& pair : pairs) {
    expect_same_shape(pair);
    EXPECT_TRUE(wire::decode_layout(pair.reply.payload)->is_crypto_nak());
    EXPECT_TRUE(wire::decode_layout(replay(pair.request).octets)->is_crypto_nak());
  }
}

// The server of that capture: restrict default limited kod, discard average 3 minimum 2.
TEST(CaptureReplay, LimitsAsTheClassicDidAndKissesOctetForOctet) {
  const auto datagrams = read_pcap(data_folder() / "classic/kod-rate.pcap");
  state::ClockState clock;
  clock.publish({.leap = wire::Leap::none, .stratum = 2});
  const policy::Policy policy{.access = policy::AccessList({{.address = Address::v4(0),
                                                             .mask = Address::v4(0),
                                                             .flags = policy::Access::limited | policy::Access::kod}}),
                              .limits = {.is_classic = true, .average_log2s = 3, .minimum_s = 2}};
  policy::ClientTable clients({.clients = 100}, {1, 2});
  WorkerState worker;
  std::size_t kisses = 0;
  std::size_t silences = 0;

  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    const Datagram& request = datagrams[i];
    if (request.header().mode != wire::Mode::client) continue;
    const bool is_answered = i + 1 < datagrams.size() && datagrams[i + 1].header().mode == wire::Mode::server;
    std::array<std::byte, kMaxReplyLength> reply{};
    const Verdict verdict =
        respond({.clock = clock, .policy = policy, .clients = &clients}, worker,
                {.remote = request.source, .local = request.destination.address, .payload = request.payload},
                {.mono = request.at}, reply);

    ASSERT_EQ(verdict.what == Verdict::What::reply, is_answered) << "datagram " << i;
    if (!is_answered) {
      ++silences;
      continue;
    }
    const Datagram& theirs = datagrams[i + 1];
    EXPECT_EQ(verdict.length, theirs.payload.size());
    if (verdict.is_stamped) continue;
    ++kisses;
    EXPECT_TRUE(std::equal(theirs.payload.begin(), theirs.payload.end(), reply.begin()));
  }
  EXPECT_EQ(kisses, 1U);
  EXPECT_EQ(silences, 6U);
}

TEST(CaptureReplay, TheClassicsRepliesGetNoAnswer) {
  for (const char* name : {"ntptrace-sntp-ntpdate.pcap", "kod-rate.pcap", "crypto-nak.pcap"}) {
    for (const Datagram& datagram : read_pcap(data_folder() / "classic" / name)) {
      if (datagram.source.port != wire::kPort || datagram.payload.size() < wire::kHeaderLength) continue;
      if (datagram.header().mode == wire::Mode::client) continue;
      EXPECT_EQ(replay(datagram).verdict.what, Verdict::What::silent) << name;
    }
  }
}

}  // namespace
}  // namespace ntp::server
