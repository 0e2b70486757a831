// SPDX-License-Identifier: BSD-2-Clause
#include "sim/run.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/calendar.h"
#include "sim/noise.h"

namespace ntp::sim {
namespace {

constexpr std::uint64_t kServerStreams = 30;
constexpr std::uint64_t kClientStreams = 31;
constexpr std::uint64_t kEngineStreams = 32;
constexpr std::uint64_t kSpreadStream = 33;
constexpr int kProgressSteps = 100;

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
  [[nodiscard]] RunResult judge();

 private:
  struct ServerSeat {
    ServerNode* node = nullptr;
    const ServerGroup* group = nullptr;
  };

  void build_servers();
  void build_clients();
  [[nodiscard]] std::vector<engine::SourceSettings> sources(NameTable& names) const;
  void arrange(const Happening& event);
  void happen(const Happening& event);
  void sample(TrueTime at);
  template <class Action>
  void for_links(int server, Action action);
  template <class Action>
  void for_servers(int server, Action action);

  const Scenario& scenario_;
  const Watchers& watchers_;
  World world_;
  std::vector<ServerSeat> servers_;
  std::vector<ClientNode*> clients_;
  std::vector<Metrics> metrics_;
};

void Stage::build_servers() {
  const Timestamp start = timestamp_from_unix(scenario_.start_unix_s, 0);
  for (const ServerGroup& group : scenario_.servers) {
    for (int i = 0; i < group.count; ++i) {
      const std::size_t number = servers_.size() + 1;
      ServerNode& node = world_.add(std::make_unique<ServerNode>(fmt::format("server{}", number), group.node, start,
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
  for (int i = 0; i < group.count; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    ClientSettings settings = group.node;
    settings.clock.offset_s += either_side(group.offset_spread_s);
    settings.clock.frequency_ppm += either_side(group.frequency_spread_ppm);
    settings.starts_at_s = group.start_spread_s * spread.uniform();
    engine::Settings engine_settings = group.engine;
    engine_settings.sources = sources(settings.names);
    const std::string name = group.count == 1 ? "client" : fmt::format("client{}", i + 1);
    ClientNode& node = world_.add(
        std::make_unique<ClientNode>(name, settings, start, stream_seed(world_.seed(), kClientStreams, index)));
    node.set_engine(open_engine(engine_settings, stream_seed(world_.seed(), kEngineStreams, index)));
    clients_.push_back(&node);
    metrics_.emplace_back(TrueTime::from_seconds(scenario_.settle_s),
                          scenario_.expect.below_s.value_or(std::numeric_limits<double>::infinity()));
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
    for (const ClientNode* client : clients_)
      action(*world_.link(client->id(), node.id()), *world_.link(node.id(), client->id()));
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
      for (ClientNode* client : clients_) client->step_by_other(event.amount);
      return;
    case Happening::What::clock_frequency:
      for (ClientNode* client : clients_) client->change_frequency(event.amount);
      return;
    case Happening::What::suspend:
      for (ClientNode* client : clients_) client->suspend();
      world_.at(end, [this, error_s = event.amount] {
        for (ClientNode* client : clients_) client->resume(error_s);
      });
      return;
  }
}

void Stage::sample(TrueTime at) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    ClientNode& client = *clients_[i];
    const Oscillator& clock = client.clock();
    const Sample sample{.offset_s = clock.true_offset_s(),
                        .frequency_error_ppm = clock.true_frequency_error_ppm(),
                        .is_synchronized = client.claims_synchronized()};
    metrics_[i].add(at, sample);
    if (i > 0 || watchers_.plot == nullptr) continue;
    watchers_.plot->write(fmt::format("{} {:.10f} {:.6f} {} {:.9f}\n", time_text(at), sample.offset_s,
                                      sample.frequency_error_ppm, sample.is_synchronized ? 1 : 0,
                                      root_distance_s(client.summary(), clock.mono())));
  }
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
  for (ClientNode* client : clients_) client->stop();
}

/// Collects the rows of a report.
class Judge {
 public:
  explicit Judge(std::vector<Row>& rows) : rows_(rows) {}

  void at_most(const char* metric, double value, const std::optional<double>& bound) {
    rows_.push_back({metric, number(value), bound ? "<= " + number(*bound) : "", !bound || value <= *bound});
  }
  void at_least(const char* metric, double value, const std::optional<double>& bound) {
    rows_.push_back({metric, number(value), bound ? ">= " + number(*bound) : "", !bound || value >= *bound});
  }
  void equal(const char* metric, const std::string& value, const std::optional<std::string>& bound) {
    rows_.push_back({metric, value, bound.value_or(""), !bound || value == *bound});
  }

 private:
  static std::string number(double value) { return fmt::format("{:.4g}", value); }

  std::vector<Row>& rows_;
};

/// The largest (or least) of a value over all clients.
template <class Value>
double largest(const std::vector<Metrics>& metrics, Value value) {
  double result = -std::numeric_limits<double>::infinity();
  for (const Metrics& m : metrics) result = std::max(result, value(m));
  return result;
}

std::string ending(const std::vector<ClientNode*>& clients) {
  for (const ClientNode* client : clients) {
    const auto& terminated = client->terminated();
    if (!terminated) continue;
    switch (terminated->reason) {
      case engine::Terminate::Reason::clock_was_set:
        return "clock_was_set";
      case engine::Terminate::Reason::panic:
        return "panic";
      case engine::Terminate::Reason::no_source:
        return "no_source";
    }
  }
  return "no";
}

double elapsed_or_never(TrueTime at) {
  return at == TrueTime::never() ? std::numeric_limits<double>::infinity() : at.seconds();
}

std::optional<std::string> wanted(const std::optional<bool>& value) {
  if (!value) return std::nullopt;
  return *value ? "yes" : "no";
}

std::optional<double> as_double(const std::optional<std::int64_t>& value) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

RunResult Stage::judge() {
  RunResult result{.seed = world_.seed(), .violation = world_.violation(), .events = world_.events()};
  const Expectations& expect = scenario_.expect;
  double steps = 0;
  double sent = 0;
  bool all_synchronized = true;
  bool none_synchronized = true;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    steps = std::max(steps, static_cast<double>(clients_[i]->counts().steps));
    sent = std::max(sent, static_cast<double>(clients_[i]->counts().sent));
    all_synchronized = all_synchronized && metrics_[i].last().is_synchronized;
    none_synchronized = none_synchronized && metrics_[i].first_synchronized() == TrueTime::never();
  }
  const double server_hours = std::max(static_cast<double>(servers_.size()), 1.0) * scenario_.duration_s / 3600.0;
  const auto offset_at_end = [](const Metrics& m) { return std::fabs(m.last().offset_s); };
  const auto unsynchronized = [](const Metrics& m) { return 1.0 - m.synchronized_fraction(); };
  const auto first_synchronized = [](const Metrics& m) { return elapsed_or_never(m.first_synchronized()); };
  const double least_fraction = 1.0 - largest(metrics_, unsynchronized);
  const double most_fraction = largest(metrics_, [](const Metrics& m) { return m.synchronized_fraction(); });

  Judge judge(result.rows);
  judge.at_most("RMS offset, s", largest(metrics_, [](const Metrics& m) { return m.rms_offset_s(); }),
                expect.rms_offset_s_max);
  judge.at_most("max offset, s", largest(metrics_, [](const Metrics& m) { return m.max_offset_s(); }),
                expect.max_offset_s_max);
  judge.at_most("peak offset from the start, s", largest(metrics_, [](const Metrics& m) { return m.peak_offset_s(); }),
                expect.peak_offset_s_max);
  judge.at_most("max offset while synchronised, s",
                largest(metrics_, [](const Metrics& m) { return m.max_claimed_offset_s(); }),
                expect.claimed_offset_s_max);
  judge.at_most("offset at the end, s", largest(metrics_, offset_at_end), expect.end_offset_s_max);
  if (expect.below_s) {
    const double since_s = largest(metrics_, [](const Metrics& m) { return elapsed_or_never(m.below_since()); });
    judge.at_most(fmt::format("below {:.4g} s for good after, s", *expect.below_s).c_str(), since_s, expect.within_s);
  }
  judge.at_most("RMS frequency error, ppm",
                largest(metrics_, [](const Metrics& m) { return m.rms_frequency_error_ppm(); }),
                expect.rms_frequency_error_ppm_max);
  judge.at_most("synchronised after, s", largest(metrics_, first_synchronized), expect.synchronized_within_s);
  judge.at_least("synchronised, share of time", least_fraction, expect.synchronized_fraction_min);
  if (expect.synchronized_fraction_max)
    judge.at_most("synchronised, share of time", most_fraction, expect.synchronized_fraction_max);
  judge.equal("synchronised at the end", all_synchronized ? "yes" : "no", wanted(expect.synchronized_at_end));
  if (expect.never_synchronized)
    judge.equal("never synchronised", none_synchronized ? "yes" : "no", wanted(expect.never_synchronized));
  if (expect.steps_min) judge.at_least("steps of the clock", steps, as_double(expect.steps_min));
  judge.at_most("steps of the clock", steps, as_double(expect.steps_max));
  judge.at_most("packets an hour and server", sent / server_hours, expect.packets_per_hour_max);
  judge.equal("ended by itself", ending(clients_), expect.terminated);
  return result;
}

}  // namespace

bool RunResult::is_ok() const {
  return !violation && std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.is_ok; });
}

RunResult run(const Scenario& scenario, std::uint64_t seed, const Watchers& watchers) {
  Stage stage(scenario, seed, watchers);
  stage.run();
  return stage.judge();
}

}  // namespace ntp::sim
