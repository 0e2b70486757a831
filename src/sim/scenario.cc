// SPDX-License-Identifier: BSD-2-Clause
#include "sim/scenario.h"

#include <array>

#include "engine/leap_second.h"
#include "sim/table_reader.h"

namespace ntp::sim {
namespace {

constexpr double kYear_s = 366.0 * 86400.0;
constexpr Range kDuration{0, 60 * kYear_s};
constexpr Range kOffset{-60 * kYear_s, 60 * kYear_s};
constexpr Range kFrequency{-1000, 1000};
constexpr Range kProbability{0, 1};
constexpr Range kDelay{0, 3600};
// 1/16 s: what an engine may be told on a LAN of its own.
constexpr Range kPoll{-4, engine::kMaxPollLimit};
constexpr Range kCount{1, 100000};
constexpr Range kAnyCount{0, 1e9};
constexpr Range kBound{0, 1e9};

void read_clock(TableReader& in, OscillatorSettings& clock) {
  in.number("offset_s", clock.offset_s, kOffset);
  in.number("frequency_ppm", clock.frequency_ppm, kFrequency);
  in.number("wander_ppm", clock.wander_ppm, {0, 10});
  in.number("temperature_ppm", clock.temperature_ppm, {0, 100});
  in.number("temperature_period_s", clock.temperature_period_s, {60, 10 * kYear_s});
  in.number("ripple_ppm", clock.ripple_ppm, {0, 100});
  in.number("ripple_period_s", clock.ripple_period_s, {2, 10 * kYear_s});
  in.number("resolution_s", clock.resolution_s, {0, 1});
  in.number("reading_noise_s", clock.reading_noise_s, {0, 1});
}

void read_source(TableReader& in, engine::SourceSettings& source) {
  in.integer("minpoll", source.min_poll_log2s, kPoll);
  in.integer("maxpoll", source.max_poll_log2s, kPoll);
  in.truth("iburst", source.has_iburst);
  in.truth("burst", source.has_burst);
}

void read_engine(TableReader& in, engine::Settings& settings) {
  std::optional<double> drift_ppm;
  in.number("drift_ppm", drift_ppm, {-500, 500});
  if (drift_ppm) settings.drift = engine::DriftRecord{.frequency_ppm = *drift_ppm};
  in.truth("lifts_panic_once", settings.lifts_panic_once);
  in.truth("steps_once", settings.steps_once);
  in.truth("quits_after_set", settings.quits_after_set);
  in.truth("sets_clock", settings.sets_clock);
  in.number("step_threshold_s", settings.discipline.step_threshold_s, {0, 1e6});
  settings.discipline.step_back_threshold_s = settings.discipline.step_threshold_s;
  in.choice<engine::DisciplineSettings::Algorithm>("discipline", settings.discipline.algorithm,
                                                   {{"estimator", engine::DisciplineSettings::Algorithm::estimator},
                                                    {"classic", engine::DisciplineSettings::Algorithm::classic}});
  in.number("stepout_s", settings.discipline.stepout_s, {0, 1e6});
  in.number("panic_threshold_s", settings.discipline.panic_threshold_s, {0, 1e9});
  in.integer("minsane", settings.selection.min_sane, {1, 100});
  in.number("maxdist_s", settings.selection.max_distance_s, {0.001, 16});
}

void read_thermometer(TableReader& in, ClientSettings& client) {
  bool is_there = false;
  TemperatureSensor sensor;
  in.truth("temperature_sensor", is_there);
  in.number("temperature_noise_K", sensor.noise_K, {0, 100});
  in.number("temperature_ppm_per_K", sensor.ppm_per_K, {0.0001, 100});
  if (is_there) client.thermometer = sensor;
}

void read_client(const toml::table& table, Scenario& scenario, Mistakes& mistakes) {
  ClientGroup& clients = scenario.clients;
  TableReader in(table, "[client]", mistakes);
  using LeapTable = Scenario::LeapTable;
  in.choice<LeapTable>("leap_table", scenario.leap_table,
                       {{"none", LeapTable::none},
                        {"right", LeapTable::right},
                        {"denies", LeapTable::denies},
                        {"expired", LeapTable::expired}});
  in.integer("count", clients.count, kCount);
  read_clock(in, clients.node.clock);
  in.number("offset_spread_s", clients.offset_spread_s, {0, kYear_s});
  in.number("frequency_spread_ppm", clients.frequency_spread_ppm, {0, 500});
  in.number("start_spread_s", clients.start_spread_s, kDuration);
  in.truth("may_set_clock", clients.node.clock.may_be_set);
  in.choice<StampKind>("stamps", clients.node.stamps, {{"user", StampKind::user}, {"kernel", StampKind::kernel}});
  in.number("stamp_noise_s", clients.node.stamp_noise_s, {0, 1});
  read_thermometer(in, clients.node);
  read_source(in, clients.source);
  read_engine(in, clients.engine);
  in.finish();
}

/// A table of that name inside another, if it is there.
template <class Read>
void read_child(TableReader& in, std::string_view key, Read read) {
  const toml::node* const node = in.find(key);
  if (node == nullptr) return;
  if (const toml::table* const table = node->as_table())
    read(*table);
  else
    in.wrong(*node, key, "a table");
}

void read_wave(const toml::table& table, const std::string& name, DelayWave& wave, Mistakes& mistakes) {
  TableReader in(table, name, mistakes);
  in.number("amplitude_s", wave.amplitude_s, kDelay);
  in.number("period_s", wave.period_s, {1, 10 * kYear_s});
  in.number("phase_turns", wave.phase_turns, {0, 1});
  in.finish();
}

void read_congestion(const toml::table& table, const std::string& name, Congestion& congestion, Mistakes& mistakes) {
  TableReader in(table, name, mistakes);
  in.number("least_s", congestion.least_s, kDelay);
  in.number("most_s", congestion.most_s, kDelay);
  in.number("first_at_s", congestion.first_at_s, kDuration);
  in.number("duration_s", congestion.duration_s, kDuration);
  in.number("period_s", congestion.period_s, {1, 10 * kYear_s});
  in.finish();
  if (congestion.least_s > congestion.most_s) {
    mistakes.add(table.source(), name + " least_s: expected at most most_s");
  }
}

void read_link(const toml::table& table, const std::string& name, LinkSettings& link, Mistakes& mistakes) {
  TableReader in(table, name, mistakes);
  in.number("delay_s", link.delay_s, kDelay);
  in.number("jitter_s", link.jitter_s, kDelay);
  in.choice<DelayShape>("shape", link.shape,
                        {{"fixed", DelayShape::fixed},
                         {"exponential", DelayShape::exponential},
                         {"uniform", DelayShape::uniform},
                         {"gamma", DelayShape::gamma},
                         {"lognormal", DelayShape::lognormal},
                         {"heavy_tail", DelayShape::heavy_tail},
                         {"exponential_product", DelayShape::exponential_product}});
  in.number("shape_parameter", link.shape_parameter, {0.01, 100});
  if (link.shape == DelayShape::heavy_tail && link.shape_parameter <= 1.0) {
    mistakes.add(table.source(), name + " shape_parameter: expected more than 1, else a heavy tail has no mean");
  }
  if (link.shape == DelayShape::exponential_product && link.shape_parameter < 1.0) {
    mistakes.add(table.source(), name + " shape_parameter: expected at least 1, the number of exponentials");
  }
  read_child(in, "wave", [&](const toml::table& t) { read_wave(t, name + ".wave", link.wave, mistakes); });
  read_child(in, "congestion",
             [&](const toml::table& t) { read_congestion(t, name + ".congestion", link.congestion, mistakes); });
  in.number("loss", link.loss, kProbability);
  in.number("duplication", link.duplication, kProbability);
  in.number("corruption", link.corruption, kProbability);
  in.number("rate_bits_s", link.rate_bits_s, {0, 1e12});
  in.truth("keeps_order", link.keeps_order);
  in.finish();
}

/// The two directions between a client and a server.
struct Directions {
  LinkSettings& to_server;
  LinkSettings& to_client;
};

void read_links(TableReader& in, const std::string& owner, const Directions& links, Mistakes& mistakes) {
  read_child(in, "link", [&](const toml::table& t) {
    read_link(t, owner + ".link", links.to_server, mistakes);
    LinkSettings same = links.to_client;
    Mistakes already_told{.file = mistakes.file, .texts = {}};
    read_link(t, owner + ".link", same, already_told);
    links.to_client = same;
  });
  read_child(in, "to_server",
             [&](const toml::table& t) { read_link(t, owner + ".to_server", links.to_server, mistakes); });
  read_child(in, "to_client",
             [&](const toml::table& t) { read_link(t, owner + ".to_client", links.to_client, mistakes); });
}

void read_server(const toml::table& table, ServerGroup& server, Mistakes& mistakes) {
  TableReader in(table, "[[server]]", mistakes);
  in.integer("count", server.count, {1, 1000});
  in.text("name", server.name);
  in.truth("pool", server.is_pool);
  in.truth("lies", server.is_lying);
  in.number("answers_after_s", server.answers_after_s, kDuration);
  in.number("fails_until_s", server.fails_until_s, kDuration);
  read_clock(in, server.node.clock);
  in.choice<wire::Leap>("leap", server.node.leap,
                        {{"none", wire::Leap::none},
                         {"insert", wire::Leap::insert},
                         {"remove", wire::Leap::remove},
                         {"unsynchronized", wire::Leap::unsynchronized}});
  in.truth("tells_leap", server.node.tells_leap);
  in.number("leap_smear_s", server.node.leap_smear_interval_s, {0, 1e6});
  in.integer("stratum", server.node.stratum, {0, 16});
  in.number("root_delay_s", server.node.root_delay_s, {0, 16});
  in.number("root_dispersion_s", server.node.root_dispersion_s, {0, 16});
  in.number("processing_s", server.node.processing_s, {0, 10});
  in.integer("first_replies", server.node.first_replies, kAnyCount);
  in.number("first_offset_s", server.node.first_offset_s, kOffset);
  std::string kiss;
  in.text("kiss", kiss);
  if (!kiss.empty()) server.node.kiss = wire::Refid::ascii(kiss);
  in.number("kiss_from_s", server.node.kiss_from_s, kDuration);
  in.number("kiss_until_s", server.node.kiss_until_s, kDuration);
  in.truth("prefer", server.is_preferred);
  in.truth("noselect", server.is_never_selected);
  in.truth("true", server.is_always_true);
  read_links(in, "[[server]]", {server.to_server, server.to_client}, mistakes);
  in.finish();
  if (server.is_pool && server.name.empty()) {
    mistakes.add(table.source(), "[[server]] pool: expected a name, too; a pool is found by its name");
  }
}

void read_happening(const toml::table& table, Happening& event, Mistakes& mistakes) {
  using What = Happening::What;
  TableReader in(table, "[[event]]", mistakes);
  in.choice<What>("what", event.what,
                  {{"outage", What::outage},
                   {"reroute", What::reroute},
                   {"loss", What::loss},
                   {"server_step", What::server_step},
                   {"server_frequency", What::server_frequency},
                   {"clock_step", What::clock_step},
                   {"clock_frequency", What::clock_frequency},
                   {"suspend", What::suspend}});
  if (table.get("what") == nullptr) mistakes.add(table.source(), "[[event]] what: expected, but missing");
  in.number("at_s", event.at_s, kDuration);
  in.number("duration_s", event.duration_s, kDuration);
  in.number("amount", event.amount, kOffset);
  in.number("to_server_s", event.to_server_s, {-3600, 3600});
  in.number("to_client_s", event.to_client_s, {-3600, 3600});
  in.integer("server", event.server, {0, 100000});
  in.finish();
}

void read_expectations(const toml::table& table, Expectations& expect, Mistakes& mistakes) {
  TableReader in(table, "[expect]", mistakes);
  in.number("rms_offset_s_max", expect.rms_offset_s_max, kBound);
  in.number("max_offset_s_max", expect.max_offset_s_max, kBound);
  in.number("peak_offset_s_max", expect.peak_offset_s_max, kBound);
  in.number("claimed_offset_s_max", expect.claimed_offset_s_max, kBound);
  in.number("end_offset_s_max", expect.end_offset_s_max, kBound);
  in.number("below_s", expect.below_s, kBound);
  in.number("within_s", expect.within_s, kBound);
  in.number("median_within_s", expect.median_within_s, kBound);
  in.number("rms_frequency_error_ppm_max", expect.rms_frequency_error_ppm_max, kBound);
  in.number("synchronized_within_s", expect.synchronized_within_s, kBound);
  in.number("synchronized_fraction_min", expect.synchronized_fraction_min, kProbability);
  in.number("synchronized_fraction_max", expect.synchronized_fraction_max, kProbability);
  in.number("packets_per_hour_max", expect.packets_per_hour_max, kBound);
  in.integer("steps_min", expect.steps_min, kAnyCount);
  in.integer("steps_max", expect.steps_max, kAnyCount);
  in.integer("leaps", expect.leaps, kAnyCount);
  in.truth("synchronized_at_end", expect.synchronized_at_end);
  in.truth("never_synchronized", expect.never_synchronized);
  in.number("within_root_distance_min", expect.within_root_distance_min, kProbability);
  in.number("within_3_deviations_min", expect.within_3_deviations_min, kProbability);
  in.number("rms_over_reference_max", expect.rms_over_reference_max, kBound);
  in.number("max_over_reference_max", expect.max_over_reference_max, kBound);
  in.number("rms_frequency_over_reference_max", expect.rms_frequency_over_reference_max, kBound);
  std::string ending;
  in.choice<std::string>(
      "terminated", ending,
      {{"no", "no"}, {"panic", "panic"}, {"clock_was_set", "clock_was_set"}, {"no_source", "no_source"}});
  if (!ending.empty()) expect.terminated = ending;
  in.finish();
  if (expect.below_s.has_value() != (expect.within_s || expect.median_within_s)) {
    mistakes.add(table.source(), "[expect] below_s: expected together with within_s or median_within_s");
  }
}

void read_window(const toml::table& table, WindowExpectations& window, Mistakes& mistakes) {
  TableReader in(table, "[[window]]", mistakes);
  in.text("name", window.name);
  in.number("from_s", window.from_s, kDuration);
  in.number("to_s", window.to_s, kDuration);
  in.number("rms_offset_s_max", window.rms_offset_s_max, kBound);
  in.number("max_offset_s_max", window.max_offset_s_max, kBound);
  in.number("rms_over_reference_max", window.rms_over_reference_max, kBound);
  in.number("max_over_reference_max", window.max_over_reference_max, kBound);
  in.finish();
  if (window.name.empty()) mistakes.add(table.source(), "[[window]] name: expected, but missing");
  if (window.from_s >= window.to_s) mistakes.add(table.source(), "[[window]] to_s: expected more than from_s");
}

void read_checks(const toml::table& table, InvariantSettings& checks, Mistakes& mistakes) {
  TableReader in(table, "[check]", mistakes);
  in.truth("root_distance", checks.checks_root_distance);
  in.number("root_distance_from_s", checks.root_distance_from_s, kDuration);
  in.truth("may_step", checks.may_step);
  in.truth("longest_gap", checks.checks_longest_gap);
  in.number("max_steering_ppm", checks.max_steering_ppm, {0, 100000});
  in.integer("extra_packets_per_hour", checks.extra_packets_per_hour, kAnyCount);
  in.finish();
}

/// Days from 1 January 1970 in the Gregorian calendar.
std::int64_t days_since_1970(std::int64_t year, unsigned month, unsigned day) {
  constexpr std::array<std::int64_t, 12> kDaysBefore = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  constexpr std::int64_t kLeapYearsBefore1970 = 477;
  const std::int64_t past = year - 1;
  const std::int64_t leap_years = past / 4 - past / 100 + past / 400 - kLeapYearsBefore1970;
  const bool is_leap_year = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const std::int64_t leap_day = month > 2 && is_leap_year ? 1 : 0;
  return 365 * (year - 1970) + leap_years + kDaysBefore[(month - 1) % 12] + leap_day + day - 1;
}

/// A date without a zone is UTC.
std::int64_t unix_seconds(const toml::date_time& when) {
  const std::int64_t minutes = when.offset ? when.offset->minutes : 0;
  return days_since_1970(when.date.year, when.date.month, when.date.day) * 86400 + std::int64_t{when.time.hour} * 3600 +
         std::int64_t{when.time.minute} * 60 + when.time.second - minutes * 60;
}

void read_leap(const toml::table& table, TableReader& in, Scenario& scenario, Mistakes& mistakes) {
  wire::Leap leap = wire::Leap::none;
  in.choice<wire::Leap>("leap", leap, {{"insert", wire::Leap::insert}, {"remove", wire::Leap::remove}});
  double smear_interval_s = 0;
  in.number("leap_smear_s", smear_interval_s, {0, 1e6});
  const toml::node* const node = in.find("leap_at");
  if (node == nullptr) {
    if (leap != wire::Leap::none) mistakes.add(table.source(), "[run] leap_at: expected together with leap");
    return;
  }
  const auto when = node->value<toml::date_time>();
  if (!when || unix_seconds(*when) % 86400 != 0) {
    in.wrong(*node, "leap_at", "a midnight (UTC), as in 2027-07-01T00:00:00Z");
    return;
  }
  scenario.leap = world_leap(engine::change_of(leap), unix_seconds(*when), scenario.start_unix_s);
  scenario.leap.smear_interval_s = smear_interval_s;
}

void read_run(const toml::table& table, Scenario& scenario, Mistakes& mistakes) {
  TableReader in(table, "[run]", mistakes);
  in.number("duration_s", scenario.duration_s, {1, 60 * kYear_s});
  in.number("settle_s", scenario.settle_s, kDuration);
  in.number("sample_s", scenario.sample_s, {0.1, 86400});
  in.number("reference_wander_ppm", scenario.reference_wander_ppm, {0, 10});
  if (const toml::node* const node = in.find("start"); node != nullptr) {
    if (const auto when = node->value<toml::date_time>())
      scenario.start_unix_s = unix_seconds(*when);
    else
      in.wrong(*node, "start", "a date and time, as in 2036-02-07T06:20:00Z");
  }
  read_leap(table, in, scenario, mistakes);
  if (const toml::node* const node = in.find("seeds"); node != nullptr) {
    std::vector<std::uint64_t> seeds;
    const toml::array* const list = node->as_array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const auto seed = list->get(i)->value<std::int64_t>();
      if (seed && *seed >= 0) seeds.push_back(static_cast<std::uint64_t>(*seed));
    }
    if (list == nullptr || seeds.empty() || seeds.size() != list->size())
      in.wrong(*node, "seeds", "a list of whole numbers, as in [1, 2, 3]");
    else
      scenario.seeds = seeds;
  }
  in.finish();
}

template <class Item, class Read>
void read_list(TableReader& in, std::string_view key, Read read) {
  const toml::node* const node = in.find(key);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  if (list == nullptr || !list->is_array_of_tables()) {
    in.wrong(*node, key, fmt::format("a list of tables, each under [[{}]]", key));
    return;
  }
  for (const toml::node& item : *list) read(*item.as_table());
}

void read_all(const toml::table& root, Scenario& scenario, Mistakes& mistakes) {
  TableReader in(root, "the file", mistakes);
  in.text("title", scenario.title);
  InvariantSettings& checks = scenario.clients.node.invariants;
  read_child(in, "run", [&](const toml::table& t) { read_run(t, scenario, mistakes); });
  read_child(in, "client", [&](const toml::table& t) { read_client(t, scenario, mistakes); });
  checks.min_poll_log2s = scenario.clients.source.min_poll_log2s;
  checks.max_poll_log2s = scenario.clients.source.max_poll_log2s;
  ServerGroup pattern;
  read_links(in, "", {pattern.to_server, pattern.to_client}, mistakes);
  read_list<ServerGroup>(in, "server", [&](const toml::table& t) {
    scenario.servers.push_back(pattern);
    read_server(t, scenario.servers.back(), mistakes);
    const ServerGroup& server = scenario.servers.back();
    // What a false source makes of the clock is no broken promise, and one that says so may rest.
    if (server.is_lying || server.node.first_replies > 0) checks.checks_root_distance = false;
    if (server.node.kiss) checks.checks_longest_gap = false;
  });
  read_list<Happening>(in, "event", [&](const toml::table& t) {
    scenario.happenings.emplace_back();
    read_happening(t, scenario.happenings.back(), mistakes);
  });
  read_child(in, "check", [&](const toml::table& t) { read_checks(t, checks, mistakes); });
  read_child(in, "expect", [&](const toml::table& t) { read_expectations(t, scenario.expect, mistakes); });
  read_list<WindowExpectations>(in, "window", [&](const toml::table& t) {
    scenario.windows.emplace_back();
    read_window(t, scenario.windows.back(), mistakes);
  });
  in.finish();
  if (scenario.title.empty()) mistakes.add(root.source(), "the file title: expected, but missing");
  if (scenario.clients.source.min_poll_log2s > scenario.clients.source.max_poll_log2s) {
    mistakes.add(root.source(), "[client] minpoll: expected at most maxpoll");
  }
  int servers = 0;
  for (const ServerGroup& group : scenario.servers) servers += group.count;
  for (const Happening& event : scenario.happenings) {
    if (event.server > servers) {
      mistakes.add(root.source(), fmt::format("[[event]] server: expected at most {}, the number of servers", servers));
    }
  }
}

}  // namespace

std::expected<Scenario, std::vector<std::string>> read_scenario(std::string_view text, const std::string& file) {
  Scenario scenario;
  Mistakes mistakes{.file = file, .texts = {}};
  try {
    const toml::table root = toml::parse(text, file);
    read_all(root, scenario, mistakes);
  } catch (const toml::parse_error& error) {
    mistakes.add(error.source(), std::string(error.description()));
  }
  if (!mistakes.texts.empty()) return std::unexpected(mistakes.texts);
  return scenario;
}

}  // namespace ntp::sim
