// SPDX-License-Identifier: BSD-2-Clause
//
// Tests of the small pieces: ring, bytes, random, assert.
#include <array>
#include <deque>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/ring.h"

namespace ntp {
namespace {

RC_GTEST_PROP(Ring, BehavesLikeADequeThatForgetsItsOldest, (const std::vector<int>& values)) {
  Ring<int, 5> ring;
  std::deque<int> model;

  for (const int value : values) {
    ring.push(value);
    model.push_back(value);
    if (model.size() > 5) model.pop_front();

    RC_ASSERT(ring.size() == model.size());
    for (std::size_t i = 0; i < model.size(); ++i) RC_ASSERT(ring[i] == model[i]);
    RC_ASSERT(ring.oldest() == model.front());
    RC_ASSERT(ring.newest() == model.back());
  }
}

TEST(Ring, StartsAgainAfterClear) {
  Ring<int, 2> ring;
  for (const int value : {1, 2, 3}) ring.push(value);

  ring.clear();
  EXPECT_TRUE(ring.empty());
  ring.push(7);

  EXPECT_EQ(ring.size(), 1U);
  EXPECT_EQ(ring.oldest(), 7);
}

TEST(RingDeathTest, AbortsOnAnIndexBeyondItsSize) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Ring<int, 2> ring;
  ring.push(1);

  EXPECT_DEATH((void)ring[1], "assertion failed: index < size_");
}

RC_GTEST_PROP(BigEndian, IsMostSignificantFirstAtAnyOffset, (std::uint64_t value, std::uint8_t any)) {
  const std::size_t offset = any % 9;  // also offsets that are no multiple of anything
  std::array<std::byte, 16> octets{};

  store_big_endian(octets, offset, value);

  for (std::size_t i = 0; i < 8; ++i)
    RC_ASSERT(std::to_integer<std::uint64_t>(octets[offset + i]) == ((value >> (56 - 8 * i)) & 0xff));
  RC_ASSERT(load_big_endian<std::uint64_t>(octets, offset) == value);
  RC_ASSERT(load_big_endian<std::uint32_t>(octets, offset) == value >> 32);
  RC_ASSERT(load_big_endian<std::uint16_t>(octets, offset + 6) == (value & 0xffff));
  RC_ASSERT(load_big_endian<std::uint8_t>(octets, offset + 7) == (value & 0xff));
}

TEST(BigEndian, WritesNothingButItsOwnOctets) {
  std::array<std::byte, 4> octets{};

  store_big_endian(octets, 1, std::uint16_t{0xffff});

  EXPECT_EQ(octets, (std::array{std::byte{0}, std::byte{0xff}, std::byte{0xff}, std::byte{0}}));
}

TEST(BigEndianDeathTest, AbortsBeyondTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  std::array<std::byte, 4> octets{};

  EXPECT_DEATH((void)load_big_endian<std::uint32_t>(octets, 1), "assertion failed");
  EXPECT_DEATH((void)load_big_endian<std::uint32_t>(octets, SIZE_MAX), "assertion failed");
  EXPECT_DEATH(store_big_endian(octets, 3, std::uint16_t{1}), "assertion failed");
}

TEST(SeededRandom, GivesTheSameSequenceForTheSameSeed) {
  // The first numbers of splitmix64 with seed 1234567, as published with the generator.
  SeededRandom random(1234567);

  EXPECT_EQ(random.next64(), 6457827717110365317U);
  EXPECT_EQ(random.next64(), 3203168211198807973U);
}

RC_GTEST_PROP(SeededRandom, UniformNumbersStayBelowOne, (std::uint64_t seed)) {
  SeededRandom random(seed);

  for (int i = 0; i < 100; ++i) {
    const double u = random.uniform();
    RC_ASSERT(u >= 0.0);
    RC_ASSERT(u < 1.0);
  }
}

}  // namespace
}  // namespace ntp
