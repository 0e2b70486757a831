// SPDX-License-Identifier: BSD-2-Clause
//
// Requests with MACs, right and wrong: authenticated to authenticated, a crypto-NAK to a client whose MAC is wrong, and
// nothing to all who would be useful to a forger. Tests named Cve... are rows of the history of attacks.
#include "server/authentication.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include <malloc.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "server/respond.h"

namespace ntp::server {
namespace {

using policy::Access;
using wire::Mode;
using Octets = std::vector<std::byte>;

constexpr Timestamp kT1 = Timestamp::from_parts(0xeeab3759, 0x955e6f9a);
constexpr Timestamp kT2 = Timestamp::from_parts(0xeeab3759, 0x9523f9da);
constexpr Timestamp kT3 = Timestamp::from_parts(0xeeab3759, 0x95251111);
constexpr Timestamp kLaterT3 = Timestamp::from_parts(0xeeab3759, 0x95252222);
constexpr MonoTime kNow = MonoTime::from_nanoseconds(50'000'000'000);
constexpr std::byte kUntouched{0xee};

policy::Key key(std::uint32_t id, std::string_view type, std::string_view secret = "a secret",
                std::vector<policy::KeyAddress> addresses = {}) {
  return {.id = id,
          .mac = crypto::MacKey::make(type, std::as_bytes(std::span(secret))).value(),
          .addresses = std::move(addresses),
          .is_trusted = true};
}

Octets with_mac(Octets octets, const policy::Key& key) {
  crypto::MacWorkspace macs;
  const std::size_t length = octets.size();
  octets.resize(length + mac_length(key));
  EXPECT_TRUE(sign(key, macs, octets, length));
  return octets;
}

Octets request(Mode mode = Mode::client, std::uint8_t version = 4) {
  Octets octets(wire::kHeaderLength);
  wire::encode_header({.version = version, .mode = mode, .poll_log2s = 6, .transmit = kT1}, octets);
  return octets;
}

/// A server on 192.0.2.1 with keys 1 (MD5), 2 (SHA1), 3 (AES-CMAC), 4 (for 192.0.2.9 alone), and 5, which is not trusted.
class Server {
 public:
  Server() {
    clock_.publish({.leap = wire::Leap::none, .stratum = 2, .dispersion_rate = 15e-6});
    std::vector<policy::Key> keys;
    keys.push_back(key(1, "MD5"));
    keys.push_back(key(2, "SHA1"));
    keys.push_back(key(3, "AES128CMAC"));
    keys.push_back(key(4, "SHA1", "a secret of two", {{Address::v4(0xc0000209), 32}}));
    keys.push_back(key(5, "SHA1"));
    keys.back().is_trusted = false;
    policy_.keys = std::make_shared<const policy::KeyRing>(std::move(keys));
  }
  Server& restrict(Access flags) {
    policy_.access = policy::AccessList({{.address = Address::v4(0), .mask = Address::v4(0), .flags = flags}});
    return *this;
  }
  Server& limit_to_one() {
    policy_.limits = {.average_per_s = 1.0, .burst = 1.0, .kiss_interval_s = 2.0};
    return *this;
  }
  Server& from(std::uint32_t address) {
    remote_.address = Address::v4(address);
    return *this;
  }
  Server& at(double seconds) {
    now_ = kNow + seconds;
    return *this;
  }

  /// Counts and limits whoever asks.
  Server& with_clients() {
    clients_ = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = 100},
                                                     std::array<std::uint64_t, 2>{1, 2});
    return *this;
  }

  /// The reply as it leaves; empty if there is none.
  Octets ask(const Octets& payload) {
    const Snapshot snapshot{.clock = clock_, .policy = policy_, .clients = clients_.get()};
    std::array<std::byte, kMaxReplyLength + 8> reply{};
    reply.fill(kUntouched);
    const Verdict verdict = respond(
        snapshot, worker_, {.remote = remote_, .local = Address::v4(0xc0000201), .received = kT2, .payload = payload},
        {.mono = now_, .real = kT3}, reply);
    EXPECT_LE(verdict.length, payload.size());
    if (verdict.what != Verdict::What::reply) return {};
    EXPECT_TRUE(finish(worker_, verdict, kLaterT3, reply));
    EXPECT_TRUE(std::all_of(reply.begin() + static_cast<std::ptrdiff_t>(verdict.length), reply.end(),
                            [](std::byte octet) { return octet == kUntouched; }));
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(verdict.length)};
  }
  [[nodiscard]] const policy::Key& key_of(std::uint32_t id) const { return *policy_.keys->find(id); }
  [[nodiscard]] std::uint64_t count(Outcome outcome) const { return worker_.counts[static_cast<std::size_t>(outcome)]; }

 private:
  state::ClockState clock_;
  policy::Policy policy_;
  std::unique_ptr<policy::ClientTable> clients_;
  Endpoint remote_{Address::v4(0xc6336402), 40000};
  MonoTime now_ = kNow;
  WorkerState worker_;
};

bool is_nak(const Octets& reply) {
  const auto layout = wire::decode_layout(reply);
  return reply.size() == 52 && layout && layout->is_crypto_nak() && layout->mac.key_id == 0;
}

bool is_proven_by(const Octets& reply, const policy::Key& key) {
  const auto layout = wire::decode_layout(reply);
  crypto::MacWorkspace macs;
  return layout && layout->has_mac && layout->mac.key_id == key.id &&
         macs.verify(key.mac, Bytes(reply).first(layout->mac.offset), layout->mac.digest(reply));
}

TEST(SignedAnswer, IsWhatASignedRequestGetsWithTheSameKey) {
  for (const std::uint32_t id : {1U, 2U, 3U}) {
    for (std::uint8_t version = 1; version <= 4; ++version) {
      Server server;
      const Octets asked = with_mac(request(Mode::client, version), server.key_of(id));

      const Octets reply = server.ask(asked);

      ASSERT_EQ(reply.size(), asked.size()) << id;
      EXPECT_TRUE(is_proven_by(reply, server.key_of(id))) << id;
      EXPECT_EQ(wire::decode_header(reply)->mode, Mode::server);
      EXPECT_EQ(wire::decode_header(reply)->version, version);
      EXPECT_EQ(server.count(Outcome::answered_authenticated), 1U);
    }
  }
}

TEST(SignedAnswer, ProvesTheTransmitStampThatIsTakenLast) {
  Server server;

  const Octets reply = server.ask(with_mac(request(), server.key_of(2)));

  ASSERT_TRUE(is_proven_by(reply, server.key_of(2)));
  EXPECT_EQ(wire::decode_header(reply)->transmit, kLaterT3);
  EXPECT_EQ(wire::decode_header(reply)->origin, kT1);
}

TEST(SignedAnswer, LeavesOutTheExtensionFieldsThatTheRequestsMacCovered) {
  Server server;
  Octets fields = request();
  fields.resize(fields.size() + 28);
  store_big_endian(MutableBytes(fields), wire::kHeaderLength, std::uint32_t{0xf0f0'001c});

  const Octets reply = server.ask(with_mac(fields, server.key_of(2)));

  EXPECT_EQ(reply.size(), 72U);
  EXPECT_TRUE(is_proven_by(reply, server.key_of(2)));
}

TEST(SignedAnswer, GoesToEveryClientWhateverTheKeysAddresses) {
  Server server;

  EXPECT_TRUE(is_proven_by(server.ask(with_mac(request(), server.key_of(4))), server.key_of(4)));
}

TEST(SignedAnswer, GoesToASymmetricPeerThatTheKeysAddressesAllow) {
  Server server;
  const Octets asked = with_mac(request(Mode::symmetric_active), server.key_of(4));

  EXPECT_TRUE(server.ask(asked).empty());
  EXPECT_EQ(server.count(Outcome::bad_mac), 1U);
  const Octets reply = server.from(0xc0000209).ask(asked);
  EXPECT_TRUE(is_proven_by(reply, server.key_of(4)));
  EXPECT_EQ(wire::decode_header(reply)->mode, Mode::symmetric_passive);
}

TEST(PlainAnswer, IsWhatAPlainRequestGets) {
  Server server;

  EXPECT_EQ(server.ask(request()).size(), 48U);
  EXPECT_EQ(server.ask(request(Mode::symmetric_active)).size(), 48U);
  EXPECT_EQ(server.count(Outcome::answered), 2U);
}

TEST(WrongMac, Cve2014_9296_GetsAClientACryptoNakAndNoTime) {
  const auto broken = [](const Server& server, std::uint32_t id) {
    Octets octets = with_mac(request(), server.key_of(id));
    octets.back() ^= std::byte{1};
    return octets;
  };
  const auto renamed = [](const Server& server, std::uint32_t id, std::uint32_t name) {
    Octets octets = with_mac(request(), server.key_of(id));
    store_big_endian(MutableBytes(octets), wire::kHeaderLength, name);
    return octets;
  };
  const Server keys;
  const struct {
    const char* what;
    Octets octets;
  } rows[] = {
      {"wrong digest, MD5", broken(keys, 1)},
      {"wrong digest, SHA1", broken(keys, 2)},
      {"wrong digest, AES-CMAC", broken(keys, 3)},
      {"unknown key", renamed(keys, 2, 77)},
      {"key number of 32 bits", renamed(keys, 2, 0x10002)},
      {"key 0 with a digest", renamed(keys, 2, 0)},
      {"untrusted key", with_mac(request(), keys.key_of(5))},
      {"digest of 16 for a key of 20", renamed(keys, 1, 2)},
      {"digest of 20 for a key of 16", renamed(keys, 2, 1)},
  };
  for (const auto& row : rows) {
    Server server;

    const Octets reply = server.ask(row.octets);

    EXPECT_TRUE(is_nak(reply)) << row.what;
    EXPECT_EQ(server.count(Outcome::answered_nak), 1U) << row.what;
    EXPECT_EQ(server.count(Outcome::answered_authenticated), 0U) << row.what;
  }
}

TEST(WrongMac, EachOctetOfTheRequestIsProven) {
  Server server;
  const Octets right = with_mac(request(), server.key_of(2));

  // Mode and version (octet 0) are judged before.
  for (std::size_t i = 1; i < right.size(); ++i) {
    Octets wrong = right;
    wrong[i] ^= std::byte{0x40};
    EXPECT_FALSE(is_proven_by(Server().ask(wrong), server.key_of(2))) << i;
  }
}

TEST(WrongMac, Cve2015_7871_AKeyNumberOfZeroBypassesNothing) {
  Server server;
  Octets nak = request(Mode::symmetric_active, 3);
  nak.resize(52);

  EXPECT_TRUE(server.ask(nak).empty()) << "mode 1 with a crypto-NAK's tail";
  EXPECT_EQ(server.count(Outcome::bad_mac), 1U);
}

TEST(WrongMac, Cve2016_4957_CryptoNaksInAnyModeGetNoAnswer) {
  for (unsigned mode = 0; mode < 8; ++mode) {
    for (const std::uint32_t id : {0U, 2U}) {
      Server server;
      Octets nak = request(static_cast<Mode>(mode), mode == 0 ? 1 : 4);
      nak.resize(52);
      store_big_endian(MutableBytes(nak), wire::kHeaderLength, id);

      EXPECT_TRUE(server.ask(nak).empty()) << "mode " << mode << ", key " << id;
    }
  }
}

TEST(WrongMac, InAnotherModeThanAClientsGetsNoCryptoNak) {
  for (const Mode mode : {Mode::symmetric_active, Mode::symmetric_passive, Mode::server, Mode::broadcast}) {
    Server server;
    Octets wrong = with_mac(request(mode), server.key_of(2));
    wrong.back() ^= std::byte{1};

    EXPECT_TRUE(server.ask(wrong).empty()) << static_cast<int>(mode);
  }
}

TEST(WrongMac, AStormGetsOneCryptoNakASecondForEachNetwork) {
  Server server;
  server.with_clients();
  Octets wrong = with_mac(request(), server.key_of(2));
  wrong.back() ^= std::byte{1};
  std::size_t naks = 0;

  for (int i = 0; i < 1000; ++i) {
    // Different hosts of one network.
    const Octets reply = server.at(0.01 * i).from(0xc6336400U + static_cast<std::uint32_t>(i % 250)).ask(wrong);
    EXPECT_TRUE(reply.empty() || is_nak(reply));
    naks += reply.empty() ? 0U : 1U;
  }

  EXPECT_EQ(naks, 10U);
  EXPECT_EQ(server.count(Outcome::answered_nak), 10U);
  EXPECT_EQ(server.count(Outcome::bad_mac), 990U);
  EXPECT_TRUE(is_nak(server.from(0x0a000001).ask(wrong))) << "another network waits for nobody";
}

TEST(SignedKiss, IsWhatASignedRequestGetsThatComesTooFast) {
  Server server;
  server.with_clients().restrict(Access::limited | Access::kod).limit_to_one();
  const Octets asked = with_mac(request(), server.key_of(2));
  ASSERT_EQ(wire::decode_header(server.ask(asked))->stratum, 2);

  const Octets kiss = server.ask(asked);

  ASSERT_EQ(kiss.size(), asked.size());
  EXPECT_TRUE(is_proven_by(kiss, server.key_of(2)));
  EXPECT_EQ(wire::decode_header(kiss)->refid, wire::kKissRate);
  EXPECT_EQ(wire::decode_header(kiss)->transmit, kT1) << "the client's own stamp";
  EXPECT_EQ(server.count(Outcome::kissed), 1U);
}

TEST(SignedKiss, IsNotForAWrongMac) {
  Server server;
  server.with_clients().restrict(Access::limited | Access::kod).limit_to_one();
  Octets wrong = with_mac(request(), server.key_of(2));
  wrong.back() ^= std::byte{1};
  EXPECT_TRUE(is_nak(server.ask(wrong)));

  EXPECT_TRUE(server.at(0.5).ask(wrong).empty());
  EXPECT_EQ(server.count(Outcome::limited), 1U);
}

TEST(Stranger, Cve2016_1549_ManyKeyedPeersFromOneAddressMobiliseNothing) {
  Server server;

  // The data plane has no way to the engine: each is answered, and nothing but its outcome is kept.
  for (const std::uint32_t id : {1U, 2U, 3U})
    for (int i = 0; i < 100; ++i) server.ask(with_mac(request(Mode::symmetric_active), server.key_of(id)));

  EXPECT_EQ(server.count(Outcome::answered_authenticated), 300U);
}

TEST(Stranger, Cve2018_7170_OneKeyFromManyAddressesMobilisesNothing) {
  Server server;
  const Octets packet = with_mac(request(Mode::symmetric_active), server.key_of(2));

  // The data plane has no way to the engine: each is answered or not, and nothing but its outcome is kept.
  for (std::uint32_t i = 0; i < 1000; ++i) server.from(0x0a000000 + i).ask(packet);

  EXPECT_EQ(server.count(Outcome::answered_authenticated), 1000U);
}

TEST(Stranger, Cve2015_7979_BroadcastsRightOrWrongChangeNothingAndGetNoAnswer) {
  Server server;
  const Octets right = with_mac(request(Mode::broadcast), server.key_of(2));
  Octets wrong = right;
  wrong.back() ^= std::byte{1};

  for (const Octets& octets : {right, right, wrong, request(Mode::broadcast)}) EXPECT_TRUE(server.ask(octets).empty());

  EXPECT_EQ(server.count(Outcome::not_a_request), 4U);
}

TEST(Notrust, LetsAuthenticatedRequestsThroughAlone) {
  Server server;
  server.restrict(Access::notrust);

  EXPECT_TRUE(server.ask(request()).empty());
  EXPECT_TRUE(server.ask(request(Mode::symmetric_active)).empty());
  EXPECT_EQ(server.count(Outcome::denied), 2U);
  EXPECT_TRUE(is_proven_by(server.ask(with_mac(request(), server.key_of(1))), server.key_of(1)));
  Octets wrong = with_mac(request(), server.key_of(1));
  wrong.back() ^= std::byte{1};
  EXPECT_TRUE(is_nak(server.ask(wrong)));
}

TEST(Notrust, IsNotGotRoundByExtensionFields) {
  Server server;
  server.restrict(Access::notrust);
  Octets fields = request();
  fields.resize(fields.size() + 28);
  store_big_endian(MutableBytes(fields), wire::kHeaderLength, std::uint32_t{0xf0f0'001c});

  EXPECT_TRUE(server.ask(fields).empty());
}

TEST(SignedAnswer, Cve2020_15025_LeavesNothingOnTheHeap) {
  Server server;
  const auto ask_often = [&] {
    for (const std::uint32_t id : {1U, 2U, 3U}) {
      const Octets right = with_mac(request(), server.key_of(id));
      Octets wrong = right;
      wrong.back() ^= std::byte{1};
      for (int i = 0; i < 10'000; ++i) {
        server.ask(right);
        server.ask(wrong);
      }
    }
  };
  ask_often();

  const std::size_t before = mallinfo2().uordblks;
  ask_often();

  EXPECT_LT(mallinfo2().uordblks, before + 10'000) << "less than an octet for each packet";
}

RC_GTEST_PROP(SignedAnswer, NeverGoesToARequestWithoutTheKey,
              (std::vector<std::uint8_t> octets, std::uint8_t first, std::uint8_t tail, std::uint8_t id)) {
  constexpr std::size_t kTails[] = {0, 4, 20, 24, 28, 48, 52};
  octets.resize(wire::kHeaderLength + kTails[tail % 7]);
  octets[0] = first;
  Octets packet(octets.size());
  std::transform(octets.begin(), octets.end(), packet.begin(), [](std::uint8_t octet) { return std::byte{octet}; });
  if (packet.size() >= 52) store_big_endian(MutableBytes(packet), 48, std::uint32_t{id % 7U});
  Server server;

  const Octets reply = server.ask(packet);

  RC_ASSERT(server.count(Outcome::answered_authenticated) == 0U);
  RC_ASSERT(reply.empty() || reply.size() == 48 || is_nak(reply));
}

}  // namespace
}  // namespace ntp::server
