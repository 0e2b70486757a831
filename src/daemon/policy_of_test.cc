// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/policy_of.h"

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

config::Restrict line(std::uint32_t address, policy::Access flags) {
  return {.rule = {.address = Address::v4(address), .mask = Address::v4(0xffffffff), .flags = flags}};
}

std::size_t rule_of(const policy::Policy& policy, std::uint32_t address) {
  return policy.access.match_rule({Address::v4(address), 40000}).value();
}

TEST(PolicyOfLines, ARuleGoesOnWithItsHits) {
  config::Config config;
  config.restricts = {line(0xc0000201, policy::Access::noquery), line(0xc0000203, policy::Access::noquery)};
  const policy::Policy first = policy_of({.config = config, .workers = 2});
  first.hits->count(0, rule_of(first, 0xc0000201));
  first.hits->count(1, rule_of(first, 0xc0000201));
  first.hits->count(1, rule_of(first, 0xc0000203));

  config.restricts = {line(0xc0000201, policy::Access::noserve), line(0xc0000202, policy::Access::noquery)};
  const policy::Policy second = policy_of({.config = config, .workers = 1}, &first);
  second.hits->count(0, rule_of(second, 0xc0000202));
  second.hits->count(0, rule_of(second, 0xc0000201));

  const std::vector<std::uint64_t> sums = second.hits->sums();
  EXPECT_EQ(sums[rule_of(second, 0xc0000201)], 3U);
  EXPECT_EQ(sums[rule_of(second, 0xc0000202)], 1U);
  EXPECT_EQ(sums[rule_of(second, 0xc0000203)], 0U) << "the default's";
}

TEST(PolicyOfLines, IsMadeAnewOnlyIfWhatItReadsDiffers) {
  const config::Config before;
  const auto keys = std::make_shared<const policy::KeyRing>();
  const policy::Policy current = policy_of({.config = before, .keys = keys});
  const auto needs = [&](const config::Config& next) {
    return needs_another_policy(current, before, {.config = next, .keys = keys});
  };

  config::Config next = before;
  next.tos.min_sane = 2;
  next.servers.push_back({.name = "192.0.2.1"});
  next.variables.push_back({.name = "a", .value = "b"});
  EXPECT_FALSE(needs(next));
  EXPECT_TRUE(needs_another_policy(current, before, {.config = before, .keys = nullptr}));
  next = before;
  next.restricts = {line(0xc0000201, policy::Access::noquery)};
  EXPECT_TRUE(needs(next));
  next = before;
  next.discard.minimum_s = 5;
  EXPECT_TRUE(needs(next));
  next = before;
  next.limit.burst = 3;
  EXPECT_TRUE(needs(next));
  next = before;
  next.switches.monitor = false;
  EXPECT_TRUE(needs(next));
}

}  // namespace
}  // namespace ntp::daemon
