// SPDX-License-Identifier: BSD-2-Clause
#include "control/traps.h"

#include <gtest/gtest.h>

#include "control/control_test_kit.h"

namespace ntp::control::test {
namespace {

using policy::Access;
using wire::ControlError;
using wire::ControlOpcode;

Endpoint nth(std::uint32_t i) { return {Address::v4(0x7f000001U + i), 5000}; }

class TrapsOfService : public testing::Test {
 protected:
  TrapsOfService() { bench.be_this_host(); }

  bool set(std::uint32_t i) {
    bench.remote = nth(i);
    return !bench.ask({.opcode = ControlOpcode::set_trap}).at(0).header.is_error;
  }
  bool unset(std::uint32_t i) {
    bench.remote = nth(i);
    return !bench.ask({.opcode = ControlOpcode::unset_trap}).at(0).header.is_error;
  }
  /// Who is told of an event of the system.
  std::vector<Endpoint> told() {
    bench.replies.clear();
    bench.service.report(0, 5, bench.now, bench.replies);
    std::vector<Endpoint> to;
    for (const Reply& reply : taken_apart(bench.replies))
      if (reply.header.offset == 0) to.push_back(reply.to);
    return to;
  }

  Bench bench;
};

TEST_F(TrapsOfService, ThreeAreHeldForAnHour) {
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_TRUE(set(i));
  EXPECT_FALSE(set(3));
  EXPECT_EQ(told().size(), 3U);

  bench.wait(3599);
  EXPECT_TRUE(set(1)) << "goes on";
  bench.wait(2);
  EXPECT_EQ(told(), std::vector{nth(1)});
  EXPECT_TRUE(set(3));
}

TEST_F(TrapsOfService, AreUnsetByWhoSetThem) {
  set(0);

  EXPECT_FALSE(unset(1));
  EXPECT_TRUE(unset(0));
  EXPECT_TRUE(told().empty());
  bench.remote = nth(0);
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::unset_trap}).at(0).is_error(ControlError::unknown_association));
}

TEST_F(TrapsOfService, OfLowPriorityGiveWay) {
  bench.access = Access::lowpriotrap;
  for (std::uint32_t i = 0; i < 3; ++i) set(i);
  EXPECT_FALSE(set(3)) << "not to one another";

  bench.access = Access::none;
  EXPECT_TRUE(set(4));
  EXPECT_EQ(told().size(), 3U);
}

TEST_F(TrapsOfService, NotrapForbidsThem) {
  bench.access = Access::notrap;

  EXPECT_FALSE(set(0));
  EXPECT_FALSE(unset(0));
}

// A MAC covers no address: without a nonce, a captured request would point events at anybody.
TEST_F(TrapsOfService, CVE_2016_9310_AnotherHostNeedsKeyAndNonce) {
  bench.is_this_host = false;
  bench.remote = kStranger;
  const auto set_with = [&](std::string_view data) {
    return !bench.ask({.opcode = ControlOpcode::set_trap, .data = data, .key = bench.key(1)}).at(0).header.is_error;
  };
  EXPECT_FALSE(set_with(""));
  const std::string mine = "#nonce=" + bench.nonce() + "\n";
  EXPECT_TRUE(set_with(mine));
  EXPECT_EQ(told(), std::vector{kStranger});

  bench.remote = nth(5);
  EXPECT_FALSE(set_with(mine)) << "a replay under another address";
}

TEST_F(TrapsOfService, OfTheConfigurationStayAndTakeNoPlace) {
  bench.service.configure({.traps = {nth(10), nth(11)}});
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_TRUE(set(i));
  bench.wait(7200);
  EXPECT_EQ(told(), (std::vector{nth(10), nth(11)}));

  bench.service.configure({.traps = {nth(11)}});
  EXPECT_EQ(told(), std::vector{nth(11)});
}

TEST_F(TrapsOfService, MessagesAreNumberedAndTellTheSystem) {
  bench.service.configure({.traps = {nth(1)}});
  for (std::uint16_t sequence = 1; sequence <= 3; ++sequence) {
    bench.replies.clear();
    bench.service.report(0, 5, bench.now, bench.replies);
    const auto messages = taken_apart(bench.replies);

    ASSERT_GE(messages.size(), 2U);
    for (const Reply& message : messages) {
      EXPECT_EQ(message.header.sequence, sequence);
      EXPECT_EQ(message.header.opcode, 7);
      EXPECT_EQ(message.header.status, 0x0615);
      EXPECT_TRUE(message.header.is_response);
    }
    EXPECT_TRUE(messages[0].data.starts_with("leap=0, stratum=2,"));
    EXPECT_NE(whole_data(messages).find("sys_var_list=\"leap,stratum,"), std::string::npos);
  }
  EXPECT_GE(bench.service.counts(bench.now.mono).asynchronous, 6U);
}

TEST_F(TrapsOfService, BearTheVersionOfTheirRequest) {
  Octets octets = request({.opcode = ControlOpcode::set_trap});
  octets[0] = std::byte{0x1e};  // version 3
  bench.remote = nth(0);
  bench.send(octets);

  bench.replies.clear();
  bench.service.report(0, 5, bench.now, bench.replies);
  EXPECT_EQ(taken_apart(bench.replies).at(0).header.version, 3);
}

}  // namespace
}  // namespace ntp::control::test
