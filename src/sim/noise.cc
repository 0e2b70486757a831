// SPDX-License-Identifier: BSD-2-Clause
#include "sim/noise.h"

#include <cmath>
#include <numbers>

namespace ntp::sim {

double normal(Random& random) {
  // Box and Muller; the second variate is dropped, so that a draw has no memory.
  const double radius = std::sqrt(2.0 * exponential(random));
  return radius * std::cos(2.0 * std::numbers::pi * random.uniform());
}

double exponential(Random& random) { return -std::log(1.0 - random.uniform()); }

double gamma(Random& random, double shape) {
  // Marsaglia and Tsang (2000); shapes below 1 by the power of a uniform variate.
  const double boosted = shape < 1.0 ? shape + 1.0 : shape;
  const double d = boosted - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  constexpr int kTries = 1000;
  double value = d;
  for (int i = 0; i < kTries; ++i) {
    const double x = normal(random);
    const double v = std::pow(1.0 + c * x, 3.0);
    const double u = 1.0 - random.uniform();
    if (v > 0.0 && std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) {
      value = d * v;
      break;
    }
  }
  if (shape < 1.0) value *= std::pow(1.0 - random.uniform(), 1.0 / shape);
  return value / shape;
}

double lognormal(Random& random, double sigma) { return std::exp(sigma * normal(random) - 0.5 * sigma * sigma); }

double heavy_tail(Random& random, double shape) {
  return (std::pow(1.0 - random.uniform(), -1.0 / shape) - 1.0) * (shape - 1.0);
}

double exponential_product(Random& random, int count) {
  double product = 1;
  for (int i = 0; i < count; ++i) product *= exponential(random);
  return product;
}

std::uint64_t stream_seed(std::uint64_t seed, std::uint64_t family, std::uint64_t index) {
  SeededRandom first(seed);
  SeededRandom second(first.next64() ^ (family * 0x9e3779b97f4a7c15U));
  SeededRandom third(second.next64() + index * 0xd1342543de82ef95U);
  return third.next64();
}

}  // namespace ntp::sim
