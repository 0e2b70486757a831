// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/drift_court.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "estimator/test_kit.h"

namespace ntp::estimator {
namespace {

using test::Noise;
using test::raw;

constexpr double kPoll_s = 64;

/// A source whose time drifts, and how well it is known.
struct Claim {
  double drift = 0;
  double deviation_s = 1e-6;
};

/// Hearings each 64 s; our own clock runs 50 ppm fast, which is no source's fault.
void hold_hearings(DriftCourt& court, const std::vector<Claim>& claims, double from_s, double to_s, Noise& random) {
  for (double now_s = from_s; now_s < to_s; now_s += kPoll_s) {
    std::vector<Witness> witnesses;
    for (std::size_t i = 0; i < claims.size(); ++i)
      witnesses.push_back({.id = static_cast<SourceId>(i + 1),
                           .offset_s = 5e-5 * now_s + claims[i].drift * now_s + claims[i].deviation_s * random.normal(),
                           .variance = claims[i].deviation_s * claims[i].deviation_s});
    court.hear(raw(now_s), witnesses);
  }
}

std::vector<SourceId> convicted_after(const std::vector<Claim>& claims, double duration_s, std::uint64_t seed = 1) {
  DriftCourt court;
  Noise random(seed);
  hold_hearings(court, claims, 0, duration_s, random);
  std::vector<SourceId> result;
  for (SourceId id = 1; id <= claims.size(); ++id)
    if (court.is_convicted(id, raw(duration_s))) result.push_back(id);
  return result;
}

TEST(DriftCourt, ConvictsADriftingMinority) {
  EXPECT_EQ(convicted_after({{}, {1e-6}, {}, {-3e-7}, {}}, 1800), (std::vector<SourceId>{2, 4}));
  EXPECT_EQ(convicted_after({{1e-7}, {1e-7}, {}, {}, {}}, 1800), (std::vector<SourceId>{1, 2}));
  EXPECT_EQ(convicted_after({{}, {}, {5e-7}}, 1800), (std::vector<SourceId>{3}));
}

// Seen in a simulation: at the moment when a drift is first noticed, a drifting source agrees with some honest ones and not
// with others, and the largest set that agrees may leave an honest one out.
TEST(DriftCourt, ConvictsNoHonestSourceWhileADriftIsHardlyVisible) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_EQ(convicted_after({{}, {}, {1e-7}, {}, {}}, 1800, seed), (std::vector<SourceId>{3})) << seed;
    EXPECT_EQ(convicted_after({{1e-7}, {1e-7}, {}, {}, {}}, 1800, seed), (std::vector<SourceId>{1, 2})) << seed;
    EXPECT_EQ(convicted_after({{}, {1e-7}, {-1e-7}, {}, {}}, 1800, seed), (std::vector<SourceId>{2, 3})) << seed;
  }
}

TEST(DriftCourt, ConvictsNobodyWithoutAMajority) {
  EXPECT_TRUE(convicted_after({{}, {}, {1e-6}, {1e-6}}, 3600).empty());
  EXPECT_TRUE(convicted_after({{}, {}, {1e-6}, {2e-6}, {3e-6}}, 3600).empty());
  EXPECT_TRUE(convicted_after({{}, {1e-6}}, 3600).empty());
  EXPECT_TRUE(convicted_after({{1e-5}}, 3600).empty());
  EXPECT_TRUE(convicted_after({}, 3600).empty());
}

TEST(DriftCourt, ToleratesWhatHonestServersSteerTheirClocksBy) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_TRUE(convicted_after({{}, {1.5e-8}, {}, {-5e-9}}, 6 * 3600, seed).empty()) << seed;
}

TEST(DriftCourt, ConvictsNoHonestSourceBecauseTheWrongOneIsPrecise) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const SourceId id : convicted_after({{0, 3e-5}, {0, 5e-5}, {2e-7, 1e-8}, {0, 1e-4}}, 2 * 3600, seed))
      EXPECT_EQ(id, 3U) << seed;
}

TEST(DriftCourt, ConvictsNoNoise) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_TRUE(convicted_after({{}, {0, 1e-3}, {0, 1e-5}, {0, 1e-4}, {}}, 24 * 3600, seed).empty()) << seed;
}

TEST(DriftCourt, ReleasesTwoHoursAfterTheLastOffence) {
  DriftCourt court;
  Noise random(1);
  hold_hearings(court, {{}, {}, {1e-6}}, 0, 1800, random);
  const double last_s = std::floor((1800 - 1) / kPoll_s) * kPoll_s;

  EXPECT_TRUE(court.is_convicted(3, raw(last_s + 7199)));
  EXPECT_FALSE(court.is_convicted(3, raw(last_s + 7201)));

  // It goes on, and so does the sentence.
  hold_hearings(court, {{}, {}, {1e-6}}, 1856, 9000, random);
  EXPECT_TRUE(court.is_convicted(3, raw(last_s + 7201)));
}

TEST(DriftCourt, NeverConvictsHalfOfThoseWhoAreHeardTogether) {
  Noise random(7);
  for (int i = 0; i < 300; ++i) {
    std::vector<Claim> claims(1 + static_cast<std::size_t>(random.between(0, 12)));
    for (Claim& claim : claims)
      claim = {random.uniform() < 0.5 ? 0.0 : random.between(-1e-5, 1e-5), random.magnitude(1e-8, 1e-3)};
    DriftCourt court;
    hold_hearings(court, claims, 0, 2 * kPoll_s, random);

    std::size_t convicted = 0;
    for (SourceId id = 1; id <= claims.size(); ++id)
      if (court.is_convicted(id, raw(2 * kPoll_s))) ++convicted;

    ASSERT_LT(2 * convicted, claims.size()) << i;
  }
}

TEST(DriftCourt, ForgetsASourceThatIsAnotherHostNow) {
  DriftCourt court;
  Noise random(1);
  hold_hearings(court, {{}, {}, {1e-6}}, 0, 1800, random);

  court.forget(3);
  EXPECT_FALSE(court.is_convicted(3, raw(1800)));
  // The new host is an hour off, but doesn't drift.
  for (double now_s = 1800; now_s < 5400; now_s += kPoll_s)
    court.hear(raw(now_s), std::vector<Witness>{{1, 0, 1e-12}, {2, 0, 1e-12}, {3, 3600, 1e-12}});
  EXPECT_FALSE(court.is_convicted(3, raw(5400)));
}

TEST(DriftCourt, ForgetsAllWhenThePhaseOfOurClockIsLost) {
  DriftCourt court;
  Noise random(1);
  hold_hearings(court, {{}, {}, {1e-6}}, 0, 1800, random);

  court.forget_all();

  EXPECT_FALSE(court.is_convicted(3, raw(1800)));
}

TEST(DriftCourt, HearsMoreWitnessesThanItJudges) {
  std::vector<Claim> claims(40);
  claims[20].drift = 1e-5;

  EXPECT_TRUE(convicted_after(claims, 600).empty());
}

}  // namespace
}  // namespace ntp::estimator
