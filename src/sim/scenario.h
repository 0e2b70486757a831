// SPDX-License-Identifier: BSD-2-Clause
//
// A scenario: what the world is like, what happens in it, and what must come out. Read from TOML.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/settings.h"
#include "sim/client_node.h"
#include "sim/link.h"
#include "sim/server_node.h"

namespace ntp::sim {

/// All clients are alike but for their luck: spreads are uniform, to both sides.
struct ClientGroup {
  int count = 1;
  ClientSettings node;
  double offset_spread_s = 0;
  double frequency_spread_ppm = 0;
  double start_spread_s = 0;      ///< clients start within this time
  engine::SourceSettings source;  ///< the pattern of every source
  engine::Settings engine;        ///< without sources
};

/// Servers that are alike. With a name they are found by it; a pool's servers share the name.
struct ServerGroup {
  int count = 1;
  std::string name;
  bool is_pool = false;
  bool is_lying = false;  ///< not a true source: the root distance promises nothing
  double answers_after_s = 0.02;
  double fails_until_s = 0;
  ServerSettings node;
  bool is_preferred = false;
  bool is_never_selected = false;
  bool is_always_true = false;
  LinkSettings to_server;
  LinkSettings to_client;
};

/// Something that happens at a time.
struct Happening {
  enum class What : std::uint8_t {
    outage,            ///< no datagram to or from `server` (0: all) for duration_s
    reroute,           ///< to_server_s and to_client_s more delay from now on
    loss,              ///< amount: the new probability, both ways
    server_step,       ///< the server's clock, by amount seconds
    server_frequency,  ///< to amount ppm
    clock_step,        ///< another program steps the clients' clocks by amount seconds
    clock_frequency,   ///< the clients' oscillators, to amount ppm
    suspend,           ///< the clients sleep for duration_s; their clocks are off by amount seconds more afterwards
  };
  What what = What::outage;
  double at_s = 0;
  double duration_s = 0;
  double amount = 0;
  double to_server_s = 0;
  double to_client_s = 0;
  int server = 0;  ///< counted from 1 over all groups; 0: all
};

/// What is asserted; what is left out is only reported. Of several clients the worst counts.
struct Expectations {
  std::optional<double> rms_offset_s_max;
  std::optional<double> max_offset_s_max;      ///< after settling
  std::optional<double> peak_offset_s_max;     ///< from the start on
  std::optional<double> claimed_offset_s_max;  ///< while claiming to be synchronised
  std::optional<double> end_offset_s_max;
  std::optional<double> below_s;
  std::optional<double> within_s;         ///< from then on below_s holds
  std::optional<double> median_within_s;  ///< the same for the median over the seeds
  std::optional<double> rms_frequency_error_ppm_max;
  std::optional<double> synchronized_within_s;
  std::optional<double> synchronized_fraction_min;
  std::optional<double> synchronized_fraction_max;
  std::optional<double> packets_per_hour_max;  ///< to one server, mean of the run
  std::optional<std::int64_t> steps_min;
  std::optional<std::int64_t> steps_max;
  std::optional<std::int64_t> leaps;  ///< leap seconds that the kernel made
  std::optional<bool> synchronized_at_end;
  std::optional<bool> never_synchronized;
  std::optional<std::string> terminated;  ///< no, panic, clock_was_set, no_source
  /// Share of the seconds in which the engine claims to be synchronised.
  std::optional<double> within_root_distance_min;
  std::optional<double> within_3_deviations_min;
  // Multiples of the reference estimator's error; bounds of the median over the seeds.
  std::optional<double> rms_over_reference_max;
  std::optional<double> max_over_reference_max;
  std::optional<double> rms_frequency_over_reference_max;

  [[nodiscard]] bool asks_for_error_bars() const {
    return within_root_distance_min.has_value() || within_3_deviations_min.has_value();
  }
};

/// A part of the run that is judged by itself; bounds of the median over the seeds.
struct WindowExpectations {
  std::string name;
  double from_s = 0;
  double to_s = 0;
  std::optional<double> rms_offset_s_max;
  std::optional<double> max_offset_s_max;
  std::optional<double> rms_over_reference_max;
  std::optional<double> max_over_reference_max;
};

struct Scenario {
  /// What the clients' table of leap seconds is like.
  enum class LeapTable : std::uint8_t {
    none,     ///< there is none
    right,    ///< it has the world's leap second
    denies,   ///< it has none
    expired,  ///< it ended before the run
  };

  std::string title;
  double duration_s = 86400;
  double settle_s = 3600;
  double sample_s = 10;
  std::int64_t start_unix_s = 1'800'000'000;  ///< 2027-01-15 08:00:00
  std::vector<std::uint64_t> seeds = {1, 2, 3};
  /// What the reference estimator takes for the random walk of the clients' frequency; none: their wander.
  std::optional<double> reference_wander_ppm;
  WorldLeap leap;
  LeapTable leap_table = LeapTable::none;
  ClientGroup clients;
  std::vector<ServerGroup> servers;
  std::vector<Happening> happenings;
  Expectations expect;
  std::vector<WindowExpectations> windows;
};

/// Reads a scenario. `file` is only for messages; on failure: all mistakes, as "file:line:column: what is wrong, what was
/// expected". An unknown key is a mistake.
std::expected<Scenario, std::vector<std::string>> read_scenario(std::string_view text, const std::string& file);

}  // namespace ntp::sim
