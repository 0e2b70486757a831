// SPDX-License-Identifier: BSD-2-Clause
#include "sim/world.h"

#include <bit>
#include <vector>

#include <gtest/gtest.h>

namespace ntp::sim {
namespace {

class Recorder final : public Node {
 public:
  using Node::Node;
  void start() override {}
  void on_packet(const Packet& packet) override {
    arrivals.push_back(world().now().seconds());
    last = packet;
  }
  void on_alarm(Alarm, std::uint64_t argument) override { alarms.push_back(argument); }

  std::vector<double> arrivals;
  std::vector<std::uint64_t> alarms;
  Packet last;
};

struct Pair {
  World world{1};
  Recorder& a = world.add(std::make_unique<Recorder>("a"));
  Recorder& b = world.add(std::make_unique<Recorder>("b"));

  Packet packet() const {
    Packet p{.from = {a.address(), 1000}, .to = {b.address(), 123}, .length = 48};
    return p;
  }
};

TEST(World, RunsEventsInOrderOfTimeAndThenOfTheirCreation) {
  Pair pair;
  pair.world.set_alarm(TrueTime::from_seconds(2), 0, Alarm::wake_up, 20);
  pair.world.set_alarm(TrueTime::from_seconds(1), 0, Alarm::wake_up, 10);
  pair.world.set_alarm(TrueTime::from_seconds(1), 0, Alarm::wake_up, 11);

  EXPECT_TRUE(pair.world.run_until(TrueTime::from_seconds(1.5)));
  EXPECT_EQ(pair.a.alarms, (std::vector<std::uint64_t>{10, 11}));

  EXPECT_TRUE(pair.world.run_until(TrueTime::from_seconds(3)));
  EXPECT_EQ(pair.a.alarms, (std::vector<std::uint64_t>{10, 11, 20}));
}

TEST(World, CarriesADatagramOverTheLink) {
  Pair pair;
  pair.world.connect(0, 1, {.delay_s = 0.25});

  pair.world.send(pair.packet(), 0.5);
  pair.world.run_until(TrueTime::from_seconds(2));

  ASSERT_EQ(pair.b.arrivals.size(), 1U);
  EXPECT_NEAR(pair.b.arrivals[0], 0.75, 1e-9);
}

TEST(World, LosesDatagramsBetweenNodesThatAreNotJoinedAndToUnknownAddresses) {
  Pair pair;
  Packet stray = pair.packet();
  stray.to.address = Address::v4(0x0a0000ff);

  pair.world.send(pair.packet());
  pair.world.send(stray);
  pair.world.run_until(TrueTime::from_seconds(2));

  EXPECT_TRUE(pair.b.arrivals.empty());
}

TEST(World, CorruptionFlipsOneBit) {
  Pair pair;
  pair.world.connect(0, 1, {.corruption = 1});

  Packet packet = pair.packet();
  packet.journey.emplace();
  pair.world.send(packet);
  pair.world.run_until(TrueTime::from_seconds(2));

  EXPECT_FALSE(pair.b.last.journey.has_value());
  int ones = 0;
  for (const std::byte octet : pair.b.last.octets) ones += std::popcount(std::to_integer<unsigned>(octet));
  EXPECT_EQ(ones, 1);
}

TEST(World, AViolationEndsTheRunAndNamesSeedAndTime) {
  Pair pair;
  pair.world.at(TrueTime::from_seconds(1), [&] { pair.world.fail("first"); });
  pair.world.at(TrueTime::from_seconds(2), [&] { pair.world.fail("second"); });

  EXPECT_FALSE(pair.world.run_until(TrueTime::from_seconds(3)));

  ASSERT_TRUE(pair.world.violation().has_value());
  EXPECT_EQ(pair.world.violation()->message(), "seed 1 at 1.0000000000: first");
}

}  // namespace
}  // namespace ntp::sim
