// SPDX-License-Identifier: BSD-2-Clause
//
// What a worker counts besides outcomes: which restrict line decided, and what keys were used for.
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "server/authentication.h"
#include "server/respond.h"

namespace ntp::server {
namespace {

Address at(const char* text) { return Address::parse(text).value(); }

class Counting {
 public:
  Counting() {
    policy_.access = policy::AccessList(
        {{.address = at("0.0.0.0"), .mask = at("0.0.0.0")},
         {.address = at("192.0.2.0"), .mask = at("255.255.255.0")},
         {.address = at("192.0.2.7"), .mask = at("255.255.255.255"), .flags = policy::Access::ignore}});
    policy_.hits = std::make_shared<policy::RuleHits>(policy_.access.rules().size(), 2);
    constexpr std::string_view kSecret = "a secret";
    std::vector<policy::Key> keys;
    keys.push_back({.id = 1,
                    .mac = crypto::MacKey::make("SHA1", std::as_bytes(std::span(kSecret))).value(),
                    .addresses = {},
                    .is_trusted = true});
    policy_.keys = std::make_shared<const policy::KeyRing>(std::move(keys));
  }
  void ask(WorkerState& worker, const char* remote, std::vector<std::byte> payload) const {
    std::array<std::byte, kMaxReplyLength> reply{};
    const Verdict verdict = respond(
        {.clock = clock_, .policy = policy_}, worker,
        {.remote = {at(remote), 40000}, .local = at("192.0.2.1"), .received = {}, .payload = payload}, {}, reply);
    if (verdict.what == Verdict::What::reply) {
      EXPECT_TRUE(finish(worker, verdict, {}, reply));
    }
  }
  [[nodiscard]] std::vector<std::byte> time_request(std::uint32_t key_id = 0) const {
    std::vector<std::byte> payload(wire::kHeaderLength);
    wire::encode_header({.transmit = Timestamp::from_parts(0xeeab3759, 1)}, payload);
    if (key_id == 0) return payload;
    const policy::Key& key = *policy_.keys->find(1);
    crypto::MacWorkspace macs;
    payload.resize(wire::kHeaderLength + mac_length(key));
    EXPECT_TRUE(sign(key, macs, payload, wire::kHeaderLength));
    store_big_endian(MutableBytes(payload), wire::kHeaderLength, key_id);
    return payload;
  }
  [[nodiscard]] std::vector<std::uint64_t> hits() const { return policy_.hits->sums(); }

 private:
  state::ClockState clock_;
  policy::Policy policy_;
};

TEST(RespondCounts, TheLineThatDecidesIsHit) {
  const Counting server;
  WorkerState first;
  WorkerState second;
  second.number = 1;
  server.ask(first, "192.0.2.7", server.time_request());
  server.ask(first, "192.0.2.8", server.time_request());
  server.ask(second, "192.0.2.8", server.time_request());
  server.ask(second, "198.51.100.1", server.time_request());
  server.ask(second, "2001:db8::1", server.time_request());

  // The greatest address first; no line is for IPv6.
  EXPECT_EQ(server.hits(), (std::vector<std::uint64_t>{1, 2, 1}));
}

TEST(RespondCounts, QueriesHitTheirLineToo) {
  const Counting server;
  WorkerState worker;
  std::vector<std::byte> query(12);
  query[0] = std::byte{0x16};
  query[1] = std::byte{2};
  server.ask(worker, "192.0.2.8", query);
  EXPECT_EQ(server.hits(), (std::vector<std::uint64_t>{0, 1, 0}));
}

TEST(RespondCounts, EachPacketHitsOneLineOnce) {
  const Counting server;
  WorkerState worker;
  for (int i = 0; i < 100; ++i) server.ask(worker, "198.51.100.1", server.time_request(i % 2 == 0 ? 0 : 1));
  EXPECT_EQ(server.hits(), (std::vector<std::uint64_t>{0, 0, 100}));
}

TEST(RespondCounts, KeysAreLookedUpVerifiedAndSignedWith) {
  const Counting server;
  WorkerState worker;
  server.ask(worker, "192.0.2.8", server.time_request());
  EXPECT_EQ(worker.keys, state::KeyUse{});
  server.ask(worker, "192.0.2.8", server.time_request(1));
  EXPECT_EQ(worker.keys, (state::KeyUse{.lookups = 1, .signed_packets = 1, .verified_packets = 1}));
  server.ask(worker, "192.0.2.8", server.time_request(9));
  EXPECT_EQ(worker.keys, (state::KeyUse{.lookups = 2, .not_found = 1, .signed_packets = 1, .verified_packets = 1}));
}

}  // namespace
}  // namespace ntp::server
