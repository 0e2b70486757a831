// SPDX-License-Identifier: BSD-2-Clause
#include "sim/engine_door.h"

#include "base/random.h"

namespace ntp::sim {
namespace {

class RealEngine final : public EngineDoor {
 public:
  RealEngine(const engine::Settings& settings, std::uint64_t seed) : random_(seed), engine_(settings, random_) {}

  void start(const engine::Now& now, engine::Effects& out) override { engine_.start(now, out); }
  void handle(const engine::Now& now, const engine::Input& input, engine::Effects& out) override {
    engine_.handle(now, input, out);
  }
  void tick(const engine::Now& now, engine::Effects& out) override { engine_.tick(now, out); }
  [[nodiscard]] MonoTime next_deadline() const override { return engine_.next_deadline(); }
  void stop(const engine::Now& now, engine::Effects& out) override { engine_.stop(now, out); }

 private:
  SeededRandom random_;
  engine::Engine engine_;
};

}  // namespace

std::unique_ptr<EngineDoor> open_engine(const engine::Settings& settings, std::uint64_t seed) {
  return std::make_unique<RealEngine>(settings, seed);
}

}  // namespace ntp::sim
