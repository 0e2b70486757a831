// SPDX-License-Identifier: BSD-2-Clause
//
// A computer that runs the engine: what the daemon's runner does with sockets and threads, done with simulated ones. It
// answers other nodes' requests from the same clock through the data plane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/events.h"
#include "policy/policy.h"
#include "server/respond.h"
#include "sim/engine_door.h"
#include "sim/invariants.h"
#include "sim/oscillator.h"
#include "sim/world.h"
#include "state/clock_state.h"

namespace ntp::sim {

/// The best stamp that a client can take of a datagram that it sends or gets.
enum class StampKind : std::uint8_t { user, kernel };

/// What a name server knows.
struct NameEntry {
  std::vector<Address> addresses;
  double answers_after_s = 0.02;
  double fails_until_s = 0;  ///< true time; before it every look-up fails
};
using NameTable = std::map<std::string, NameEntry>;

/// A thermometer beside the oscillator. It shows what the oscillator's temperature terms mean in kelvin.
struct TemperatureSensor {
  double interval_s = 60;
  double noise_K = 0;        ///< standard deviation of a reading
  double ppm_per_K = 0.1;    ///< of the oscillator
  double mean_celsius = 40;  ///< where the temperature terms are zero
};

struct ClientSettings {
  OscillatorSettings clock;
  std::optional<TemperatureSensor> thermometer;
  StampKind stamps = StampKind::kernel;
  /// Until a datagram really leaves, and until a program sees what has arrived: uniform, up to this. User stamps are
  /// wrong by it.
  double stamp_noise_s = 0;
  double starts_at_s = 0;  ///< true time at which the daemon starts
  InvariantSettings invariants;
  NameTable names;
};

/// Counted over the run.
struct ClientCounts {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t answered = 0;
  std::uint64_t to_closed_ports = 0;
  std::uint64_t steps = 0;
  std::uint64_t refused_corrections = 0;
  double largest_step_s = 0;
};

/// How the true error compares with what the engine says of it (ErrorRecord), while it claims to be synchronised.
struct ErrorBarCounts {
  std::uint64_t records = 0;
  std::uint64_t within_root_distance = 0;
  std::uint64_t within_3_deviations = 0;
};

/// What really happened in an exchange of which a reply came back.
struct TrueExchange {
  Address server;
  Journey journey;
  TrueTime received;
  /// Undisciplined clock minus true time, mean of both ends plus what the difference of the ways' delays adds to it: the
  /// offset that perfect stamps give.
  double raw_offset_s = 0;
};

class ClientNode final : public Node {
 public:
  ClientNode(std::string name, const ClientSettings& settings, Timestamp real_at_start, std::uint64_t seed);

  /// Before start().
  void set_engine(std::unique_ptr<EngineDoor> engine) { engine_ = std::move(engine); }
  /// Is told of every reply to a request of ours.
  void set_onlooker(std::function<void(const TrueExchange&)> onlooker) { onlooker_ = std::move(onlooker); }

  void start() override;
  void on_packet(const Packet& packet) override;
  void on_alarm(Alarm alarm, std::uint64_t argument) override;
  /// The daemon ends.
  void stop();

  void suspend();
  void resume(double error_s);
  void step_by_other(double amount_s);
  void change_frequency(double frequency_ppm);

  /// The clock at the world's present.
  Oscillator& clock();
  [[nodiscard]] const state::ClockSummary& summary() const { return summary_; }
  [[nodiscard]] bool claims_synchronized();
  [[nodiscard]] const ClientCounts& counts() const { return counts_; }
  [[nodiscard]] const ErrorBarCounts& error_bars() const { return error_bars_; }
  /// The last one, if the engine was told to make them (Settings::statistics).
  [[nodiscard]] const std::optional<engine::ErrorRecord>& error_record() const { return error_record_; }
  [[nodiscard]] const std::optional<engine::Terminate>& terminated() const { return terminated_; }
  [[nodiscard]] const std::optional<double>& saved_drift_ppm() const { return saved_drift_ppm_; }

 private:
  struct Socket {
    engine::EndpointId id = 0;
    Endpoint remote;
    std::uint16_t port = 0;
  };

  [[nodiscard]] bool is_running() const { return is_started_ && !terminated_ && !is_suspended_; }
  void start_engine();
  void tick_until_quiet();
  /// Carries effects_ out, feeds the outcomes back, until nothing comes any more.
  void settle();
  void feed(const engine::Input& input);
  void carry_out_all();
  void carry_out(const engine::Send& send);
  void carry_out(const engine::OpenEndpoint& open);
  void carry_out(const engine::CloseEndpoint& close);
  void carry_out(const engine::StepClock& step);
  void carry_out(const engine::SetFrequency& steer);
  void carry_out(const engine::SetKernelStatus& status);
  void carry_out(const engine::Resolve& resolve);
  void carry_out(const engine::Publish& publish);
  void carry_out(const engine::SaveDrift& save);
  void carry_out(const engine::WriteStatistics& write);
  void carry_out(const engine::ReportEvent& event);
  void carry_out(const engine::Log& log);
  void carry_out(const engine::Terminate& terminate);
  void serve(const Packet& packet);
  void look_on(const Packet& reply) const;
  void read_temperature();
  void set_wake_up();
  void check(const Verdict& verdict);
  void check_distance();
  void note(const char* what, const std::string& text);

  ClientSettings settings_;
  Oscillator clock_;
  SeededRandom stamp_random_;
  SeededRandom temperature_random_;
  Invariants invariants_;
  std::unique_ptr<EngineDoor> engine_;
  std::function<void(const TrueExchange&)> onlooker_;
  engine::Effects effects_;
  std::vector<engine::Input> outcomes_;
  std::vector<Socket> sockets_;
  std::uint16_t next_port_ = 0;
  std::vector<engine::Resolve> look_ups_;
  TrueTime wake_up_ = TrueTime::never();
  bool is_started_ = false;
  bool is_suspended_ = false;

  state::ClockSummary summary_;
  state::ClockState published_;
  policy::Policy policy_;
  server::WorkerState worker_;
  ClientCounts counts_;
  ErrorBarCounts error_bars_;
  std::optional<engine::ErrorRecord> error_record_;
  std::optional<engine::Terminate> terminated_;
  std::optional<double> saved_drift_ppm_;
};

}  // namespace ntp::sim
