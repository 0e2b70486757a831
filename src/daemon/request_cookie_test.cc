// SPDX-License-Identifier: BSD-2-Clause
//
// The transmit stamp of a request is what keeps a forger out who can't see it: whether it is as random as it looks, made with
// the source of randomness that the daemon has.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>

#include "engine/exchange.h"
#include "engine/test_kit.h"
#include "net/system_random.h"

namespace ntp::daemon {
namespace {

constexpr std::size_t kRequests = 100'000;

std::vector<std::uint64_t> cookies(Random& random) {
  engine::Association a(engine::test::server());
  const engine::Now now = engine::test::now(0);  // the clock stands still, as far as it could help
  std::vector<std::uint64_t> out;
  out.reserve(kRequests);
  for (std::size_t i = 0; i < kRequests; ++i) {
    engine::Effects effects;
    EXPECT_TRUE(engine::send_request(a, {.now = &now}, random, effects));
    out.push_back(wire::decode_header(std::get<engine::Send>(effects.back()).payload())->transmit.bits());
  }
  return out;
}

/// How far the bit that is set most or least often is from one half, in standard deviations of fair coins.
double greatest_bias(const std::vector<std::uint64_t>& words) {
  std::array<double, 64> ones{};
  for (const std::uint64_t word : words)
    for (unsigned bit = 0; bit < 64; ++bit) ones[bit] += static_cast<double>((word >> bit) & 1U);
  const auto count = static_cast<double>(words.size());
  double greatest = 0;
  for (const double n : ones) greatest = std::max(greatest, std::abs(n - count / 2) / std::sqrt(count / 4));
  return greatest;
}

/// Each word, made into what it has in common with the one before, turned by so many bits.
std::vector<std::uint64_t> differences(const std::vector<std::uint64_t>& words, int turn) {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 1; i < words.size(); ++i) out.push_back(words[i] ^ std::rotl(words[i - 1], turn));
  return out;
}

/// Fair coins get there once in 10^9 for one bit; some 4000 bits are looked at.
constexpr double kMostBias = 6.5;

TEST(RequestCookie, Cve2020_13817_Has64BitsThatNobodyCanForetell) {
  net::SystemRandom random;
  const std::vector<std::uint64_t> words = cookies(random);

  // Two of 10^5 are equal once in 4 * 10^9 runs if there are 64 bits; below 40 bits they hardly ever all differ.
  EXPECT_EQ(std::unordered_set(words.begin(), words.end()).size(), kRequests);
  EXPECT_LT(greatest_bias(words), kMostBias);
  for (int turn = 0; turn < 64; ++turn) EXPECT_LT(greatest_bias(differences(words, turn)), kMostBias) << turn;
}

TEST(RequestCookie, ACounterOrAClockWouldNotPass) {
  class Counter final : public Random {
   public:
    std::uint64_t next64() override { return value_ += 0x1'0000'0001; }

   private:
    std::uint64_t value_ = 0xe000'0000'0000'0000;
  } counter;

  EXPECT_GT(greatest_bias(cookies(counter)), kMostBias);
}

}  // namespace
}  // namespace ntp::daemon
