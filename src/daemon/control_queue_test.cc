// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_queue.h"

#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

constexpr std::array kOctets = {std::byte{0x16}, std::byte{0x02}, std::byte{0x00}, std::byte{0x07}};

ReceivedQuery query(const char* remote, std::uint16_t port, bool has_own_line = false) {
  return {.remote = {Address::parse(remote).value(), port},
          .local = Address::parse("192.0.2.1").value(),
          .interface_index = 3,
          .has_own_line = has_own_line,
          .payload = kOctets};
}

std::vector<std::uint16_t> ports(ControlQueue& queue) {
  std::vector<std::uint16_t> out;
  for (auto place = std::make_unique<ControlQueue::Place>(); queue.take(*place);)
    out.push_back(place->query.remote.port);
  return out;
}

TEST(ControlQueue, ServesThisHostFirstThenWhoIsNamedThenStrangers) {
  ControlQueue queue;
  EXPECT_TRUE(queue.offer(query("203.0.113.9", 1)));
  EXPECT_TRUE(queue.offer(query("203.0.113.8", 2, true)));
  EXPECT_TRUE(queue.offer(query("127.0.0.1", 3)));
  EXPECT_TRUE(queue.offer(query("::1", 4)));
  EXPECT_TRUE(queue.offer(query("192.0.2.1", 5)));
  EXPECT_TRUE(queue.offer(query("203.0.113.8", 6, true)));
  EXPECT_TRUE(queue.offer(query("203.0.113.9", 7)));

  EXPECT_EQ(ports(queue), (std::vector<std::uint16_t>{3, 4, 5, 2, 6, 1, 7}));
  EXPECT_TRUE(queue.is_empty());
}

TEST(ControlQueue, KeepsAllThatIsKnownOfAQuery) {
  ControlQueue queue;
  ReceivedQuery given = query("203.0.113.9", 1, true);
  given.access = policy::Access::nomodify;
  given.received = Timestamp::from_parts(7, 8);
  queue.offer(given);
  auto place = std::make_unique<ControlQueue::Place>();

  ASSERT_TRUE(queue.take(*place));

  EXPECT_EQ(place->query.remote, given.remote);
  EXPECT_EQ(place->query.local, given.local);
  EXPECT_EQ(place->query.interface_index, 3U);
  EXPECT_EQ(place->query.received, given.received);
  EXPECT_EQ(place->query.access, given.access);
  EXPECT_TRUE(place->query.has_own_line);
  EXPECT_TRUE(std::ranges::equal(place->query.payload, kOctets));
  EXPECT_EQ(place->query.payload.data(), place->octets.data()) << "not of the queue's own memory";
}

TEST(ControlQueue, AFloodOfStrangersTakesNobodyElsesPlace) {
  ControlQueue queue;
  for (int i = 0; i < 1000; ++i) queue.offer(query("203.0.113.9", 9));

  EXPECT_EQ(queue.dropped(), 1000 - ControlQueue::kRoom[3]);
  EXPECT_FALSE(queue.offer(query("203.0.113.9", 9)));
  EXPECT_TRUE(queue.offer(query("203.0.113.8", 2, true)));
  EXPECT_TRUE(queue.offer(query("127.0.0.1", 1)));
  const auto served = ports(queue);
  EXPECT_EQ(served.size(), ControlQueue::kRoom[3] + 2);
  EXPECT_EQ(served[0], 1);
  EXPECT_EQ(served[1], 2);
  EXPECT_TRUE(queue.offer(query("203.0.113.9", 9))) << "there is room again";
}

TEST(ControlQueue, WhoNamesTheOperatorsKeyHasALaneBeforeStrangers) {
  ControlQueue queue;
  for (int i = 0; i < 1000; ++i) queue.offer(query("203.0.113.9", 9));
  ReceivedQuery keyed = query("203.0.113.7", 4);
  keyed.names_key = true;
  EXPECT_TRUE(queue.offer(keyed));
  EXPECT_TRUE(queue.offer(query("203.0.113.8", 2, true)));

  const auto served = ports(queue);

  EXPECT_EQ(served[0], 2);
  EXPECT_EQ(served[1], 4);
  EXPECT_EQ(served[2], 9);
}

TEST(ControlQueue, AKeyIsNamedWhereAMacBegins) {
  const policy::KeyRing keys({}, 7, 0x01020304);
  const auto names = [&](std::size_t length, std::size_t digest, std::uint32_t id) {
    std::vector<std::byte> octets(length + 4 + digest);
    store_big_endian(MutableBytes(octets), length, id);
    return names_operators_key(octets, &keys);
  };
  for (const std::size_t digest : {16U, 20U}) {
    EXPECT_TRUE(names(12, digest, 7));
    EXPECT_TRUE(names(16, digest, 0x01020304));
    EXPECT_TRUE(names(184, digest, 7));
    EXPECT_FALSE(names(16, digest, 8));
    EXPECT_FALSE(names(8, digest, 7)) << "no header before it";
  }
  const std::vector<std::byte> plain(12);
  EXPECT_FALSE(names_operators_key(plain, &keys));
  EXPECT_FALSE(names_operators_key(plain, nullptr));
  const policy::KeyRing none;
  EXPECT_FALSE(names_operators_key(std::vector<std::byte>(32), &none)) << "no key is no key 0";
}

TEST(ControlQueue, EveryLaneHasAnEnd) {
  for (const bool has_own_line : {false, true}) {
    ControlQueue queue;
    std::size_t taken = 0;
    for (int i = 0; i < 1000; ++i)
      taken += queue.offer(query(has_own_line ? "203.0.113.8" : "127.0.0.1", 1, has_own_line));
    EXPECT_EQ(taken, ControlQueue::kRoom[has_own_line ? 1 : 0]);
    EXPECT_EQ(queue.dropped(), 1000 - taken);
  }
}

TEST(ControlQueue, WakesOnceUntilItIsEmptyAgain) {
  ControlQueue queue;
  int wakes = 0;
  queue.on_filled([&] { ++wakes; });

  queue.offer(query("127.0.0.1", 1));
  queue.offer(query("127.0.0.1", 2));
  EXPECT_EQ(wakes, 1);

  ports(queue);
  queue.offer(query("127.0.0.1", 3));
  EXPECT_EQ(wakes, 2);
}

TEST(ControlQueue, ManyThreadsMayOffer) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  ControlQueue queue;
  std::atomic<std::uint64_t> taken{0};
  std::atomic<bool> is_over{false};
  std::uint64_t got = 0;
  std::thread taker([&] {
    auto place = std::make_unique<ControlQueue::Place>();
    while (!is_over.load() || !queue.is_empty())
      if (queue.take(*place)) ++got;
  });
  {
    std::vector<std::thread> givers;
    for (int t = 0; t < kThreads; ++t)
      givers.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) taken += queue.offer(query("203.0.113.9", 9));
      });
    for (std::thread& giver : givers) giver.join();
  }
  is_over.store(true);
  taker.join();

  EXPECT_EQ(got, taken.load());
  EXPECT_EQ(got + queue.dropped(), std::uint64_t{kThreads} * kEach);
}

}  // namespace
}  // namespace ntp::daemon
