// SPDX-License-Identifier: BSD-2-Clause
//
// A server without an engine: a clock that is as right as the scenario says, and what it claims about it. Requests go
// through the real data plane; lies are told afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "policy/policy.h"
#include "server/respond.h"
#include "sim/oscillator.h"
#include "sim/world.h"
#include "state/clock_state.h"

namespace ntp::sim {

struct ServerSettings {
  OscillatorSettings clock;
  wire::Leap leap = wire::Leap::none;  ///< said all the time
  bool tells_leap = true;              ///< announces the world's leap second; its clock leaps in any case
  double leap_smear_interval_s = 0;    ///< spreads it for clients
  std::uint8_t stratum = 1;
  std::int8_t precision_log2s = -23;
  wire::Refid refid = wire::Refid::ascii("GPS");
  double root_delay_s = 0;
  double root_dispersion_s = 0;
  double processing_s = 0;  ///< between T2 and T3
  /// The first replies are off by first_offset_s in both stamps.
  std::uint64_t first_replies = 0;
  double first_offset_s = 0;
  std::shared_ptr<const policy::KeyRing> keys;  ///< null: there are none
  std::optional<wire::Refid> kiss;              ///< sent in every reply of its time
  double kiss_from_s = 0;
  double kiss_until_s = 1e9;
};

class ServerNode final : public Node {
 public:
  ServerNode(std::string name, const ServerSettings& settings, Timestamp real_at_start, std::uint64_t seed);

  void start() override {}
  void on_packet(const Packet& packet) override;
  void on_alarm(Alarm, std::uint64_t) override {}

  void step(double amount_s);
  void change_frequency(double frequency_ppm);
  [[nodiscard]] std::uint64_t replies() const { return replies_; }

 private:
  void publish(const engine::Now& now);
  void tell_kiss(Packet& reply) const;

  ServerSettings settings_;
  Oscillator clock_;
  state::ClockState published_;
  Timestamp reference_;
  policy::Policy policy_;
  server::WorkerState worker_;
  std::uint64_t replies_ = 0;
};

}  // namespace ntp::sim
