// SPDX-License-Identifier: BSD-2-Clause
//
// Random variables of the simulated world, drawn from a Random. Each takes a fixed way from bits to value, so that a seed
// means the same run everywhere.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace ntp::sim {

/// Standard normal.
double normal(Random& random);
/// Exponential with mean 1.
double exponential(Random& random);
/// Gamma with mean 1; `shape` > 0 (1 is the exponential, large shapes are narrow).
double gamma(Random& random, double shape);
/// Log-normal with mean 1; `sigma` is the deviation of the logarithm.
double lognormal(Random& random, double sigma);
/// Pareto (Lomax) with mean 1 and a tail of x^-shape; shape > 1.
double heavy_tail(Random& random, double shape);

/// The product of `count` (>= 1) exponentials: mean 1, variance 2^count - 1.
double exponential_product(Random& random, int count);

/// The seed of stream `index` of a family of independent streams.
std::uint64_t stream_seed(std::uint64_t seed, std::uint64_t family, std::uint64_t index);

}  // namespace ntp::sim
