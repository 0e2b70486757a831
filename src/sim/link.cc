// SPDX-License-Identifier: BSD-2-Clause
#include "sim/link.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/noise.h"

namespace ntp::sim {
namespace {

// UDP and IPv4 headers count on the wire, too.
constexpr std::size_t kHeaderOctets = 28;

}  // namespace

Link::Link(const LinkSettings& settings, std::uint64_t seed) : settings_(settings), random_(seed) {}

bool Congestion::is_there(TrueTime at) const {
  const double since_first_s = at.seconds() - first_at_s;
  return duration_s > 0 && since_first_s >= 0 && std::fmod(since_first_s, period_s) < duration_s;
}

double Link::draw_factor() {
  switch (settings_.shape) {
    case DelayShape::fixed:
      return 0;
    case DelayShape::exponential:
      return exponential(random_);
    case DelayShape::uniform:
      return 2.0 * random_.uniform();
    case DelayShape::gamma:
      return gamma(random_, settings_.shape_parameter);
    case DelayShape::lognormal:
      return lognormal(random_, settings_.shape_parameter);
    case DelayShape::heavy_tail:
      return heavy_tail(random_, settings_.shape_parameter);
    case DelayShape::exponential_product:
      return exponential_product(random_, static_cast<int>(settings_.shape_parameter));
  }
  return 0;
}

double Link::draw_delay(TrueTime start) {
  double delay_s = settings_.delay_s + extra_delay_s_;
  if (settings_.jitter_s > 0) delay_s += settings_.jitter_s * draw_factor();
  if (const DelayWave& wave = settings_.wave; wave.amplitude_s > 0) {
    const double turns = start.seconds() / wave.period_s + wave.phase_turns;
    delay_s += wave.amplitude_s * (1.0 + std::sin(2.0 * std::numbers::pi * turns));
  }
  if (const Congestion& congestion = settings_.congestion; congestion.is_there(start)) {
    delay_s += congestion.least_s + (congestion.most_s - congestion.least_s) * random_.uniform();
  }
  return std::max(delay_s, 0.0);
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
    TrueTime arrival = start + draw_delay(start);
    if (settings_.keeps_order) arrival = std::max(arrival, last_arrival_);
    last_arrival_ = std::max(last_arrival_, arrival);
    transit.arrivals[i] = arrival;
  }
  if (is_corrupted && length > 0) transit.flipped_bit = static_cast<std::int64_t>(bits % (8 * length));
  return transit;
}

}  // namespace ntp::sim
