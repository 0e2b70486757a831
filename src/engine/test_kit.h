// SPDX-License-Identifier: BSD-2-Clause
//
// What the engine's tests share: instants, sources, a clock that does as it is told, and a driver that stands in for the
// world (section numbers in the tests are those of RFC 5905).
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "engine/association.h"
#include "engine/engine.h"
#include "engine/system_clock.h"

namespace ntp::engine::test {

/// More effects in one run than any test wants: the engine never rests.
inline constexpr std::size_t kMaxEffects = 100'000;
inline constexpr std::int64_t kBoot_ns = 1'000'000'000'000;
inline constexpr Timestamp kEpoch = Timestamp::from_parts(3'900'000'000U, 0);

inline std::int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }
inline RawTime raw(double seconds) { return RawTime::from_nanoseconds(kBoot_ns + nanoseconds(seconds)); }
inline MonoTime mono(double seconds) { return MonoTime::from_nanoseconds(kBoot_ns + nanoseconds(seconds)); }
inline Timestamp real(double seconds) { return kEpoch + Span::from_nanoseconds(nanoseconds(seconds)); }
/// All three clocks agree.
inline Now now(double seconds) { return {mono(seconds), raw(seconds), real(seconds), 0}; }
/// A correction of so many seconds, exactly.
inline Correction corrected(double seconds) {
  return {Int128{Span::from_seconds(seconds).units()} * (std::int64_t{1} << 32)};
}

inline Address address(std::uint32_t last) { return Address::v4(0xc0000200U + last); }

inline SourceSettings server(std::uint32_t last = 1) {
  SourceSettings settings;
  settings.address = address(last);
  settings.name = settings.address->text();
  return settings;
}

/// A header that passes all packet tests.
inline wire::Header good_header() {
  return {.leap = wire::Leap::none,
          .version = 4,
          .mode = wire::Mode::server,
          .stratum = 2,
          .poll_log2s = 6,
          .precision_log2s = -20,
          .root_delay = ShortTime::from_seconds(0.01),
          .root_dispersion = ShortTime::from_seconds(0.005),
          .refid = wire::Refid::ascii("\x0a\x01\x01\x01"),
          .reference = real(-10),
          .origin = {},
          .receive = real(0),
          .transmit = real(0)};
}

/// All of an association but its counters, of packets and of events. A new member must be named here, or this does not compile.
inline auto state_of(const Association& association) {
  const auto& [id, settings, source_index, remote, endpoint, poll, request, held, peer, filter, flash, selection,
               is_convicted, judged, denials_in_a_row, last_send_error, key_state, counters, event, mobilised_at,
               reach_changed_at, was_reachable, told] = association;
  static_cast<void>(counters);
  static_cast<void>(event);
  static_cast<void>(told);
  return std::tie(id, settings, source_index, remote, endpoint, poll, request, held, peer, filter, flash, selection,
                  is_convicted, judged, denials_in_a_row, last_send_error, key_state, mobilised_at, reach_changed_at,
                  was_reachable);
}

inline bool is_same_state(const Association& a, const Association& b) { return state_of(a) == state_of(b); }

template <class T>
std::vector<T> all_of(const Effects& effects) {
  std::vector<T> found;
  for (const Effect& effect : effects)
    if (const T* match = std::get_if<T>(&effect)) found.push_back(*match);
  return found;
}

template <class T>
std::size_t count_of(const Effects& effects) {
  return all_of<T>(effects).size();
}

/// Counts logs that contain `text`.
inline std::size_t logs_with(const Effects& effects, const std::string& text) {
  const auto logs = all_of<Log>(effects);
  return static_cast<std::size_t>(std::count_if(
      logs.begin(), logs.end(), [&](const Log& log) { return log.text.find(text) != std::string::npos; }));
}

/// An undisciplined clock that runs `drift_ppm` slow against true time, and a system clock that is steered from it. Sets
/// frequencies in steps of 2^-16 ppm, as the kernel does.
class FakeClock final : public SystemClock {
 public:
  Now read() override { return {mono(raw_s()), RawTime::from_nanoseconds(kBoot_ns + elapsed_ns_), system(), 0}; }
  std::expected<Span, ClockError> step(Span amount) override {
    if (os_error != 0) return std::unexpected(ClockError{os_error});
    const Span done = Span::from_units(amount.units() + step_error_units);
    system_ += Int128{done.units()} * (std::int64_t{1} << 32);
    return done;
  }
  std::expected<double, ClockError> set_frequency(double ppm) override {
    if (os_error != 0) return std::unexpected(ClockError{os_error});
    kernel_frequency_ = std::llround(ppm * 65536.0);
    return static_cast<double>(kernel_frequency_) / 65536.0;
  }
  std::expected<double, ClockError> frequency_ppm() override {
    return static_cast<double>(kernel_frequency_) / 65536.0;
  }
  std::expected<void, ClockError> set_status(const SetKernelStatus&) override { return {}; }

  void advance(std::int64_t ns) {
    elapsed_ns_ += ns;
    constexpr std::int64_t kTwo48 = std::int64_t{1} << 48;
    system_ += (Int128{ns} << 64) / 1'000'000'000 + Int128{ns} * kernel_frequency_ * kTwo48 / 1'000'000'000'000'000;
  }
  /// Another program's doing, or a suspended machine's.
  void jump(double seconds) { system_ += Int128{Span::from_seconds(seconds).units()} * (std::int64_t{1} << 32); }

  /// A suspended machine: the undisciplined clock stands still, the system clock is set again, wrong by `error_s`.
  void sleep(double seconds, double error_s) {
    slept_s_ += seconds;
    jump(seconds + error_s);
  }

  [[nodiscard]] std::int64_t elapsed_ns() const { return elapsed_ns_; }
  [[nodiscard]] double raw_s() const { return static_cast<double>(elapsed_ns_) / 1e9; }
  [[nodiscard]] Timestamp system() const { return kEpoch + Span::from_units(static_cast<std::int64_t>(system_ >> 32)); }
  [[nodiscard]] Timestamp true_time() const {
    return kEpoch + Span::from_nanoseconds(elapsed_ns_) + Span::from_seconds(raw_s() * drift_ppm * 1e-6 + slept_s_);
  }
  [[nodiscard]] double error_s() const { return (system() - true_time()).seconds(); }

  double drift_ppm = 0;
  int os_error = 0;
  std::int64_t step_error_units = 0;

 private:
  std::int64_t elapsed_ns_ = 0;
  Int128 system_ = 0;
  std::int64_t kernel_frequency_ = 0;
  double slept_s_ = 0;
};

/// How a server of the fake world behaves.
struct FakeServer {
  double offset_s = 0;     ///< against true time
  double delay_s = 0.010;  ///< there and back, the same either way
  double held_s = 0;       ///< what it says it took to answer, beside the delay
  bool is_silent = false;
  std::optional<Timestamp> frozen;  ///< its clock stands still there
  wire::Header header = good_header();
  std::function<void(std::vector<std::byte>&)> last_touch;  ///< on the octets of a reply: a MAC, say
};

/// Drives an engine through its door: carries effects out on a fake clock and answers requests as fake servers do.
class Driver {
 public:
  explicit Driver(Settings settings) : engine(std::move(settings), random_) {}

  void start() {
    Effects out;
    engine.start(clock.read(), out);
    carry_out(out);
  }
  void stop() {
    Effects out;
    engine.stop(clock.read(), out);
    carry_out(out);
  }
  SourceChanges reconfigure(Settings settings) {
    Effects out;
    const SourceChanges changes = engine.reconfigure(clock.read(), std::move(settings), out);
    carry_out(out);
    return changes;
  }
  void deliver(const Input& input) {
    Effects out;
    engine.handle(clock.read(), input, out);
    carry_out(out);
  }
  /// Runs the world for so many seconds of the undisciplined clock.
  void run(double seconds) {
    const std::int64_t end = clock.elapsed_ns() + nanoseconds(seconds);
    const std::size_t most = log.size() + kMaxEffects;
    while (log.size() < most) {
      const std::int64_t timer = engine.next_deadline().nanoseconds() - kBoot_ns;
      const std::int64_t arrival = in_flight_.empty() ? end + 1 : in_flight_.begin()->first;
      const std::int64_t next = std::max(clock.elapsed_ns(), std::min(timer, arrival));
      if (next > end) break;
      clock.advance(next - clock.elapsed_ns());
      if (arrival <= next)
        arrive();
      else
        tick();
    }
    clock.advance(end - clock.elapsed_ns());
  }
  /// Runs until an effect of this type turns up; false if none does within the time.
  template <class T>
  bool run_until(double seconds) {
    const std::size_t before = count_of<T>(log);
    for (double passed = 0; passed < seconds; passed += 0.25) {
      run(0.25);
      if (count_of<T>(log) > before) return true;
    }
    return false;
  }

  [[nodiscard]] state::View view() { return engine.view(clock.read()); }
  [[nodiscard]] bool is_synchronized() { return view().system.leap != wire::Leap::unsynchronized; }

  FakeClock clock;
  std::map<Address, FakeServer> servers;
  std::map<std::string, std::vector<Address>> names;
  Effects log;                      ///< all that the engine wanted
  std::vector<double> log_times_s;  ///< when
  Address local = address(200);     ///< of this host
  bool is_deadline_kept = true;     ///< next_deadline() was never in the past after a tick

 private:
  SeededRandom random_{42};

 public:
  Engine engine;

 private:
  void tick() {
    Effects out;
    engine.tick(clock.read(), out);
    carry_out(out);
    if (engine.next_deadline() <= clock.read().mono) is_deadline_kept = false;
  }

  void arrive() {
    auto first = in_flight_.extract(in_flight_.begin());
    auto& [packet, octets] = first.mapped();
    packet.at = clock.system();
    packet.payload = octets;
    deliver(packet);
  }

  void carry_out(const Effects& effects) {
    std::deque<Input> outcomes;
    for (const Effect& effect : effects) {
      log.push_back(effect);
      log_times_s.push_back(clock.raw_s());
      if (const auto* step = std::get_if<StepClock>(&effect)) outcomes.emplace_back(engine::carry_out(*step, clock));
      if (const auto* set = std::get_if<SetFrequency>(&effect)) outcomes.emplace_back(engine::carry_out(*set, clock));
      if (const auto* send = std::get_if<Send>(&effect)) {
        outcomes.emplace_back(PacketSent{.token = send->token, .at = clock.system()});
        answer(*send);
      }
      if (const auto* resolve = std::get_if<Resolve>(&effect)) {
        NameResolved resolved{.token = resolve->token, .addresses = names[resolve->name], .error = {}};
        if (resolved.addresses.empty()) resolved.error = "not known";
        outcomes.emplace_back(resolved);
      }
    }
    for (const Input& outcome : outcomes) deliver(outcome);
  }

  void answer(const Send& send) {
    const auto found = servers.find(send.remote.address);
    if (found == servers.end() || found->second.is_silent) return;
    const FakeServer& model = found->second;
    wire::Header header = model.header;
    header.origin = wire::decode_header(send.payload())->transmit;
    header.receive = clock.true_time() + Span::from_seconds(model.offset_s + model.delay_s / 2);
    if (model.frozen) header.receive = *model.frozen;
    header.transmit = header.receive + Span::from_seconds(model.held_s);
    header.reference = header.receive - Span::from_seconds(10);
    std::vector<std::byte> octets(wire::kHeaderLength);
    wire::encode_header(header, octets);
    if (model.last_touch) model.last_touch(octets);
    in_flight_.emplace(
        clock.elapsed_ns() + nanoseconds(model.delay_s),
        std::pair{PacketReceived{.endpoint = send.endpoint, .remote = send.remote, .local = local}, std::move(octets)});
  }

  std::multimap<std::int64_t, std::pair<PacketReceived, std::vector<std::byte>>> in_flight_;
};

}  // namespace ntp::engine::test
