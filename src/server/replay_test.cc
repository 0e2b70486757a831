// SPDX-License-Identifier: BSD-2-Clause
//
// Requests from captures of ntp.org's ntpd 4.2.8p18 (tests/data/classic) are answered again, and the replies compared
// in shape with the captured ones.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/authentication.h"
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

  [[nodiscard]] Bytes reply() const { return Bytes(octets).first(verdict.length); }
};

Replayed replay(const Datagram& request, const policy::Policy& policy = {}) {
  state::ClockState clock;
  clock.publish({.leap = wire::Leap::none, .stratum = 2});
  WorkerState worker;
  Replayed out;
  out.verdict = respond({.clock = clock, .policy = policy}, worker,
                        {.remote = request.source, .local = request.destination.address, .payload = request.payload},
                        {}, out.octets);
  if (out.verdict.what == Verdict::What::reply) {
    EXPECT_TRUE(finish(worker, out.verdict, {}, out.octets));
  }
  return out;
}

/// The keys of the captured server, as its keys file has them; those of longer digests it could not use.
std::shared_ptr<const policy::KeyRing> captured_keys() {
  struct Row {
    std::uint32_t id;
    const char* type;
    std::string secret;
  };
  const auto octets = [](std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text += static_cast<char>(value);
    return text;
  };
  const std::string cmac_key =
      octets({0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c});
  const std::string counted = octets({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  const std::string hex_digits = octets({0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef});
  const std::string doubled =
      octets({0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff});
  const std::vector<Row> rows = {
      {1, "MD5", "asciiMD5key"},
      {2, "MD5", "asciiMtype"},
      {3, "MD5", hex_digits + hex_digits + hex_digits.substr(0, 4)},
      {4, "MD5", "exactly20characters!"},
      {5, "SHA1", "asciiSHA1key"},
      {6, "SHA1", doubled + doubled.substr(0, 4)},
      {8, "RIPEMD160", "ripemdkey"},
      {9, "AES128CMAC", "cmacshort"},
      {10, "AES128CMAC", cmac_key},
      {17, "MD5", counted},
      {18, "AES128CMAC", cmac_key + doubled.substr(0, 4)},
      {20, "MD5", "lowercaseMd5"},
      {22, "AES128CMAC", "0123456789abcdefX"},
  };
  std::vector<policy::Key> keys;
  for (const Row& row : rows)
    keys.push_back({.id = row.id,
                    .mac = crypto::MacKey::make(row.type, std::as_bytes(std::span(row.secret))).value(),
                    .addresses = {},
                    .is_trusted = true});
  return std::make_shared<const policy::KeyRing>(std::move(keys));
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
    EXPECT_TRUE(wire::decode_layout(replay(pair.request).reply())->is_crypto_nak());
  }
}

TEST(CaptureReplay, SignedRepliesBearMacsOfTheSameKeysAsTheClassics) {
  const policy::Policy policy{.keys = captured_keys()};
  crypto::MacWorkspace macs;
  std::size_t compared = 0;
  for (const Pair& pair : exchanges(read_pcap(data_folder() / "classic/symkey-ntpdate-all-types.pcap"))) {
    if (pair.request.payload.size() == wire::kHeaderLength) continue;
    const auto theirs = wire::decode_layout(pair.reply.payload);
    ASSERT_TRUE(theirs && theirs->has_mac);
    const std::uint32_t id = theirs->mac.key_id;
    SCOPED_TRACE(id);
    const policy::Key* key = policy.keys->find_trusted(id);
    ASSERT_NE(key, nullptr);

    const Replayed ours = replay(pair.request, policy);

    EXPECT_EQ(proving_key(policy.keys.get(), macs, pair.reply.payload, *theirs), key) << "bit for bit";
    ASSERT_EQ(ours.verdict.length, pair.reply.payload.size());
    const auto layout = wire::decode_layout(ours.reply());
    EXPECT_EQ(layout->mac.key_id, id);
    EXPECT_EQ(proving_key(policy.keys.get(), macs, ours.reply(), *layout), key);
    ++compared;
  }
  EXPECT_EQ(compared, 13U) << "all key types that the classic can talk";
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
