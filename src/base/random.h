// SPDX-License-Identifier: BSD-2-Clause
//
// Where random bits come from: the kernel in the daemon, a seeded generator in the simulator and in tests.
#pragma once

#include <cstdint>

namespace ntp {

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  /// 64 uniform bits. In the daemon they are unpredictable: transmit stamps are made of them.
  virtual std::uint64_t next64() = 0;

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next64() >> 11U) * 0x1.0p-53; }
};

/// The splitmix64 generator: small, seedable, the same everywhere. Never for what an attacker must not guess.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next64() override {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace ntp
