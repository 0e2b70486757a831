// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/traffic.h"

#include <thread>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

Address at(std::uint32_t last) { return Address::v4(0xc0000200U + last); }

TEST(Traffic, IsCountedInAllAndByAddress) {
  Traffic traffic;
  traffic.woken(true);
  traffic.woken(false);
  traffic.received(at(1));
  traffic.received(at(2));
  traffic.received(at(1));
  traffic.ignored();
  traffic.sent(at(1), true);
  traffic.sent(at(2), false);

  EXPECT_EQ(
      traffic.counts(),
      (TrafficCounts{.received = 3, .sent = 1, .send_failed = 1, .ignored = 1, .wakeups = 2, .useful_wakeups = 1}));
  std::vector<AddressTraffic> rows;
  traffic.add_to(rows);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].local, at(1));
  EXPECT_EQ(rows[0].received, 2U);
  EXPECT_EQ(rows[0].sent, 1U);
  EXPECT_EQ(rows[1].received, 1U);
  EXPECT_EQ(rows[1].send_failed, 1U);
}

TEST(Traffic, WorkersAreAddedAddressByAddress) {
  Traffic one;
  Traffic two;
  one.received(at(1));
  two.received(at(2));
  two.received(at(1));

  std::vector<AddressTraffic> rows;
  one.add_to(rows);
  two.add_to(rows);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].received, 2U);
  TrafficCounts sum = one.counts();
  sum += two.counts();
  EXPECT_EQ(sum.received, 3U);
  EXPECT_EQ(sum.since(one.counts()).received, 2U);
}

TEST(Traffic, AddressesBeyondTheLimitAreOnlyInTheTotals) {
  Traffic traffic;
  for (std::uint32_t i = 0; i < Traffic::kMostAddresses + 5; ++i) traffic.received(at(i));

  EXPECT_EQ(traffic.counts().received, Traffic::kMostAddresses + 5);
  std::vector<AddressTraffic> rows;
  traffic.add_to(rows);
  EXPECT_EQ(rows.size(), Traffic::kMostAddresses);
}

TEST(Traffic, IsReadWhileItIsCounted) {
  Traffic traffic;
  std::thread counting([&] {
    for (std::uint32_t i = 0; i < 100'000; ++i) traffic.received(at(i % 80));
  });
  std::uint64_t last = 0;
  while (last < 100'000) {
    const std::uint64_t now = traffic.counts().received;
    EXPECT_GE(now, last);
    last = now;
    std::vector<AddressTraffic> rows;
    traffic.add_to(rows);
    for (const AddressTraffic& row : rows) EXPECT_TRUE(row.local.is_v4());
  }
  counting.join();
}

}  // namespace
}  // namespace ntp::daemon
