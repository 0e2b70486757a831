// SPDX-License-Identifier: BSD-2-Clause
#include "sim/delay_moments.h"

#include <cmath>
#include <limits>

namespace ntp::sim {
namespace {

/// Variance of the random part of a delay whose mean is 1.
double unit_variance(DelayShape shape, double parameter) {
  switch (shape) {
    case DelayShape::fixed:
      return 0;
    case DelayShape::exponential:
      return 1;
    case DelayShape::uniform:
      return 1.0 / 3.0;
    case DelayShape::gamma:
      return 1.0 / parameter;
    case DelayShape::lognormal:
      return std::expm1(parameter * parameter);
    case DelayShape::heavy_tail:
      return parameter > 2.0 ? parameter / (parameter - 2.0) : std::numeric_limits<double>::infinity();
    case DelayShape::exponential_product:
      // The square of an exponential with mean 1 has the mean 2.
      return std::exp2(std::floor(parameter)) - 1.0;
  }
  return 0;
}

}  // namespace

DelayMoments delay_moments(const LinkSettings& link, TrueTime at) {
  DelayMoments moments{.mean_s = link.delay_s};
  if (link.jitter_s > 0) {
    if (link.shape != DelayShape::fixed) moments.mean_s += link.jitter_s;
    moments.variance_s2 += link.jitter_s * link.jitter_s * unit_variance(link.shape, link.shape_parameter);
  }
  moments.mean_s += link.wave.amplitude_s;
  moments.variance_s2 += link.wave.amplitude_s * link.wave.amplitude_s / 2.0;
  if (const Congestion& congestion = link.congestion; congestion.is_there(at)) {
    const double width_s = congestion.most_s - congestion.least_s;
    moments.mean_s += congestion.least_s + width_s / 2.0;
    moments.variance_s2 += width_s * width_s / 12.0;
  }
  return moments;
}

}  // namespace ntp::sim
