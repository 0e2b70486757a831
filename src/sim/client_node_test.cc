// SPDX-License-Identifier: BSD-2-Clause
//
// Each invariant must be able to fail: broken engines behind the door of a simulated client.
#include "sim/client_node.h"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "base/calendar.h"
#include "sim/server_node.h"

namespace ntp::sim {
namespace {

const Timestamp kStart = timestamp_from_unix(1'800'000'000, 0);
constexpr double kTick_s = 10;

/// Ticks every ten seconds and does in it what a test says.
class ScriptedEngine final : public EngineDoor {
 public:
  using Script = std::function<void(const engine::Now&, engine::Effects&)>;

  explicit ScriptedEngine(Script on_tick) : on_tick_(std::move(on_tick)) {}

  void start(const engine::Now& now, engine::Effects&) override { deadline_ = now.mono + kTick_s; }
  void handle(const engine::Now&, const engine::Input& input, engine::Effects& out) override {
    heard.push_back(input);
    if (on_input) on_input(input, out);
  }
  void tick(const engine::Now& now, engine::Effects& out) override {
    deadline_ = now.mono + interval_s;
    on_tick_(now, out);
  }
  [[nodiscard]] MonoTime next_deadline() const override { return deadline_; }
  void stop(const engine::Now&, engine::Effects&) override {}

  double interval_s = kTick_s;
  std::vector<engine::Input> heard;
  std::function<void(const engine::Input&, engine::Effects&)> on_input;

 private:
  Script on_tick_;
  MonoTime deadline_;
};

struct Bench {
  World world{42};
  ServerNode& server = world.add(std::make_unique<ServerNode>("server", ServerSettings{}, kStart, 1));
  ClientNode& client;
  ScriptedEngine* engine = nullptr;

  Bench(const ClientSettings& settings, ScriptedEngine::Script script)
      : client(world.add(std::make_unique<ClientNode>("client", settings, kStart, 2))) {
    auto door = std::make_unique<ScriptedEngine>(std::move(script));
    engine = door.get();
    client.set_engine(std::move(door));
    world.connect(server.id(), client.id(), {});
    world.connect(client.id(), server.id(), {});
  }

  /// The text of the violation within `seconds`, or "none".
  std::string run(double seconds) {
    world.start();
    if (world.run_until(TrueTime::from_seconds(seconds))) return "none";
    return world.violation()->text;
  }
};

engine::Publish claim(const engine::Now& now, double root_dispersion_s) {
  state::ClockSummary summary;
  summary.leap = wire::Leap::none;
  summary.stratum = 2;
  summary.root_dispersion_s = root_dispersion_s;
  summary.as_of = now.mono;
  return {.summary = summary};
}

engine::Send request_to(const Address& server) {
  engine::Send send{.token = 1, .endpoint = 7, .remote = {server, wire::kPort}, .length = 48};
  send.octets[0] = std::byte{0x23};
  return send;
}

TEST(Invariants, AnIdleEngineViolatesNothing) {
  Bench bench({}, [](const engine::Now&, engine::Effects&) {});

  EXPECT_EQ(bench.run(100000), "none");
}

TEST(Invariants, FireWhenAWrongClockIsCalledRight) {
  Bench bench({.clock = {.offset_s = 0.5}},
              [](const engine::Now& now, engine::Effects& out) { out.emplace_back(claim(now, 0.1)); });

  EXPECT_NE(bench.run(100).find("the clock is off by 0.500000000 s, its root distance says at most 0.1"),
            std::string::npos);
}

TEST(Invariants, DoNotFireWhenTheRootDistanceCoversTheError) {
  Bench bench({.clock = {.offset_s = 0.5}},
              [](const engine::Now& now, engine::Effects& out) { out.emplace_back(claim(now, 0.6)); });

  EXPECT_EQ(bench.run(100), "none");
}

TEST(Invariants, FireWhenAClaimGoesStaleBetweenEvents) {
  // 100 ppm from a distance that doesn't grow: wrong after 1000 s, noticed at the next event.
  Bench bench({.clock = {.frequency_ppm = 100}},
              [is_told = false](const engine::Now& now, engine::Effects& out) mutable {
                if (!is_told) out.emplace_back(claim(now, 0.1));
                is_told = true;
              });

  EXPECT_NE(bench.run(5000).find("the clock is off by"), std::string::npos);
  EXPECT_NEAR(bench.world.violation()->at.seconds(), 1000, kTick_s);
}

TEST(Invariants, FireOnAFloodOfEffects) {
  Bench bench({}, [](const engine::Now&, engine::Effects& out) { out.resize(65, engine::Log{}); });

  EXPECT_EQ(bench.run(100), "client: one event had 65 effects, the limit is 64");
}

TEST(Invariants, FireOnAnEventThatNeverEnds) {
  Bench bench({}, [](const engine::Now&, engine::Effects& out) { out.emplace_back(engine::SetFrequency{}); });
  bench.engine->on_input = [](const engine::Input&, engine::Effects& out) { out.emplace_back(engine::SetFrequency{}); };

  EXPECT_EQ(bench.run(100), "client: one event led to more than 1000 others");
}

TEST(Invariants, FireOnADeadlineInThePast) {
  Bench bench({}, [](const engine::Now&, engine::Effects&) {});
  bench.engine->interval_s = -1;

  EXPECT_NE(bench.run(100).find("the next deadline is 1.000000000 s in the past"), std::string::npos);
}

TEST(Invariants, FireOnASpinningEngine) {
  Bench bench({}, [](const engine::Now&, engine::Effects&) {});
  bench.engine->interval_s = 0;

  EXPECT_EQ(bench.run(100), "client: 1001 ticks at the same instant");
}

TEST(Invariants, FireOnAForbiddenStep) {
  const engine::StepClock step{.token = 1, .amount = Span::from_seconds(0.25)};
  Bench allowed({}, [&](const engine::Now&, engine::Effects& out) { out.emplace_back(step); });
  Bench forbidden({.invariants = {.may_step = false}},
                  [&](const engine::Now&, engine::Effects& out) { out.emplace_back(step); });

  EXPECT_EQ(allowed.run(100), "none");
  EXPECT_NE(forbidden.run(100).find("the clock is stepped by 0.250000000 s"), std::string::npos);
}

TEST(Invariants, FireOnWildSteeringAndDrift) {
  Bench steering({}, [](const engine::Now&, engine::Effects& out) {
    out.emplace_back(engine::SetFrequency{.frequency_ppm = 96'000});
  });
  Bench drift({}, [](const engine::Now&, engine::Effects& out) {
    out.emplace_back(engine::SaveDrift{{.frequency_ppm = -501}});
  });

  EXPECT_NE(steering.run(100).find("steered by 96000 ppm"), std::string::npos);
  EXPECT_NE(drift.run(100).find("a drift of -501 ppm"), std::string::npos);
}

TEST(Invariants, FireOnTooManyPackets) {
  Bench* here = nullptr;
  Bench bench({}, [&](const engine::Now&, engine::Effects& out) {
    out.emplace_back(engine::OpenEndpoint{.endpoint = 7, .remote = {here->server.address(), wire::kPort}});
    out.emplace_back(request_to(here->server.address()));
    out.emplace_back(engine::CloseEndpoint{.endpoint = 7});
  });
  here = &bench;

  EXPECT_NE(bench.run(3600).find("was sent 74 packets within an hour, the limit is 73"), std::string::npos);
}

TEST(Invariants, FireOnAServerThatIsForgotten) {
  Bench* here = nullptr;
  Bench bench({}, [&](const engine::Now&, engine::Effects& out) {
    out.emplace_back(engine::OpenEndpoint{.endpoint = 7, .remote = {here->server.address(), wire::kPort}});
    out.emplace_back(request_to(here->server.address()));
    out.emplace_back(engine::CloseEndpoint{.endpoint = 7});
  });
  here = &bench;
  bench.engine->interval_s = 3000;

  EXPECT_NE(bench.run(10000).find("was not asked for 3000.0 s"), std::string::npos);
}

TEST(ClientNode, AnswersEachEffectWithItsOutcome) {
  Bench* here = nullptr;
  Bench bench({}, [&](const engine::Now&, engine::Effects& out) {
    out.emplace_back(engine::OpenEndpoint{.endpoint = 7, .remote = {here->server.address(), wire::kPort}});
    out.emplace_back(request_to(here->server.address()));
    engine::Send lost = request_to(here->server.address());
    lost.endpoint = 8;
    out.emplace_back(lost);
    out.emplace_back(engine::StepClock{.token = 5, .amount = Span::from_seconds(1.0)});
    out.emplace_back(engine::Resolve{.token = 6, .name = "nowhere.example"});
  });
  here = &bench;
  bench.engine->interval_s = 1e6;

  EXPECT_EQ(bench.run(100), "none");

  ASSERT_EQ(bench.engine->heard.size(), 5U);
  EXPECT_TRUE(std::holds_alternative<engine::PacketSent>(bench.engine->heard[0]));
  EXPECT_TRUE(std::holds_alternative<engine::SendFailed>(bench.engine->heard[1]));
  EXPECT_EQ(std::get<engine::ClockCorrected>(bench.engine->heard[2]).step, Span::from_seconds(1.0));
  EXPECT_EQ(std::get<engine::NameResolved>(bench.engine->heard[3]).error, "no such name");
  EXPECT_EQ(std::get<engine::PacketReceived>(bench.engine->heard[4]).endpoint, 7U);
}

TEST(ClientNode, ReportsTheLateStampOfARequest) {
  Bench* here = nullptr;
  Bench bench({.stamp_noise_s = 1e-4}, [&](const engine::Now&, engine::Effects& out) {
    out.emplace_back(engine::OpenEndpoint{.endpoint = 7, .remote = {here->server.address(), wire::kPort}});
    out.emplace_back(request_to(here->server.address()));
  });
  here = &bench;
  bench.engine->interval_s = 1e6;

  EXPECT_EQ(bench.run(100), "none");

  ASSERT_GE(bench.engine->heard.size(), 2U);
  const auto& early = std::get<engine::PacketSent>(bench.engine->heard[0]);
  const auto& late = std::get<engine::PacketSent>(bench.engine->heard[1]);
  EXPECT_TRUE(early.is_better_stamp_expected);
  EXPECT_EQ(late.source, state::StampSource::kernel);
  EXPECT_GT((late.at - early.at).seconds(), 0.0);
  EXPECT_LT((late.at - early.at).seconds(), 1e-4);
}

TEST(ClientNode, HearsNothingAndDoesNothingWhileSuspended) {
  int ticks = 0;
  Bench bench({}, [&](const engine::Now&, engine::Effects&) { ++ticks; });
  bench.world.at(TrueTime::from_seconds(15), [&] { bench.client.suspend(); });
  bench.world.at(TrueTime::from_seconds(3615), [&] { bench.client.resume(0); });

  EXPECT_EQ(bench.run(3600), "none");
  EXPECT_EQ(ticks, 1);
  EXPECT_TRUE(bench.world.run_until(TrueTime::from_seconds(3621)));
  EXPECT_EQ(ticks, 2);
}

std::vector<double> temperatures(const std::vector<engine::Input>& heard) {
  std::vector<double> celsius;
  for (const engine::Input& input : heard) {
    if (const auto* reading = std::get_if<engine::TemperatureRead>(&input)) celsius.push_back(reading->celsius);
  }
  return celsius;
}

TEST(ClientNode, ReadsTheTemperatureThatItsOscillatorFeelsEachMinute) {
  // A quarter of the period is 600 s: 0.5 ppm and, at 0.1 ppm a kelvin, 5 K.
  Bench bench({.clock = {.temperature_ppm = 0.5, .temperature_period_s = 2400},
               .thermometer = TemperatureSensor{.ppm_per_K = 0.1, .mean_celsius = 40}},
              [](const engine::Now&, engine::Effects&) {});

  EXPECT_EQ(bench.run(610), "none");

  const auto celsius = temperatures(bench.engine->heard);
  ASSERT_EQ(celsius.size(), 11U);
  EXPECT_NEAR(celsius.front(), 40, 1e-9);
  EXPECT_NEAR(celsius.back(), 45, 1e-6);
}

TEST(ClientNode, AThermometersNoiseHasTheDeviationThatItIsTold) {
  Bench bench({.thermometer = TemperatureSensor{.noise_K = 0.2}}, [](const engine::Now&, engine::Effects&) {});

  EXPECT_EQ(bench.run(120000), "none");

  double sum_squares = 0;
  const auto celsius = temperatures(bench.engine->heard);
  for (const double value : celsius) sum_squares += (value - 40) * (value - 40);
  EXPECT_NEAR(std::sqrt(sum_squares / static_cast<double>(celsius.size())), 0.2, 0.02);
}

TEST(ClientNode, AThermometerRestsWhileItSleepsAndGoesOnAfterwards) {
  Bench bench({.thermometer = TemperatureSensor{}}, [](const engine::Now&, engine::Effects&) {});
  bench.world.at(TrueTime::from_seconds(150), [&] { bench.client.suspend(); });
  bench.world.at(TrueTime::from_seconds(450), [&] { bench.client.resume(0); });

  EXPECT_EQ(bench.run(610), "none");

  // At 0, 60, 120 and 480, 540, 600 s.
  EXPECT_EQ(temperatures(bench.engine->heard).size(), 6U);
}

engine::WriteStatistics error_bar(double deviation_s, double root_distance_s, wire::Leap leap) {
  return {.record = engine::ErrorRecord{.deviation_s = deviation_s, .root_distance_s = root_distance_s, .leap = leap}};
}

TEST(ClientNode, HoldsErrorRecordsAgainstTheTrueError) {
  // The clock is off by 0.1 s; what isn't called synchronised doesn't count.
  Bench bench({.clock = {.offset_s = -0.1}}, [](const engine::Now&, engine::Effects& out) {
    out.emplace_back(error_bar(0.034, 0.2, wire::Leap::none));
    out.emplace_back(error_bar(0.032, 0.2, wire::Leap::none));
    out.emplace_back(error_bar(0.034, 0.09, wire::Leap::insert));
    out.emplace_back(error_bar(0.001, 0.001, wire::Leap::unsynchronized));
  });

  EXPECT_EQ(bench.run(15), "none");

  EXPECT_EQ(bench.client.error_bars().records, 3U);
  EXPECT_EQ(bench.client.error_bars().within_root_distance, 2U);
  EXPECT_EQ(bench.client.error_bars().within_3_deviations, 2U);
  ASSERT_TRUE(bench.client.error_record().has_value());
  EXPECT_EQ(bench.client.error_record()->deviation_s, 0.001);
}

TEST(ClientNode, TellsAnOnlookerTheOffsetThatPerfectStampsGive) {
  Bench* here = nullptr;
  Bench bench({.clock = {.offset_s = 7, .frequency_ppm = 100}}, [&](const engine::Now&, engine::Effects& out) {
    out.emplace_back(engine::OpenEndpoint{.endpoint = 7, .remote = {here->server.address(), wire::kPort}});
    out.emplace_back(request_to(here->server.address()));
  });
  here = &bench;
  bench.engine->interval_s = 1e6;
  bench.world.connect(bench.client.id(), bench.server.id(), {.delay_s = 0.01});
  bench.world.connect(bench.server.id(), bench.client.id(), {.delay_s = 0.03});
  std::vector<TrueExchange> exchanges;
  bench.client.set_onlooker([&](const TrueExchange& e) { exchanges.push_back(e); });

  EXPECT_EQ(bench.run(100), "none");

  ASSERT_EQ(exchanges.size(), 1U);
  const TrueExchange& exchange = exchanges.front();
  EXPECT_EQ(exchange.server, bench.server.address());
  EXPECT_NEAR(exchange.journey.arrived - exchange.journey.sent, 0.01, 1e-9);
  EXPECT_NEAR(exchange.received - exchange.journey.replied, 0.03, 1e-9);
  // Nobody steers the undisciplined clock, and the offset of the system clock is not its own: 100 ppm of 10.02 s, and half
  // of what the way back takes longer.
  EXPECT_NEAR(exchange.raw_offset_s, 100e-6 * (exchange.journey.sent.seconds() + 0.02) + 0.01, 1e-8);
}

TEST(ClientNode, NothingHappensAfterItTerminated) {
  int ticks = 0;
  Bench bench({}, [&](const engine::Now&, engine::Effects& out) {
    ++ticks;
    out.emplace_back(engine::Terminate{.reason = engine::Terminate::Reason::panic, .text = "too wrong"});
  });

  EXPECT_EQ(bench.run(1000), "none");

  EXPECT_EQ(ticks, 1);
  ASSERT_TRUE(bench.client.terminated().has_value());
  EXPECT_FALSE(bench.client.claims_synchronized());
}

}  // namespace
}  // namespace ntp::sim
