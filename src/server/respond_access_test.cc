// SPDX-License-Identifier: BSD-2-Clause
//
// What access control makes of requests, beyond what single flags do (respond_test.cc).
#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "server/respond.h"

namespace ntp::server {
namespace {

using policy::Access;

Address at(const char* text) { return Address::parse(text).value(); }

class AccessFixture {
 public:
  explicit AccessFixture(std::vector<policy::AccessRule> rules = {}, std::uint64_t dice = 0) {
    policy_.access = policy::AccessList(std::move(rules));
    worker_.dice = dice;
  }

  bool is_answered(const Endpoint& remote, const Address& local) {
    std::array<std::byte, wire::kHeaderLength> payload{};
    wire::encode_header({.transmit = Timestamp::from_parts(0xeeab3759, 1)}, payload);
    std::array<std::byte, kMaxReplyLength> reply{};
    const Verdict verdict = respond({.clock = clock_, .policy = policy_}, worker_,
                                    {.remote = remote, .local = local, .received = {}, .payload = payload}, {}, reply);
    return verdict.what == Verdict::What::reply;
  }
  [[nodiscard]] std::uint64_t count(Outcome outcome) const { return worker_.counts[static_cast<std::size_t>(outcome)]; }

 private:
  state::ClockState clock_;
  policy::Policy policy_;
  WorkerState worker_;
};

// CVE-2016-1551, CVE-2014-9298, CVE-2014-9751: a packet from the wire that says it comes from this host, or from one of its
// reference clocks, passed for this host's own.
TEST(RespondAccess, Cve2016_1551ALoopbackAddressFromTheWireIsNotThisHost) {
  struct Case {
    const char* remote;
    const char* local;
  };
  AccessFixture server({{.address = at("0.0.0.0"), .mask = at("0.0.0.0"), .flags = Access::noquery}});
  std::uint64_t dropped = 0;
  for (const auto& [remote, local] : std::to_array<Case>({{"127.0.0.1", "192.0.2.1"},
                                                          {"127.3.2.1", "192.0.2.1"},
                                                          {"127.127.1.0", "192.0.2.1"},
                                                          {"127.127.8.0", "10.0.0.1"},
                                                          {"::1", "2001:db8::1"},
                                                          {"::1", "fe80::1%2"}})) {
    EXPECT_FALSE(server.is_answered({at(remote), 40000}, at(local))) << remote << " to " << local;
    EXPECT_EQ(server.count(Outcome::bad_source), ++dropped) << remote << " to " << local;
  }

  EXPECT_TRUE(server.is_answered({at("127.0.0.1"), 40000}, at("127.0.0.1")));
  EXPECT_TRUE(server.is_answered({at("127.0.0.1"), 40000}, at("127.0.0.2")));
  EXPECT_TRUE(server.is_answered({at("::1"), 40000}, at("::1")));
  EXPECT_TRUE(server.is_answered({at("192.0.2.9"), 40000}, at("192.0.2.1")));
  EXPECT_TRUE(server.is_answered({at("127.0.0.1"), 40000}, Address())) << "the socket doesn't say where it came to";
}

constexpr int kRequests = 10'000;

std::vector<bool> flaky_answers(std::uint64_t dice) {
  AccessFixture server({{.address = at("192.0.2.0"), .mask = at("255.255.255.0"), .flags = Access::flake}}, dice);
  std::vector<bool> out;
  for (int i = 0; i < kRequests; ++i) out.push_back(server.is_answered({at("192.0.2.9"), 40000}, at("192.0.2.1")));
  EXPECT_EQ(server.count(Outcome::denied), static_cast<std::uint64_t>(std::count(out.begin(), out.end(), false)));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(server.is_answered({at("192.0.3.9"), 40000}, at("192.0.2.1")));
  return out;
}

TEST(RespondAccess, FlakeLosesOnePacketInTen) {
  for (const std::uint64_t dice : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x123456789abcdef0}}) {
    const auto answers = flaky_answers(dice);

    // Five standard deviations of a binomial distribution.
    EXPECT_NEAR(static_cast<double>(std::count(answers.begin(), answers.end(), false)), kRequests / 10.0, 150) << dice;
  }
}

TEST(RespondAccess, FlakeLosesOtherPacketsInEachWorker) { EXPECT_NE(flaky_answers(1), flaky_answers(2)); }

}  // namespace
}  // namespace ntp::server
