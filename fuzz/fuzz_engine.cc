// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the engine through its door, with a clock that obeys and a world that doesn't. Whatever servers say and
// whenever it arrives, what the engine shows, publishes and does to the clock is finite and within its limits.
//
//   octet 0    bit 0 classic, bit 1 three servers, bit 2 minpoll -4, bit 3 a drift file, bit 4 the clock isn't ours,
//              bit 5 no panic threshold, bit 6 a leap second at the end of the day, bit 7 that one is left out
//   then records of four octets: what happens (modulo 8), how much, to which server, length of the octets that follow
//     0 1 2    time goes on
//     3 4      the last request is answered; how much: signed tenths of a second (3), milliseconds (4) that the server is
//              wrong; the octets replace the header's from the reference stamp on
//     5        the same, the octets replace the header from its start, the origin stays ours; how much: signed seconds by
//              which the arrival's stamp is wrong
//     6        another program steps the clock, or the machine sleeps
//     7        a temperature of eight octets, or the clock stops being ours
//     240 and more (before the modulo)   another configuration; how much: bits 0 to 2 which servers, bit 3 another key, bit 4
//              a shorter maxpoll, bit 5 prefer, bit 6 orphan mode, bit 7 another step threshold
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "engine/engine.h"
#include "engine/test_kit.h"

namespace {

using namespace ntp;
using engine::test::FakeClock;

constexpr std::size_t kChoices = 4;
constexpr std::size_t kMostRecords = 64;
/// Deadlines that are kept before the clock runs on without us, as that of a stopped process does.
constexpr int kMostTicks = 24;
constexpr double kWaits_s[] = {0.001, 0.02, 0.0625, 0.5, 2, 8, 64, 1024, 3600, 86400, 30 * 86400.0};
/// What the simulator holds the engine to as well.
constexpr double kMostSteering_ppm = 84'000;
constexpr std::uint8_t kReconfigures = 240;
constexpr std::size_t kReferenceAt = 16;
constexpr std::size_t kOriginAt = 24;

void check(double value, double least = -1e12, double most = 1e12) {
  NTP_ASSERT(std::isfinite(value) && value >= least && value <= most);
}

engine::Settings settings_of(std::uint8_t choices) {
  engine::Settings settings;
  for (std::uint32_t i = 1; i <= ((choices & 2U) != 0 ? 3U : 1U); ++i) {
    settings.sources.push_back(engine::test::server(i));
    settings.sources.back().has_iburst = true;
    if ((choices & 4U) != 0) settings.sources.back().min_poll_log2s = -4;
  }
  if ((choices & 1U) != 0) settings.discipline.algorithm = engine::DisciplineSettings::Algorithm::classic;
  if ((choices & 8U) != 0) settings.drift = engine::DriftRecord{.frequency_ppm = 20};
  settings.sets_clock = (choices & 16U) == 0;
  if ((choices & 32U) != 0) settings.discipline.panic_threshold_s = 0;
  if ((choices & 64U) != 0) {
    const policy::LeapSeconds midnight = (policy::LeapSeconds{engine::test::kEpoch.seconds()} / 86400 + 1) * 86400;
    settings.leap_table = std::make_shared<const policy::LeapTable>(
        std::vector<policy::LeapTable::Entry>{{0, 37}, {midnight, (choices & 128U) != 0 ? 36 : 38}}, midnight + 86400,
        0);
  }
  settings.statistics = {.has_raw = true, .has_error = true};
  return settings;
}

engine::Settings reconfigured(std::uint8_t choices, std::uint8_t changes) {
  engine::Settings settings = settings_of(choices);
  settings.sources.clear();
  for (std::uint32_t i = 1; i <= 3; ++i) {
    if ((changes >> (i - 1) & 1U) == 0) continue;
    engine::SourceSettings source = engine::test::server(i);
    if ((changes & 8U) != 0) source.key_id = 7;
    if ((changes & 16U) != 0) source.min_poll_log2s = source.max_poll_log2s = 4;
    source.is_preferred = (changes & 32U) != 0;
    settings.sources.push_back(source);
  }
  if ((changes & 64U) != 0) settings.selection.orphan_stratum = 6;
  if ((changes & 128U) != 0) settings.discipline.step_threshold_s = settings.discipline.step_back_threshold_s = 0;
  return settings;
}

class World {
 public:
  explicit World(std::uint8_t choices)
      : choices_(choices), has_panic_threshold_((choices & 32U) == 0), engine_(settings_of(choices), random_) {
    engine::Effects out;
    engine_.start(clock_.read(), out);
    carry_out(out);
  }

  void happen(std::span<const std::uint8_t> choices, Bytes octets) {
    const auto amount = static_cast<std::int8_t>(choices[1]);
    const Address server = engine::test::address(1U + choices[2] % 3U);
    if (choices[0] >= kReconfigures) {
      reconfigure(choices[1]);
      return;
    }
    switch (choices[0] % 8) {
      case 3:
        answer(server, amount * 0.1, 0, octets, kReferenceAt);
        break;
      case 4:
        answer(server, amount * 0.001, 0, octets, kReferenceAt);
        break;
      case 5:
        answer(server, 0, amount, octets, 0);
        break;
      case 6:
        if (amount % 2 == 0)
          clock_.jump(amount * 0.25);
        else
          clock_.sleep(std::abs(amount) * 60, amount * 0.01);
        tick();
        break;
      case 7:
        if (octets.size() < sizeof(double)) clock_.os_error = amount % 4 == 0 ? EPERM : 0;
        warm(octets);
        break;
      default:
        run(kWaits_s[choices[1] % std::size(kWaits_s)]);
    }
    check_view();
  }

  void end() {
    engine::Effects out;
    engine_.stop(clock_.read(), out);
    carry_out(out);
  }

 private:
  void tick() {
    engine::Effects out;
    engine_.tick(clock_.read(), out);
    carry_out(out);
    NTP_ASSERT(engine_.next_deadline() > clock_.read().mono);
  }

  void reconfigure(std::uint8_t changes) {
    engine::Effects out;
    engine_.reconfigure(clock_.read(), reconfigured(choices_, changes), out);
    carry_out(out);
    check_view();
  }

  void run(double seconds) {
    const std::int64_t end = clock_.elapsed_ns() + engine::test::nanoseconds(seconds);
    for (int ticks = 0; ticks < kMostTicks; ++ticks) {
      const std::int64_t due = engine_.next_deadline().nanoseconds() - engine::test::kBoot_ns;
      if (due > end) break;
      clock_.advance(std::max<std::int64_t>(due - clock_.elapsed_ns(), 0));
      tick();
    }
    clock_.advance(end - clock_.elapsed_ns());
    tick();
  }

  void answer(const Address& server, double offset_s, double arrival_error_s, Bytes octets, std::size_t from) {
    const auto request = requests_.find(server);
    if (request == requests_.end()) return;
    wire::Header header = engine::test::good_header();
    header.receive = clock_.true_time() + Span::from_seconds(offset_s);
    header.transmit = header.receive;
    header.reference = header.receive - Span::from_seconds(10);
    std::array<std::byte, wire::kHeaderLength> datagram{};
    wire::encode_header(header, datagram);
    for (std::size_t i = 0; i < octets.size() && from + i < datagram.size(); ++i) datagram[from + i] = octets[i];
    store_big_endian<std::uint64_t>(datagram, kOriginAt,
                                    wire::decode_header(request->second.payload())->transmit.bits());
    deliver(engine::PacketReceived{.endpoint = request->second.endpoint,
                                   .remote = request->second.remote,
                                   .at = clock_.system() + Span::from_seconds(arrival_error_s),
                                   .payload = datagram});
  }

  void warm(Bytes octets) {
    if (octets.size() < sizeof(double)) return;
    double celsius = 0;
    std::memcpy(&celsius, octets.data(), sizeof celsius);
    deliver(engine::TemperatureRead{.celsius = celsius});
  }

  void deliver(const engine::Input& input) {
    engine::Effects out;
    engine_.handle(clock_.read(), input, out);
    carry_out(out);
  }

  void carry_out(const engine::Effects& effects) {
    std::deque<engine::Input> outcomes;
    for (const engine::Effect& effect : effects) {
      std::visit([&](const auto& e) { judge(e); }, effect);
      if (const auto* step = std::get_if<engine::StepClock>(&effect))
        outcomes.emplace_back(engine::carry_out(*step, clock_));
      if (const auto* set = std::get_if<engine::SetFrequency>(&effect))
        outcomes.emplace_back(engine::carry_out(*set, clock_));
      if (const auto* send = std::get_if<engine::Send>(&effect)) {
        requests_[send->remote.address] = *send;
        outcomes.emplace_back(engine::PacketSent{.token = send->token, .at = clock_.system()});
      }
    }
    for (const engine::Input& outcome : outcomes) deliver(outcome);
  }

  template <class T>
  static void judge(const T&) {}
  void judge(const engine::StepClock& step) const {
    if (has_panic_threshold_) check(step.amount.seconds(), -engine::kPanicThreshold_s, engine::kPanicThreshold_s);
  }
  static void judge(const engine::SetFrequency& set) {
    check(set.frequency_ppm, -kMostSteering_ppm, kMostSteering_ppm);
  }
  static void judge(const engine::SetKernelStatus& status) {
    check(status.max_error_s, 0);
    check(status.estimated_error_s, 0);
  }
  static void judge(const engine::SaveDrift& save) {
    check(save.drift.frequency_ppm, -engine::kMaxFrequency_ppm, engine::kMaxFrequency_ppm);
    if (!save.drift.model) return;
    check(save.drift.model->deviation_ppm, 0, engine::kMaxFrequency_ppm);
    check(save.drift.model->wander_ppm, 0);
    check(save.drift.model->aging_ppm_per_day);
    check(save.drift.model->temperature_ppm_per_K);
    check(save.drift.model->temperature_celsius);
  }
  static void judge(const engine::Publish& publish) {
    check(publish.summary.root_delay_s, 0);
    check(publish.summary.root_dispersion_s, 0);
    check(publish.summary.dispersion_rate, 0, 1);
  }
  static void judge(const engine::WriteStatistics& line) {
    std::visit([](const auto& record) { judge(record); }, line.record);
  }
  static void judge(const engine::ErrorRecord& error) {
    check(error.offset_s);
    check(error.deviation_s, 0);
    check(error.root_distance_s, 0);
  }
  static void judge(const engine::LoopRecord& loop) {
    check(loop.offset_s);
    check(loop.frequency_ppm, -kMostSteering_ppm, kMostSteering_ppm);
    check(loop.jitter_s, 0);
    check(loop.wander_ppm, 0);
  }
  static void judge(const engine::PeerRecord& peer) {
    check(peer.offset_s);
    for (const double value : {peer.delay_s, peer.dispersion_s, peer.jitter_s}) check(value, 0);
  }

  void check_view() const {
    const state::View view = engine_.view(clock_now());
    const state::SystemView& s = view.system;
    for (const double value : {s.root_delay_s, s.root_dispersion_s, s.jitter_s, s.clock_jitter_s, s.clock_wander_ppm,
                               s.deviation_s, s.root_distance_s})
      check(value, 0);
    for (const double value : {s.offset_s, s.estimate_s}) check(value);
    check(s.frequency_ppm, -kMostSteering_ppm, kMostSteering_ppm);
    for (const state::SourceView& source : view.sources) {
      for (const double value : {source.delay_s, source.jitter_s, source.dispersion_s, source.root_distance_s,
                                 source.deviation_s, source.delay_floor_s})
        check(value, 0);
      check(source.offset_s);
    }
  }
  [[nodiscard]] engine::Now clock_now() const {
    return {engine::test::mono(clock_.raw_s()), engine::test::raw(clock_.raw_s()), clock_.system(), 0};
  }

  std::uint8_t choices_;
  bool has_panic_threshold_;
  FakeClock clock_;
  SeededRandom random_{42};
  std::map<Address, engine::Send> requests_;
  engine::Engine engine_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size == 0) return 0;
  std::span<const std::uint8_t> rest(octets, size);
  World world(rest.front());
  rest = rest.subspan(1);
  for (std::size_t count = 0; count < kMostRecords && rest.size() >= kChoices; ++count) {
    const auto choices = rest.first(kChoices);
    rest = rest.subspan(kChoices);
    const std::size_t length = std::min<std::size_t>(choices[3] % (wire::kHeaderLength + 1), rest.size());
    world.happen(choices, std::as_bytes(rest.first(length)));
    rest = rest.subspan(length);
  }
  world.end();
  return 0;
}
