// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/live_access.h"

#include <gtest/gtest.h>

#include "daemon/policy_of.h"

namespace ntp::daemon {
namespace {

using config::Restrict;
using policy::Access;

constexpr MonoTime kStart = MonoTime::from_nanoseconds(1);

Address at(const char* text) { return *Address::parse(text); }

class LiveAccessTest : public testing::Test {
 protected:
  void set_lines(std::vector<Restrict> lines) {
    config_.restricts = std::move(lines);
    access_.set_lines(config_.restricts, kStart);
  }
  Access judged(const char* address) {
    const policy::Policy policy =
        policy_of({.config = config_, .hosts = &access_.hosts().addresses(), .sources = access_.sources()});
    return policy.access.match({at(address), 40000});
  }

  config::Config config_;
  std::vector<net::NameQuery> asked_;
  LiveAccess access_{[this](net::NameQuery query) {
    asked_.push_back(std::move(query));
    return true;
  }};
};

TEST_F(LiveAccessTest, TheRuleOfASourceGoesWithIt) {
  set_lines({{.is_source = true, .rule = {.flags = Access::noquery}}});
  ASSERT_TRUE(access_.wants_sources());

  EXPECT_TRUE(access_.set_sources({at("192.0.2.2"), at("192.0.2.1"), at("192.0.2.1")}));
  EXPECT_FALSE(access_.set_sources({at("192.0.2.1"), at("192.0.2.2")})) << "the same ones in another order";
  EXPECT_EQ(judged("192.0.2.1"), Access::noquery);

  EXPECT_TRUE(access_.set_sources({at("192.0.2.2")}));
  EXPECT_EQ(judged("192.0.2.1"), kBuiltInDefault);
  EXPECT_EQ(judged("192.0.2.2"), Access::noquery);
}

TEST_F(LiveAccessTest, WithoutARuleForSourcesNothingChanges) {
  set_lines({});

  EXPECT_FALSE(access_.wants_sources());
  EXPECT_FALSE(access_.set_sources({at("192.0.2.1")}));
  EXPECT_EQ(judged("192.0.2.1"), kBuiltInDefault);
}

TEST_F(LiveAccessTest, ANameIsInForceOnceItHasAnAddress) {
  set_lines({{.host = "a.example", .rule = {.flags = Access::ignore}}});
  access_.hosts().tick(kStart);
  EXPECT_EQ(judged("192.0.2.1"), kBuiltInDefault);

  access_.hosts().take({.token = asked_[0].token, .addresses = {at("192.0.2.1")}}, kStart);
  EXPECT_EQ(judged("192.0.2.1"), Access::ignore);

  access_.set_lines(config_.restricts, kStart);
  EXPECT_EQ(judged("192.0.2.1"), Access::ignore);
  set_lines({});
  EXPECT_EQ(judged("192.0.2.1"), kBuiltInDefault);
}

}  // namespace
}  // namespace ntp::daemon
