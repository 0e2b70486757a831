// SPDX-License-Identifier: BSD-2-Clause
//
// One direction of a simulated network path: how long a datagram takes, and what may become of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "sim/true_time.h"

namespace ntp::sim {

enum class DelayShape : std::uint8_t { fixed, exponential, uniform, gamma, lognormal, heavy_tail, exponential_product };

/// A queue that fills and empties slowly: amplitude_s (1 + sin) more delay.
struct DelayWave {
  double amplitude_s = 0;
  double period_s = 3600;
  double phase_turns = 0;  ///< 0.25: a cosine
};

/// A busy hour that comes again: every datagram of it takes longer, by a uniform amount.
struct Congestion {
  double least_s = 0;
  double most_s = 0;
  double first_at_s = 0;  ///< true time
  double duration_s = 0;  ///< 0: never
  double period_s = 86400;

  [[nodiscard]] bool is_there(TrueTime at) const;
};

/// What a path does to the datagrams of one direction.
struct LinkSettings {
  double delay_s = 0.01;  ///< the least delay
  double jitter_s = 0;    ///< mean of the random part that is added
  DelayShape shape = DelayShape::exponential;
  double shape_parameter =
      2;  ///< gamma: shape, lognormal: sigma, heavy_tail: exponent, exponential_product: count; else unused
  DelayWave wave;
  Congestion congestion;
  double loss = 0;  ///< probabilities
  double duplication = 0;
  double corruption = 0;     ///< one bit is flipped
  double rate_bits_s = 0;    ///< datagrams queue up behind each other; 0: no limit
  bool keeps_order = false;  ///< a datagram never overtakes another
};

/// What becomes of one datagram. Arrivals are in no order.
struct Transit {
  std::array<TrueTime, 2> arrivals{};
  std::size_t copies = 0;         ///< 0: lost
  std::int64_t flipped_bit = -1;  ///< < 0: none
};

class Link {
 public:
  Link(const LinkSettings& settings, std::uint64_t seed);

  Transit transit(TrueTime departure, std::size_t length);

  void set_down(bool is_down) { is_down_ = is_down; }
  /// A new route: `seconds` more (or less) than the settings say.
  void set_extra_delay(double seconds) { extra_delay_s_ = seconds; }
  void set_loss(double probability) { settings_.loss = probability; }
  [[nodiscard]] const LinkSettings& settings() const { return settings_; }

 private:
  double draw_factor();
  double draw_delay(TrueTime start);

  LinkSettings settings_;
  SeededRandom random_;
  bool is_down_ = false;
  double extra_delay_s_ = 0;
  TrueTime free_at_;
  TrueTime last_arrival_;
};

}  // namespace ntp::sim
