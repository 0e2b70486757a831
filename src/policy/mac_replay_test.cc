// SPDX-License-Identifier: BSD-2-Clause
//
// Every MAC in the captures of ntp.org's ntpd 4.2.8p18 and its tools (tests/data/classic) is computed again, from the keys
// file of that day.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "policy/keys_file.h"

namespace ntp::policy {
namespace {

using Octets = std::vector<std::byte>;

constexpr std::size_t kHeader = 48;

/// A UDP datagram with the addresses as they stand in the IP header: 4 or 16 octets each.
struct Datagram {
  Octets source;
  Octets destination;
  Octets payload;
};

/// tests/data of the tree that holds the working directory (a build folder) or, failing that, this file.
std::filesystem::path data_folder() {
  for (std::filesystem::path start : {std::filesystem::current_path(), std::filesystem::path(__FILE__).parent_path()}) {
    for (;; start = start.parent_path()) {
      if (std::filesystem::exists(start / "tests/data/README.md")) return start / "tests/data/classic";
      if (start == start.parent_path()) break;
    }
  }
  return {};
}

std::string read_file(std::string_view name) {
  std::ifstream file(data_folder() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Octets copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::optional<Datagram> datagram_of(Bytes frame) {
  const auto kind = load_big_endian<std::uint16_t>(frame, 12);
  const Bytes ip = frame.subspan(14);
  Datagram out;
  std::size_t udp = 0;
  if (kind == 0x0800 && load_big_endian<std::uint8_t>(ip, 9) == 17) {
    out.source = copy(ip.subspan(12, 4));
    out.destination = copy(ip.subspan(16, 4));
    udp = std::size_t{4} * (load_big_endian<std::uint8_t>(ip, 0) & 15U);
  } else if (kind == 0x86dd && load_big_endian<std::uint8_t>(ip, 6) == 17) {
    out.source = copy(ip.subspan(8, 16));
    out.destination = copy(ip.subspan(24, 16));
    udp = 40;
  } else {
    return std::nullopt;
  }
  out.payload = copy(ip.subspan(udp + 8, load_big_endian<std::uint16_t>(ip, udp + 4) - 8U));
  return out;
}

/// A pcap file that was written little-endian with Ethernet frames.
std::vector<Datagram> read_pcap(std::string_view name) {
  const std::string text = read_file(name);
  const Bytes all = std::as_bytes(std::span(text));
  std::vector<Datagram> datagrams;
  for (std::size_t at = 24; at + 16 <= all.size();) {
    const std::size_t length = std::byteswap(load_big_endian<std::uint32_t>(all, at + 8));
    if (auto datagram = datagram_of(all.subspan(at + 16, length))) datagrams.push_back(std::move(*datagram));
    at += 16 + length;
  }
  EXPECT_FALSE(datagrams.empty()) << name;
  return datagrams;
}

/// Where the key id of a packet's MAC lies, as the reference implementation finds it. Nothing where there is no MAC.
std::optional<std::size_t> find_mac(const Octets& packet) {
  const unsigned mode = std::to_integer<unsigned>(packet[0]) & 7U;
  std::size_t at = kHeader;
  if (mode == 6) {
    // Behind the header's count of octets, filled up to a multiple of eight; at once in an error's answer, which has none.
    const std::size_t count = load_big_endian<std::uint16_t>(packet, 10);
    at = count == 0 && packet.size() == 12 + 20 ? 12 : (12 + count + 7) / 8 * 8;
  } else if (mode == 7) {
    // Authenticated requests alone; at the end, and as long as the type of the key says.
    const bool is_signed_request =
        (std::to_integer<unsigned>(packet[0]) & 0x80U) == 0 && (std::to_integer<unsigned>(packet[1]) & 0x80U) != 0;
    if (!is_signed_request) return std::nullopt;
    at = packet.size() - (load_big_endian<std::uint32_t>(packet, packet.size() - 20) <= kMaxKeyId ? 20 : 24);
  } else {
    // Extension fields of Autokey have 8 octets or more.
    while (packet.size() > at + 24) {
      const std::size_t length = load_big_endian<std::uint16_t>(packet, at + 2);
      if (length < 8 || length > packet.size() - at) break;
      at += length;
    }
  }
  const bool is_mac = at < packet.size() && (packet.size() - at == 20 || packet.size() - at == 24);
  return is_mac ? std::optional(at) : std::nullopt;
}

/// Recomputes MACs.
class Checker {
 public:
  explicit Checker(KeyRing ring) : ring_(std::move(ring)) {}

  bool is_right(const Datagram& datagram, std::size_t at) {
    const Bytes packet = datagram.payload;
    const auto id = load_big_endian<std::uint32_t>(packet, at);
    const Bytes digest = packet.subspan(at + 4);
    if (id > kMaxKeyId) return is_right_autokey(datagram, at);
    const Key* key = ring_.find(id);
    return key != nullptr && workspace_.verify(key->mac, packet.first(at), digest);
  }

 private:
  Octets hash(const char* type, std::initializer_list<Bytes> parts) {
    Octets all;
    for (const Bytes part : parts) all.insert(all.end(), part.begin(), part.end());
    crypto::MacWorkspace::Digest digest{};
    // A keyed hash is the plain one over secret and message: here all of it is the secret.
    const auto key = crypto::MacKey::make(type, all).value();
    return copy(Bytes(digest).first(workspace_.sign(key, {}, digest)));
  }

  /// RFC 5906 section 4: the session key is a hash over addresses, key id and cookie, and the cookie (zero where there are
  /// extension fields) one over client, server, 0 and the server's secret. That is zero in this version until it is renewed.
  bool is_right_autokey(const Datagram& datagram, std::size_t at) {
    const Bytes packet = datagram.payload;
    const Bytes digest = packet.subspan(at + 4);
    const char* type = digest.size() == 16 ? "MD5" : "SHA1";
    constexpr std::array<std::byte, 4> kZero{};
    Octets cookie = copy(kZero);
    if (at == kHeader) {
      const bool is_request = (std::to_integer<unsigned>(packet[0]) & 7U) == 3;
      const Octets& client = is_request ? datagram.source : datagram.destination;
      const Octets& server = is_request ? datagram.destination : datagram.source;
      cookie = hash(type, {client, server, kZero, kZero});
      cookie.resize(4);
    }
    const Octets session = hash(type, {datagram.source, datagram.destination, packet.subspan(at, 4), cookie});
    return workspace_.verify(crypto::MacKey::make(type, session).value(), packet.first(at), digest);
  }

  KeyRing ring_;
  crypto::MacWorkspace workspace_;
};

KeyRing keys_of_that_day() { return KeyRing(parse_keys_file(read_file("symkey-ntp.keys")).keys); }

TEST(MacReplay, ComputesEveryMacOfTheCaptures) {
  struct Row {
    const char* name;
    std::size_t right;
    std::size_t wrong;
  };
  const Row rows[] = {
      {"symkey-ntpdate-all-types.pcap", 26, 0},
      {"symkey-ntpd-client-cmac-ripemd160-md5-iburst.pcap", 60, 0},
      {"broadcast-key1-md5-with-volley.pcap", 44, 0},
      {"broadcast-xleave-key1-md5.pcap", 31, 0},
      {"manycast-key1-md5.pcap", 90, 0},
      {"symmetric-active-active-sha1.pcap", 60, 0},
      {"symmetric-active-active-xleave-sha1.pcap", 48, 0},
      {"symmetric-active-passive-md5.pcap", 43, 0},
      {"ntptrace-sntp-ntpdate.pcap", 4, 0},
      {"kod-rate.pcap", 1, 0},
      {"crypto-nak.pcap", 0, 2},  // another secret, and an unknown key
      {"mode6-traps-and-keytypes.pcap", 17, 0},
      {"ntpq-all-commands.pcap", 36, 1},   // the password was wrong once
      {"ntpdc-all-commands.pcap", 27, 1},  // here too
      {"autokey-tc.pcap", 34, 0},
      {"autokey-tc-ipv6-digest-sha1.pcap", 26, 0},
      {"autokey-tc-trail-3hosts.pcap", 58, 0},
      {"autokey-pc-private-cert.pcap", 28, 0},
      {"autokey-gq-PATCHED-ntpd.pcap", 32, 0},
      {"autokey-gq-stock-p18-FAILS.pcap", 18, 0},
      {"autokey-iff-ident-DSA-PEM-iffpar.pcap", 40, 0},
      {"autokey-iff-ident-exported-iffpar.pcap", 28, 0},
      {"autokey-iff-recipe-noident.pcap", 26, 0},
      {"autokey-mv-traditional-PEM.pcap", 32, 0},
      {"autokey-broadcast-PATCHED-ntpd-tc.pcap", 31, 0},
      {"autokey-symmetric-PATCHED-ntpd-tc.pcap", 69, 0},
      {"autokey-symmetric-stock-p18-STUCK.pcap", 26, 0},
  };

  Checker checker(keys_of_that_day());
  for (const Row& row : rows) {
    std::size_t right = 0;
    std::size_t wrong = 0;
    for (const Datagram& datagram : read_pcap(row.name)) {
      const auto at = find_mac(datagram.payload);
      if (at) ++(checker.is_right(datagram, *at) ? right : wrong);
    }
    EXPECT_EQ(right, row.right) << row.name;
    EXPECT_EQ(wrong, row.wrong) << row.name;
  }
}

TEST(MacReplay, ComputesTheMacOfTheSecretThatTheServerDidNotHave) {
  Checker checker(KeyRing(parse_keys_file("1 MD5 wrongsecret\n").keys));
  const auto datagrams = read_pcap("crypto-nak.pcap");

  EXPECT_EQ(std::ranges::count_if(datagrams,
                                  [&](const Datagram& datagram) {
                                    const auto at = find_mac(datagram.payload);
                                    return at && checker.is_right(datagram, *at);
                                  }),
            1);
}

// What the classic sends with a longer digest has no more than 20 octets of it that are filled in.
TEST(MacReplay, StartsLikeTheMacsThatTheClassicCanNotSend) {
  const KeyRing ring = keys_of_that_day();
  crypto::MacWorkspace workspace;
  std::vector<std::string> types;
  for (const Datagram& datagram : read_pcap("symkey-ntpdate-all-types.pcap")) {
    const Bytes packet = datagram.payload;
    if (packet.size() <= kHeader + 24) continue;
    const Key* key = ring.find(load_big_endian<std::uint32_t>(packet, kHeader));
    ASSERT_NE(key, nullptr);
    EXPECT_TRUE(workspace.verify(key->mac, packet.first(kHeader), packet.subspan(kHeader + 4, 20))) << key->mac.type();
    types.emplace_back(key->mac.type());
  }

  std::ranges::sort(types);
  EXPECT_EQ(types, (std::vector<std::string>{"SHA224", "SHA256", "SHA3-224", "SHA512"}));
}

// The same file by the reference implementation: it refuses the types of 7, 15, 16, 21 and 24, which we can compute.
TEST(MacReplay, LoadsTheKeysFileOfThatDay) {
  const KeysFile file = parse_keys_file(read_file("symkey-ntp.keys"));

  EXPECT_TRUE(file.messages.empty());
  EXPECT_EQ(file.keys.size(), 24U);
}

}  // namespace
}  // namespace ntp::policy
