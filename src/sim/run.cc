// SPDX-License-Identifier: BSD-2-Clause
#include "sim/run.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/calendar.h"
#include "base/civil_date.h"
#include "engine/leap_second.h"
#include "sim/delay_moments.h"
#include "sim/judge.h"
#include "sim/noise.h"
#include "sim/reference_estimator.h"

namespace ntp::sim {
namespace {

constexpr std::uint64_t kServerStreams = 30;
constexpr std::uint64_t kClientStreams = 31;
constexpr std::uint64_t kEngineStreams = 32;
constexpr std::uint64_t kSpreadStream = 33;
constexpr int kProgressSteps = 100;

/// Of the clients, or null.
std::shared_ptr<const policy::LeapTable> leap_table(const Scenario& scenario) {
  constexpr int kOffset_s = 37;
  constexpr double kYear_s = 365 * 86400.0;
  const policy::LeapSeconds start = scenario.start_unix_s + kUnixEpochInNtp;
  const auto end = static_cast<policy::LeapSeconds>(scenario.duration_s + kYear_s);
  std::vector<policy::LeapTable::Entry> entries = {{.at = start - 1000 * kSecondsPerDay, .tai_offset_s = kOffset_s}};
  switch (scenario.leap_table) {
    case Scenario::LeapTable::none:
      return nullptr;
    case Scenario::LeapTable::right:
      if (scenario.leap.change_s != 0)
        entries.push_back({.at = engine::leap_seconds_of(scenario.leap.midnight),
                           .tai_offset_s = kOffset_s + scenario.leap.change_s});
      break;
    case Scenario::LeapTable::denies:
      break;
    case Scenario::LeapTable::expired:
      return std::make_shared<const policy::LeapTable>(std::move(entries), start - kSecondsPerDay, 0);
  }
  return std::make_shared<const policy::LeapTable>(std::move(entries), start + end, 0);
}

/// The world of a scenario with everything in it.
class Stage {
 public:
  Stage(const Scenario& scenario, std::uint64_t seed, const Watchers& watchers)
      : scenario_(scenario), watchers_(watchers), world_(seed, watchers.trace) {
    build_servers();
    build_clients();
    for (const Happening& event : scenario_.happenings) arrange(event);
  }

  void run();
  [[nodiscard]] RunResult result();

 private:
  struct ServerSeat {
    ServerNode* node = nullptr;
    const ServerGroup* group = nullptr;
  };

  struct ClientSeat {
    ClientNode* node = nullptr;
    Metrics metrics;
    ReferenceEstimator reference;
    Metrics reference_metrics;
    /// When the last request left that the reference has used, by server.
    std::vector<TrueTime> last_used;
  };

  void build_servers();
  void build_clients();
  [[nodiscard]] std::vector<engine::SourceSettings> sources(NameTable& names) const;
  void arrange(const Happening& event);
  void happen(const Happening& event);
  void sample(TrueTime at);
  void plot(TrueTime at, const Sample& sample, const std::optional<double>& reference_error_s);
  void look_on(std::size_t client, const TrueExchange& exchange);
  template <class Action>
  void for_links(int server, Action action);
  template <class Action>
  void for_servers(int server, Action action);

  const Scenario& scenario_;
  const Watchers& watchers_;
  World world_;
  std::vector<ServerSeat> servers_;
  std::vector<ClientSeat> clients_;
};

void Stage::build_servers() {
  const Timestamp start = timestamp_from_unix(scenario_.start_unix_s, 0);
  for (const ServerGroup& group : scenario_.servers) {
    ServerSettings settings = group.node;
    settings.clock.leap = scenario_.leap;
    for (int i = 0; i < group.count; ++i) {
      const std::size_t number = servers_.size() + 1;
      ServerNode& node = world_.add(std::make_unique<ServerNode>(fmt::format("server{}", number), settings, start,
                                                                 stream_seed(world_.seed(), kServerStreams, number)));
      servers_.push_back({.node = &node, .group = &group});
    }
  }
}

std::vector<engine::SourceSettings> Stage::sources(NameTable& names) const {
  std::vector<engine::SourceSettings> list;
  for (const ServerSeat& seat : servers_) {
    const ServerGroup& group = *seat.group;
    engine::SourceSettings source = scenario_.clients.source;
    source.is_preferred = group.is_preferred;
    source.is_never_selected = group.is_never_selected;
    source.is_always_true = group.is_always_true;
    if (group.name.empty()) {
      source.name = seat.node->address().text();
      source.address = seat.node->address();
      list.push_back(source);
      continue;
    }
    const bool is_new = !names.contains(group.name);
    NameEntry& entry = names[group.name];
    entry.addresses.push_back(seat.node->address());
    entry.answers_after_s = group.answers_after_s;
    entry.fails_until_s = group.fails_until_s;
    if (!is_new) continue;
    source.name = group.name;
    if (group.is_pool) source.kind = engine::SourceSettings::Kind::pool;
    list.push_back(source);
  }
  return list;
}

void Stage::build_clients() {
  const ClientGroup& group = scenario_.clients;
  const Timestamp start = timestamp_from_unix(scenario_.start_unix_s, 0);
  SeededRandom spread(stream_seed(world_.seed(), kSpreadStream, 0));
  const auto either_side = [&](double amount) { return amount * (2.0 * spread.uniform() - 1.0); };
  std::vector<TimeWindow> windows;
  windows.reserve(scenario_.windows.size());
  for (const WindowExpectations& window : scenario_.windows)
    windows.push_back({.from = TrueTime::from_seconds(window.from_s), .to = TrueTime::from_seconds(window.to_s)});
  const Metrics metrics(TrueTime::from_seconds(scenario_.settle_s),
                        scenario_.expect.below_s.value_or(std::numeric_limits<double>::infinity()), windows);
  for (int i = 0; i < group.count; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    ClientSettings settings = group.node;
    settings.clock.offset_s += either_side(group.offset_spread_s);
    settings.clock.frequency_ppm += either_side(group.frequency_spread_ppm);
    settings.starts_at_s = group.start_spread_s * spread.uniform();
    settings.clock.leap = scenario_.leap;
    engine::Settings engine_settings = group.engine;
    engine_settings.leap_table = leap_table(scenario_);
    engine_settings.statistics.has_error = scenario_.expect.asks_for_error_bars();
    engine_settings.sources = sources(settings.names);
    const std::string name = group.count == 1 ? "client" : fmt::format("client{}", i + 1);
    ClientNode& node = world_.add(
        std::make_unique<ClientNode>(name, settings, start, stream_seed(world_.seed(), kClientStreams, index)));
    node.set_engine(open_engine(engine_settings, stream_seed(world_.seed(), kEngineStreams, index)));
    node.set_onlooker([this, client = clients_.size()](const TrueExchange& e) { look_on(client, e); });
    const double wander_ppm = scenario_.reference_wander_ppm.value_or(settings.clock.wander_ppm);
    clients_.push_back({.node = &node,
                        .metrics = metrics,
                        .reference = ReferenceEstimator(wander_ppm),
                        .reference_metrics = metrics,
                        .last_used = std::vector<TrueTime>(servers_.size(), TrueTime::from_units(-1))});
    for (const ServerSeat& seat : servers_) {
      world_.connect(node.id(), seat.node->id(), seat.group->to_server);
      world_.connect(seat.node->id(), node.id(), seat.group->to_client);
    }
  }
}

template <class Action>
void Stage::for_servers(int server, Action action) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (server == 0 || static_cast<std::size_t>(server) == i + 1) action(*servers_[i].node);
  }
}

template <class Action>
void Stage::for_links(int server, Action action) {
  for_servers(server, [&](const ServerNode& node) {
    for (const ClientSeat& client : clients_)
      action(*world_.link(client.node->id(), node.id()), *world_.link(node.id(), client.node->id()));
  });
}

void Stage::arrange(const Happening& event) {
  world_.at(TrueTime::from_seconds(event.at_s), [this, event] { happen(event); });
}

void Stage::happen(const Happening& event) {
  const TrueTime end = TrueTime::from_seconds(event.at_s + event.duration_s);
  switch (event.what) {
    case Happening::What::outage: {
      const auto set_down = [this, server = event.server](bool is_down) {
        for_links(server, [&](Link& there, Link& back) {
          there.set_down(is_down);
          back.set_down(is_down);
        });
      };
      set_down(true);
      world_.at(end, [set_down] { set_down(false); });
      return;
    }
    case Happening::What::reroute:
      for_links(event.server, [&](Link& there, Link& back) {
        there.set_extra_delay(event.to_server_s);
        back.set_extra_delay(event.to_client_s);
      });
      return;
    case Happening::What::loss:
      for_links(event.server, [&](Link& there, Link& back) {
        there.set_loss(event.amount);
        back.set_loss(event.amount);
      });
      return;
    case Happening::What::server_step:
      for_servers(event.server, [&](ServerNode& s) { s.step(event.amount); });
      return;
    case Happening::What::server_frequency:
      for_servers(event.server, [&](ServerNode& s) { s.change_frequency(event.amount); });
      return;
    case Happening::What::clock_step:
      for (const ClientSeat& client : clients_) client.node->step_by_other(event.amount);
      return;
    case Happening::What::clock_frequency:
      for (const ClientSeat& client : clients_) client.node->change_frequency(event.amount);
      return;
    case Happening::What::suspend:
      for (const ClientSeat& client : clients_) client.node->suspend();
      world_.at(end, [this, error_s = event.amount] {
        for (const ClientSeat& client : clients_) client.node->resume(error_s);
      });
      return;
  }
}

/// The reference hears what the client hears of true servers. It knows the laws of the network, but no event.
void Stage::look_on(std::size_t client, const TrueExchange& exchange) {
  ClientSeat& seat = clients_[client];
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const ServerSeat& server = servers_[i];
    if (server.node->address() != exchange.server) continue;
    // A second copy of a reply says nothing new.
    if (server.group->is_lying || exchange.journey.sent <= seat.last_used[i]) return;
    seat.last_used[i] = exchange.journey.sent;
    const DelayMoments there = delay_moments(server.group->to_server, exchange.journey.sent);
    const DelayMoments back = delay_moments(server.group->to_client, exchange.journey.replied);
    seat.reference.add({.at = exchange.received,
                        .age_s = (exchange.received - exchange.journey.sent) / 2,
                        .offset_s = exchange.raw_offset_s - (back.mean_s - there.mean_s) / 2,
                        .variance_s2 = (there.variance_s2 + back.variance_s2) / 4});
    return;
  }
}

void Stage::sample(TrueTime at) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    ClientSeat& seat = clients_[i];
    const Oscillator& clock = seat.node->clock();
    const Sample sample{.offset_s = clock.true_offset_s(),
                        .frequency_error_ppm = clock.true_frequency_error_ppm(),
                        .is_synchronized = seat.node->claims_synchronized()};
    seat.metrics.add(at, sample);
    std::optional<double> reference_error_s;
    if (const auto estimate = seat.reference.at(at)) {
      reference_error_s = clock.raw_offset_s() - estimate->offset_s;
      seat.reference_metrics.add(at,
                                 {.offset_s = *reference_error_s,
                                  .frequency_error_ppm = clock.raw_frequency_error_ppm() - estimate->frequency_ppm});
    }
    if (i == 0 && watchers_.plot != nullptr) plot(at, sample, reference_error_s);
  }
}

void Stage::plot(TrueTime at, const Sample& sample, const std::optional<double>& reference_error_s) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  ClientNode& client = *clients_.front().node;
  const auto& record = client.error_record();
  watchers_.plot->write(fmt::format("{} {:.10f} {:.6f} {} {:.9f} {:.10f} {:.10f} {:.10f}\n", time_text(at),
                                    sample.offset_s, sample.frequency_error_ppm, sample.is_synchronized ? 1 : 0,
                                    root_distance_s(client.summary(), client.clock().mono()),
                                    record ? record->offset_s : kUnknown, record ? record->deviation_s : kUnknown,
                                    reference_error_s.value_or(kUnknown)));
}

void Stage::run() {
  world_.start();
  const auto samples = static_cast<std::int64_t>(scenario_.duration_s / scenario_.sample_s);
  const std::int64_t stride = std::max<std::int64_t>(samples / kProgressSteps, 1);
  for (std::int64_t i = 1; i <= samples; ++i) {
    const TrueTime at = TrueTime::from_seconds(static_cast<double>(i) * scenario_.sample_s);
    if (!world_.run_until(at)) return;
    sample(at);
    if (watchers_.progress && i % stride == 0) {
      watchers_.progress(static_cast<double>(i) / static_cast<double>(samples));
    }
  }
  world_.run_until(TrueTime::from_seconds(scenario_.duration_s));
  for (const ClientSeat& client : clients_) client.node->stop();
}

RunResult Stage::result() {
  RunResult result{.seed = world_.seed(), .violation = world_.violation(), .events = world_.events()};
  std::vector<ClientRecord> records;
  for (const ClientSeat& seat : clients_) {
    const auto& terminated = seat.node->terminated();
    records.push_back({.metrics = seat.metrics,
                       .reference = seat.reference_metrics,
                       .counts = seat.node->counts(),
                       .leaps = seat.node->clock().leaps(),
                       .error_bars = seat.node->error_bars(),
                       .ended = terminated ? std::optional(terminated->reason) : std::nullopt});
  }
  judge(scenario_, records, result);
  return result;
}

}  // namespace

RunResult run(const Scenario& scenario, std::uint64_t seed, const Watchers& watchers) {
  Stage stage(scenario, seed, watchers);
  stage.run();
  return stage.result();
}

}  // namespace ntp::sim
