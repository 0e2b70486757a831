// SPDX-License-Identifier: BSD-2-Clause
#include "sim/link.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace ntp::sim {
namespace {

constexpr int kPackets = 20000;
constexpr std::size_t kLength = 48;

struct Statistics {
  double mean_s = 0;
  double least_s = 1e9;
  int lost = 0;
  int doubled = 0;
  int corrupted = 0;
  int overtaken = 0;
};

Statistics send_many(Link& link) {
  Statistics s;
  TrueTime last;
  for (int i = 0; i < kPackets; ++i) {
    const TrueTime departure = TrueTime::from_seconds(i * 0.01);
    const Transit transit = link.transit(departure, kLength);
    if (transit.copies == 0) {
      ++s.lost;
      continue;
    }
    if (transit.copies == 2) ++s.doubled;
    if (transit.flipped_bit >= 0) ++s.corrupted;
    if (transit.arrivals[0] < last) ++s.overtaken;
    last = transit.arrivals[0];
    const double delay_s = transit.arrivals[0] - departure;
    s.mean_s += delay_s;
    s.least_s = std::min(s.least_s, delay_s);
  }
  s.mean_s /= kPackets - s.lost;
  return s;
}

TEST(Link, EveryDelayLawHasTheMeanThatItNamesAndStaysAboveTheFloor) {
  for (const DelayShape shape : {DelayShape::exponential, DelayShape::uniform, DelayShape::gamma, DelayShape::lognormal,
                                 DelayShape::heavy_tail, DelayShape::exponential_product}) {
    double parameter = 3.0;
    if (shape == DelayShape::lognormal) parameter = 0.7;
    if (shape == DelayShape::exponential_product) parameter = 2.0;
    Link link({.delay_s = 0.02, .jitter_s = 0.005, .shape = shape, .shape_parameter = parameter}, 11);

    const Statistics s = send_many(link);

    EXPECT_NEAR(s.mean_s, 0.025, 0.00025) << static_cast<int>(shape);
    EXPECT_GE(s.least_s, 0.02 - 1e-9) << static_cast<int>(shape);
  }
}

TEST(Link, FixedDelayHasNoJitter) {
  Link link({.delay_s = 0.02, .jitter_s = 0.005, .shape = DelayShape::fixed}, 1);

  const Statistics s = send_many(link);

  EXPECT_NEAR(s.mean_s, 0.02, 1e-9);
}

TEST(Link, GammaBelowOneKeepsItsMean) {
  Link link({.delay_s = 0, .jitter_s = 0.01, .shape = DelayShape::gamma, .shape_parameter = 0.5}, 5);

  EXPECT_NEAR(send_many(link).mean_s, 0.01, 0.0005);
}

TEST(Link, LosesDoublesAndCorruptsAsOftenAsItIsTold) {
  Link link({.loss = 0.3, .duplication = 0.1, .corruption = 0.05}, 3);

  const Statistics s = send_many(link);

  EXPECT_NEAR(static_cast<double>(s.lost) / kPackets, 0.3, 0.02);
  EXPECT_NEAR(static_cast<double>(s.doubled) / (kPackets - s.lost), 0.1, 0.01);
  EXPECT_NEAR(static_cast<double>(s.corrupted) / (kPackets - s.lost), 0.05, 0.01);
}

TEST(Link, DatagramsOvertakeUnlessOrderIsKept) {
  Link free({.delay_s = 0.01, .jitter_s = 0.05}, 1);
  Link ordered({.delay_s = 0.01, .jitter_s = 0.05, .keeps_order = true}, 1);

  EXPECT_GT(send_many(free).overtaken, 0);
  EXPECT_EQ(send_many(ordered).overtaken, 0);
}

double delay_at(Link& link, double departure_s) {
  const TrueTime departure = TrueTime::from_seconds(departure_s);
  return link.transit(departure, kLength).arrivals[0] - departure;
}

TEST(Link, AWaveComesBackAfterItsPeriodAndNeverGoesBelowTheFloor) {
  Link sine({.delay_s = 0.01, .wave = {.amplitude_s = 0.001, .period_s = 2560}}, 1);
  Link cosine({.delay_s = 0.01, .wave = {.amplitude_s = 0.001, .period_s = 2560, .phase_turns = 0.25}}, 1);

  EXPECT_NEAR(delay_at(sine, 0), 0.011, 1e-9);
  EXPECT_NEAR(delay_at(sine, 640), 0.012, 1e-9);
  EXPECT_NEAR(delay_at(sine, 1920), 0.010, 1e-9);
  EXPECT_NEAR(delay_at(sine, 2560 + 640), 0.012, 1e-9);
  EXPECT_NEAR(delay_at(cosine, 0), 0.012, 1e-9);
  EXPECT_NEAR(delay_at(cosine, 1280), 0.010, 1e-9);
}

TEST(Link, CongestionComesAgainAndOnlyInItsTime) {
  Link link({.delay_s = 0.01,
             .congestion = {.least_s = 0.03, .most_s = 0.07, .first_at_s = 3300, .duration_s = 600, .period_s = 7200}},
            1);

  for (const double quiet_s : {0.0, 3299.0, 3901.0, 10499.0, 11101.0}) EXPECT_NEAR(delay_at(link, quiet_s), 0.01, 1e-9);
  double least_s = 1;
  double most_s = 0;
  double sum_s = 0;
  constexpr int kDatagrams = 2000;
  for (int i = 0; i < kDatagrams; ++i) {
    const double delay_s = delay_at(link, 10501.0 + 0.25 * i);
    least_s = std::min(least_s, delay_s);
    most_s = std::max(most_s, delay_s);
    sum_s += delay_s;
  }
  EXPECT_GE(least_s, 0.04);
  EXPECT_LE(most_s, 0.08);
  EXPECT_NEAR(sum_s / kDatagrams, 0.06, 0.001);
}

TEST(Link, NothingArrivesWhileItIsDown) {
  Link link({}, 1);
  link.set_down(true);
  EXPECT_EQ(link.transit({}, kLength).copies, 0U);

  link.set_down(false);

  EXPECT_EQ(link.transit({}, kLength).copies, 1U);
}

TEST(Link, RerouteAddsDelay) {
  Link link({.delay_s = 0.02}, 1);
  link.set_extra_delay(0.005);

  EXPECT_NEAR(send_many(link).mean_s, 0.025, 1e-9);
}

TEST(Link, SlowLineQueuesDatagrams) {
  Link link({.delay_s = 0, .rate_bits_s = 6080}, 1);  // 76 octets in 0.1 s

  const TrueTime first = link.transit({}, kLength).arrivals[0];
  const TrueTime second = link.transit({}, kLength).arrivals[0];

  EXPECT_NEAR(first.seconds(), 0.1, 1e-9);
  EXPECT_NEAR(second.seconds(), 0.2, 1e-9);
}

}  // namespace
}  // namespace ntp::sim
