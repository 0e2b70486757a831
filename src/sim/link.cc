// SPDX-License-Identifier: BSD-2-Clause
#include "sim/link.h"

#include <algorithm>

#include "sim/noise.h"

namespace ntp::sim {
namespace {

// UDP and IPv4 headers count on the wire, too.
constexpr std::size_t kHeaderOctets = 28;

}  // namespace

Link::Link(const LinkSettings& settings, std::uint64_t seed) : settings_(settings), random_(seed) {}

double Link::draw_delay() {
  double factor = 0;
  if (settings_.jitter_s > 0) {
    switch (settings_.shape) {
      case DelayShape::fixed:
        break;
      case DelayShape::exponential:
        factor = exponential(random_);
        break;
      case DelayShape::uniform:
        factor = 2.0 * random_.uniform();
        break;
      case DelayShape::gamma:
        factor = gamma(random_, settings_.shape_parameter);
        break;
      case DelayShape::lognormal:
        factor = lognormal(random_, settings_.shape_parameter);
        break;
      case DelayShape::heavy_tail:
        factor = heavy_tail(random_, settings_.shape_parameter);
        break;
    }
  }
  return std::max(settings_.delay_s + extra_delay_s_ + settings_.jitter_s * factor, 0.0);
}

Transit Link::transit(TrueTime departure, std::size_t length) {
  Transit transit;
  // Every draw is made whatever becomes of the datagram, so that one probability doesn't shift the others' numbers.
  const bool is_lost = random_.uniform() < settings_.loss;
  const bool is_doubled = random_.uniform() < settings_.duplication;
  const bool is_corrupted = random_.uniform() < settings_.corruption;
  const std::uint64_t bits = random_.next64();
  if (is_down_ || is_lost) return transit;

  TrueTime start = departure;
  if (settings_.rate_bits_s > 0) {
    start = std::max(departure, free_at_) + static_cast<double>(8 * (length + kHeaderOctets)) / settings_.rate_bits_s;
    free_at_ = start;
  }
  transit.copies = is_doubled ? 2 : 1;
  for (std::size_t i = 0; i < transit.copies; ++i) {
    TrueTime arrival = start + draw_delay();
    if (settings_.keeps_order) arrival = std::max(arrival, last_arrival_);
    last_arrival_ = std::max(last_arrival_, arrival);
    transit.arrivals[i] = arrival;
  }
  if (is_corrupted && length > 0) transit.flipped_bit = static_cast<std::int64_t>(bits % (8 * length));
  return transit;
}

}  // namespace ntp::sim
