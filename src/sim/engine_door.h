// SPDX-License-Identifier: BSD-2-Clause
//
// The engine as a simulated client drives it, as an interface: invariants are only worth something if a test can put a
// broken engine behind the door and see them fire.
#pragma once

#include <memory>

#include "engine/engine.h"

namespace ntp::sim {

class EngineDoor {
 public:
  EngineDoor() = default;
  EngineDoor(const EngineDoor&) = delete;
  EngineDoor& operator=(const EngineDoor&) = delete;
  virtual ~EngineDoor() = default;

  virtual void start(const engine::Now& now, engine::Effects& out) = 0;
  virtual void handle(const engine::Now& now, const engine::Input& input, engine::Effects& out) = 0;
  virtual void tick(const engine::Now& now, engine::Effects& out) = 0;
  [[nodiscard]] virtual MonoTime next_deadline() const = 0;
  virtual void stop(const engine::Now& now, engine::Effects& out) = 0;
};

/// The real one.
std::unique_ptr<EngineDoor> open_engine(const engine::Settings& settings, std::uint64_t seed);

}  // namespace ntp::sim
