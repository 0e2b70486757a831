// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/client_limits.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

TEST(ClientLimits, WithoutALineIsABucketOfTwentyAndOneASecond) {
  const policy::RateLimits limits = rate_limits({});

  EXPECT_FALSE(limits.is_classic);
  EXPECT_EQ(limits.average_per_s, 1.0);
  EXPECT_EQ(limits.burst, 20.0);
  EXPECT_EQ(limits.kiss_interval_s, 2.0);
}

TEST(ClientLimits, ALimitLineChangesTheBucket) {
  const policy::RateLimits limits = rate_limits({.limit = {.average_per_s = 4.0, .burst = 7.0, .kod_per_s = 0.25}});

  EXPECT_FALSE(limits.is_classic);
  EXPECT_EQ(limits.average_per_s, 4.0);
  EXPECT_EQ(limits.burst, 7.0);
  EXPECT_EQ(limits.kiss_interval_s, 4.0);
  EXPECT_TRUE(std::isinf(rate_limits({.limit = {.kod_per_s = 0.0}}).kiss_interval_s));
}

TEST(ClientLimits, ADiscardLineChoosesTheReferencesCounter) {
  const policy::RateLimits average = rate_limits({.discard = {.average_log2s = 5}, .limit = {.average_per_s = 4.0}});
  const policy::RateLimits minimum = rate_limits({.discard = {.minimum_s = 1}});
  const policy::RateLimits monitor = rate_limits({.discard = {.monitor_probability = 3000}});

  EXPECT_TRUE(average.is_classic && minimum.is_classic && monitor.is_classic);
  EXPECT_EQ(average.average_log2s, 5);
  EXPECT_EQ(average.minimum_s, 2);
  EXPECT_EQ(minimum.average_log2s, 3);
  EXPECT_EQ(minimum.minimum_s, 1);
}

TEST(ClientLimits, MonitoringIsOnUnlessDisabled) {
  EXPECT_TRUE(is_monitoring({}));
  EXPECT_TRUE(is_monitoring({.switches = {.monitor = true}}));
  EXPECT_FALSE(is_monitoring({.switches = {.monitor = false}}));
}

std::size_t octets_of(const config::Mru& mru) { return policy::ClientTable(client_table_sizes(mru), {1, 2}).octets(); }

TEST(ClientLimits, TheTableIsAsLargeAsMruSaysAndNoLarger) {
  EXPECT_LE(octets_of({}), 4096U * 1024U);
  EXPECT_GE(octets_of({}), 4000U * 1024U) << "nor much smaller";
  EXPECT_LE(octets_of({.max_kB = 1024}), 1024U * 1024U);
  EXPECT_EQ(client_table_sizes({.max_entries = 5000}).clients, 5000U);
  EXPECT_EQ(client_table_sizes({.max_entries = 1'000'000}).clients, 1'000'000U) << "the usual size is no limit then";
  EXPECT_EQ(client_table_sizes({.max_entries = -1}).clients, 1'000'000U) << "any number";
  EXPECT_EQ(client_table_sizes({.max_kB = -1}).clients, 1'000'000U);
}

TEST(ClientLimits, AbsurdSizesAreCut) {
  EXPECT_LE(client_table_sizes({.max_entries = 4'000'000'000'000}).clients, 300'000'000U);
  EXPECT_LE(client_table_sizes({.max_kB = 4'000'000'000'000}).clients, 300'000'000U);
  EXPECT_GE(policy::ClientTable(client_table_sizes({.max_kB = 0}), {1, 2}).capacity(), 1U);
}

TEST(ClientLimits, WhatIsListedFollowsMru) {
  const policy::ListedClients usual = listed_clients({});
  const policy::ListedClients told = listed_clients({.min_entries = 10, .max_entries = 100, .max_age_s = 64});

  EXPECT_EQ(usual.min_entries, 600U);
  EXPECT_EQ(usual.max_age_s, 3600.0);
  EXPECT_EQ(told.min_entries, 10U);
  EXPECT_EQ(told.max_entries, 100U);
  EXPECT_EQ(told.max_age_s, 64.0);
  EXPECT_EQ(listed_clients({.max_entries = -1}).max_entries, std::numeric_limits<std::size_t>::max());
}

}  // namespace
}  // namespace ntp::daemon
