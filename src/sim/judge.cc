// SPDX-License-Identifier: BSD-2-Clause
#include "sim/judge.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace ntp::sim {
namespace {

/// Collects the rows of a report.
class Rows {
 public:
  explicit Rows(std::vector<Row>& rows) : rows_(rows) {}

  void at_most(const std::string& metric, double value, const std::optional<double>& bound) {
    rows_.push_back({metric, number(value), bound ? "<= " + number(*bound) : "", !bound || value <= *bound});
  }
  void at_least(const std::string& metric, double value, const std::optional<double>& bound) {
    rows_.push_back({metric, number(value), bound ? ">= " + number(*bound) : "", !bound || value >= *bound});
  }
  void equal(const std::string& metric, const std::string& value, const std::optional<std::string>& bound) {
    rows_.push_back({metric, value, bound.value_or(""), !bound || value == *bound});
  }

 private:
  // Shares near 1 would all read "1" with fewer digits.
  static std::string number(double value) { return fmt::format("{:.6g}", value); }

  std::vector<Row>& rows_;
};

/// The largest of a value over all clients.
template <class Value>
double largest(const std::vector<ClientRecord>& clients, Value value) {
  double result = -std::numeric_limits<double>::infinity();
  for (const ClientRecord& client : clients) result = std::max(result, static_cast<double>(value(client)));
  return result;
}

std::string ending(const std::vector<ClientRecord>& clients) {
  for (const ClientRecord& client : clients) {
    if (!client.ended) continue;
    switch (*client.ended) {
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

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// The last client's.
double below_since_s(const std::vector<ClientRecord>& clients) {
  return largest(clients, [](const ClientRecord& c) { return elapsed_or_never(c.metrics.below_since()); });
}

void judge_offsets(const Scenario& scenario, const std::vector<ClientRecord>& clients, Rows& rows) {
  const Expectations& expect = scenario.expect;
  const auto worst = [&](auto value) {
    return largest(clients, [&](const ClientRecord& c) { return value(c.metrics); });
  };
  rows.at_most("RMS offset, s", worst([](const Metrics& m) { return m.rms_offset_s(); }), expect.rms_offset_s_max);
  rows.at_most("max offset, s", worst([](const Metrics& m) { return m.max_offset_s(); }), expect.max_offset_s_max);
  rows.at_most("peak offset from the start, s", worst([](const Metrics& m) { return m.peak_offset_s(); }),
               expect.peak_offset_s_max);
  rows.at_most("max offset while synchronised, s", worst([](const Metrics& m) { return m.max_claimed_offset_s(); }),
               expect.claimed_offset_s_max);
  rows.at_most("offset at the end, s", worst([](const Metrics& m) { return std::fabs(m.last().offset_s); }),
               expect.end_offset_s_max);
  if (expect.below_s)
    rows.at_most(fmt::format("below {:.4g} s for good after, s", *expect.below_s), below_since_s(clients),
                 expect.within_s);
  rows.at_most("RMS frequency error, ppm", worst([](const Metrics& m) { return m.rms_frequency_error_ppm(); }),
               expect.rms_frequency_error_ppm_max);
}

void judge_claims(const Scenario& scenario, const std::vector<ClientRecord>& clients, Rows& rows) {
  const Expectations& expect = scenario.expect;
  const auto worst = [&](auto value) {
    return largest(clients, [&](const ClientRecord& c) { return value(c.metrics); });
  };
  const bool all_synchronized = std::all_of(clients.begin(), clients.end(),
                                            [](const ClientRecord& c) { return c.metrics.last().is_synchronized; });
  const bool none_synchronized = std::all_of(clients.begin(), clients.end(), [](const ClientRecord& c) {
    return c.metrics.first_synchronized() == TrueTime::never();
  });
  rows.at_most("synchronised after, s",
               worst([](const Metrics& m) { return elapsed_or_never(m.first_synchronized()); }),
               expect.synchronized_within_s);
  rows.at_least("synchronised, share of time",
                1.0 - worst([](const Metrics& m) { return 1.0 - m.synchronized_fraction(); }),
                expect.synchronized_fraction_min);
  if (expect.synchronized_fraction_max) {
    rows.at_most("synchronised, share of time", worst([](const Metrics& m) { return m.synchronized_fraction(); }),
                 expect.synchronized_fraction_max);
  }
  rows.equal("synchronised at the end", all_synchronized ? "yes" : "no", wanted(expect.synchronized_at_end));
  if (expect.never_synchronized)
    rows.equal("never synchronised", none_synchronized ? "yes" : "no", wanted(expect.never_synchronized));
}

/// Only where a scenario asks: no one makes error records for nobody.
void judge_error_bars(const Scenario& scenario, const std::vector<ClientRecord>& clients, Rows& rows) {
  if (!scenario.expect.asks_for_error_bars()) return;
  const auto least = [&](auto value) {
    return 1.0 - largest(clients, [&](const ClientRecord& c) { return 1.0 - value(c.error_bars); });
  };
  rows.at_least("within the root distance, share",
                least([](const ErrorBarCounts& c) { return share(c.within_root_distance, c.records); }),
                scenario.expect.within_root_distance_min);
  rows.at_least("within 3 deviations, share",
                least([](const ErrorBarCounts& c) { return share(c.within_3_deviations, c.records); }),
                scenario.expect.within_3_deviations_min);
}

/// a / b of the client for which it is the largest; no number if the reference saw nothing.
template <class Value>
double over_reference(const std::vector<ClientRecord>& clients, Value value) {
  for (const ClientRecord& client : clients) {
    if (!(value(client.reference) > 0)) return std::numeric_limits<double>::quiet_NaN();
  }
  return largest(clients, [&](const ClientRecord& c) { return value(c.metrics) / value(c.reference); });
}

void figures_of_window(const WindowExpectations& expect, std::size_t index, const std::vector<ClientRecord>& clients,
                       std::vector<Figure>& figures) {
  const auto rms = [index](const Metrics& m) { return m.window(index).rms(); };
  const auto max = [index](const Metrics& m) { return m.window(index).max(); };
  const auto name = [&](const char* what) { return fmt::format("{}: {}", expect.name, what); };
  figures.push_back({name("RMS offset, s"), largest(clients, [&](const ClientRecord& c) { return rms(c.metrics); }),
                     expect.rms_offset_s_max});
  figures.push_back({name("max offset, s"), largest(clients, [&](const ClientRecord& c) { return max(c.metrics); }),
                     expect.max_offset_s_max});
  figures.push_back({name("RMS over reference"), over_reference(clients, rms), expect.rms_over_reference_max});
  figures.push_back({name("max over reference"), over_reference(clients, max), expect.max_over_reference_max});
}

}  // namespace

void judge(const Scenario& scenario, const std::vector<ClientRecord>& clients, RunResult& result) {
  const Expectations& expect = scenario.expect;
  Rows rows(result.rows);
  judge_offsets(scenario, clients, rows);
  judge_claims(scenario, clients, rows);
  judge_error_bars(scenario, clients, rows);

  const double steps = largest(clients, [](const ClientRecord& c) { return c.counts.steps; });
  const double sent = largest(clients, [](const ClientRecord& c) { return c.counts.sent; });
  int servers = 0;
  for (const ServerGroup& group : scenario.servers) servers += group.count;
  const double server_hours = std::max(servers, 1) * scenario.duration_s / 3600.0;
  if (expect.steps_min) rows.at_least("steps of the clock", steps, as_double(expect.steps_min));
  rows.at_most("steps of the clock", steps, as_double(expect.steps_max));
  if (expect.leaps) {
    const double leaps = largest(clients, [](const ClientRecord& c) { return c.leaps; });
    rows.at_least("leap seconds made", leaps, as_double(expect.leaps));
    rows.at_most("leap seconds made", leaps, as_double(expect.leaps));
  }
  rows.at_most("packets an hour and server", sent / server_hours, expect.packets_per_hour_max);
  rows.equal("ended by itself", ending(clients), expect.terminated);

  const auto rms = [](const Metrics& m) { return m.rms_offset_s(); };
  const auto max = [](const Metrics& m) { return m.max_offset_s(); };
  const auto frequency = [](const Metrics& m) { return m.rms_frequency_error_ppm(); };
  const double reference_rms_s = largest(clients, [&](const ClientRecord& c) { return rms(c.reference); });
  result.figures.push_back({"reference: RMS offset, s", reference_rms_s, std::nullopt});
  result.figures.push_back({"RMS over reference", over_reference(clients, rms), expect.rms_over_reference_max});
  result.figures.push_back({"max over reference", over_reference(clients, max), expect.max_over_reference_max});
  result.figures.push_back(
      {"RMS frequency over reference", over_reference(clients, frequency), expect.rms_frequency_over_reference_max});
  if (expect.median_within_s)
    result.figures.push_back({"below for good after, s", below_since_s(clients), expect.median_within_s});
  for (std::size_t i = 0; i < scenario.windows.size(); ++i)
    figures_of_window(scenario.windows[i], i, clients, result.figures);
}

}  // namespace ntp::sim
