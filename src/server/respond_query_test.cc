// SPDX-License-Identifier: BSD-2-Clause
//
// Which queries (modes 6 and 7) get through to the control service, and what is said of who sent them.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "policy/client_table.h"
#include "server/respond.h"

namespace ntp::server {
namespace {

using policy::Access;
using policy::AccessRule;

Address at(const char* text) { return Address::parse(text).value(); }

AccessRule rule(const char* address, unsigned length, Access flags) {
  return {.address = at(address), .mask = policy::prefix_mask(at(address).family(), length), .flags = flags};
}

std::vector<std::byte> octets(std::initializer_list<unsigned> start, std::size_t length) {
  std::vector<std::byte> out(length);
  std::transform(start.begin(), start.end(), out.begin(), [](unsigned octet) { return std::byte(octet); });
  return out;
}

const std::vector<std::byte> kReadVariables = octets({0x16, 0x02, 0x00, 0x01}, 12);
const std::vector<std::byte> kListClients = octets({0x17, 0x00, 0x03, 0x2a}, 48);

class QueryFixture {
 public:
  explicit QueryFixture(std::vector<AccessRule> rules = {}) { policy_.access = policy::AccessList(std::move(rules)); }

  Verdict ask(Bytes payload, const char* remote = "198.51.100.2", std::uint16_t port = 40000) {
    std::array<std::byte, kMaxReplyLength> reply{};
    return respond({.clock = clock_, .policy = policy_, .clients = &clients_}, worker_,
                   {.remote = {at(remote), port}, .local = at(local_), .received = {}, .payload = payload}, {}, reply);
  }
  bool is_heard(Bytes payload, const char* remote = "198.51.100.2", std::uint16_t port = 40000) {
    return ask(payload, remote, port).what == Verdict::What::to_control;
  }
  QueryFixture& to(const char* local) {
    local_ = local;
    return *this;
  }
  [[nodiscard]] std::uint64_t count(Outcome outcome) const { return worker_.counts[static_cast<std::size_t>(outcome)]; }
  [[nodiscard]] std::uint64_t older_versions() const { return worker_.older_version; }
  [[nodiscard]] const policy::ClientTable& clients() const { return clients_; }

 private:
  state::ClockState clock_;
  policy::Policy policy_;
  policy::ClientTable clients_{{.clients = 100}, {1, 2}};
  WorkerState worker_;
  const char* local_ = "192.0.2.1";
};

TEST(RespondQuery, QueriesOfBothModesAndAllVersionsGoToTheControlService) {
  QueryFixture server;
  for (unsigned version = 1; version <= 4; ++version) {
    auto control = kReadVariables;
    auto old = kListClients;
    control[0] = std::byte(version << 3U | 6U);
    old[0] = std::byte(version << 3U | 7U);

    EXPECT_TRUE(server.is_heard(control)) << version;
    EXPECT_TRUE(server.is_heard(old)) << version;
    EXPECT_TRUE(server.is_heard(Bytes(old).first(8))) << version;
  }
  EXPECT_EQ(server.count(Outcome::to_control), 12U);
  EXPECT_EQ(server.older_versions(), 9U);

  for (const unsigned version : {0U, 5U, 6U, 7U}) {
    auto control = kReadVariables;
    control[0] = std::byte(version << 3U | 6U);
    EXPECT_FALSE(server.is_heard(control)) << version;
  }
  EXPECT_EQ(server.count(Outcome::bad_version), 4U);
}

TEST(RespondQuery, WhatIsTooShortOrTooLongIsNoQuery) {
  QueryFixture server;
  std::uint64_t refused = 0;
  for (std::size_t length = 1; length <= kMaxQueryLength + 2; ++length) {
    const bool is_control = server.is_heard(octets({0x16, 0x02}, length));
    const bool is_private = server.is_heard(octets({0x17, 0x00}, length));

    EXPECT_EQ(is_control, length >= 12 && length <= kMaxQueryLength) << length;
    EXPECT_EQ(is_private, length >= 8 && length <= kMaxQueryLength) << length;
    refused += std::uint64_t{!is_control} + std::uint64_t{!is_private};
  }
  EXPECT_EQ(server.count(Outcome::bad_length), refused);
}

// Two servers that answer each other's errors never stop.
TEST(RespondQuery, Cve2009_3563AReplyIsNeverAQuery) {
  QueryFixture server;
  auto control = kReadVariables;
  auto old = kListClients;
  control[1] |= std::byte{0x80};
  old[0] |= std::byte{0x80};

  for (const std::uint16_t port : {std::uint16_t{123}, std::uint16_t{40000}}) {
    EXPECT_FALSE(server.is_heard(control, "198.51.100.2", port));
    EXPECT_FALSE(server.is_heard(old, "198.51.100.2", port));
  }
  EXPECT_EQ(server.count(Outcome::not_a_request), 4U);
}

TEST(RespondQuery, ABadSourceIsNotHeard) {
  QueryFixture server;

  EXPECT_FALSE(server.is_heard(kReadVariables, "198.51.100.2", 0));
  EXPECT_FALSE(server.is_heard(kReadVariables, "224.0.1.1"));
  EXPECT_FALSE(server.is_heard(kReadVariables, "192.0.2.1", 123)) << "our own address and port";
  EXPECT_FALSE(server.is_heard(kReadVariables, "127.0.0.1")) << "from the wire";
  EXPECT_FALSE(server.to("2001:db8::1").is_heard(kReadVariables, "::1")) << "from the wire";
  EXPECT_EQ(server.count(Outcome::bad_source), 5U);
  EXPECT_TRUE(server.to("127.0.0.1").is_heard(kReadVariables, "127.0.0.1"));
}

TEST(RespondQuery, NoqueryAndIgnoreForbidItAndNothingElseDoes) {
  for (unsigned bit = 0; bit < 18; ++bit) {
    const auto flag = static_cast<Access>(1U << bit);
    QueryFixture server({rule("0.0.0.0", 0, flag)});
    const bool is_forbidden = flag == Access::ignore || flag == Access::noquery;

    const Verdict verdict = server.ask(kReadVariables);

    EXPECT_EQ(verdict.what == Verdict::What::to_control, !is_forbidden) << bit;
    EXPECT_EQ(server.count(Outcome::denied), is_forbidden ? 1U : 0U) << bit;
    EXPECT_EQ(verdict.access, is_forbidden ? Access::none : flag) << "the control service has to know";
  }
}

TEST(RespondQuery, WhoHasALineOfItsOwnOrMayAmplifyIsTold) {
  QueryFixture server({rule("0.0.0.0", 0, Access::noserve), rule("192.0.2.0", 24, Access::amplify),
                       rule("198.51.100.7", 32, Access::limited), rule("198.51.100.8", 31, Access::limited),
                       rule("2001:db8::7", 128, Access::none), rule("2001:db8::8", 127, Access::none)});

  EXPECT_FALSE(server.ask(kReadVariables, "203.0.113.1").has_own_line);
  EXPECT_TRUE(server.ask(kReadVariables, "192.0.2.77").has_own_line);
  EXPECT_TRUE(server.ask(kReadVariables, "198.51.100.7").has_own_line);
  EXPECT_FALSE(server.ask(kReadVariables, "198.51.100.8").has_own_line);
  EXPECT_TRUE(server.to("2001:db8::1").ask(kReadVariables, "2001:db8::7").has_own_line);
  EXPECT_FALSE(server.ask(kReadVariables, "2001:db8::8").has_own_line);
  EXPECT_FALSE(server.ask(kReadVariables, "2001:db8:1::8").has_own_line) << "no rule at all";
}

TEST(RespondQuery, TheTemplateOfRestrictSourceIsNobodysOwnLine) {
  AccessRule of_source = rule("198.51.100.7", 32, Access::limited);
  of_source.is_of_source = true;
  QueryFixture server({of_source});

  const Verdict verdict = server.ask(kReadVariables, "198.51.100.7");

  EXPECT_EQ(verdict.what, Verdict::What::to_control);
  EXPECT_FALSE(verdict.has_own_line);
}

TEST(RespondQuery, TheSenderIsCountedAmongTheClientsAndNeverLimited) {
  QueryFixture server({rule("0.0.0.0", 0, Access::limited | Access::kod)});

  for (int i = 0; i < 100; ++i) EXPECT_TRUE(server.is_heard(kReadVariables));
  EXPECT_EQ(server.clients().snapshot({}).size(), 1U);
}

RC_GTEST_PROP(RespondQueryProperties, NoQueryIsAnsweredFromHere, (std::vector<std::uint8_t> tail, std::uint8_t first)) {
  QueryFixture server;
  std::vector<std::byte> payload(1 + tail.size());
  payload[0] = std::byte((first & 0xf8U) | 6U | (first & 1U));
  std::transform(tail.begin(), tail.end(), payload.begin() + 1, [](std::uint8_t octet) { return std::byte(octet); });

  RC_ASSERT(server.ask(payload).what != Verdict::What::reply);
}

}  // namespace
}  // namespace ntp::server
