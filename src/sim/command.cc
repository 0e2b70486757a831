// SPDX-License-Identifier: BSD-2-Clause
#include "sim/command.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "sim/files.h"
#include "sim/report.h"
#include "sim/run.h"
#include "sim/scenario.h"

namespace ntp::sim {
namespace {

constexpr int kHeld = 0;
constexpr int kBroken = 1;
constexpr int kUnusable = 2;
constexpr std::uint64_t kMaxSeeds = 100000;

constexpr std::string_view kHelp =
    R"(usage: ntpsim [--seed N | --seeds N] [--discipline D] [--check] [--trace FILE] [--plot-data FILE] SCENARIO.toml...
       ntpsim --list SCENARIO.toml...

Runs Meridian's engine in a simulated world: clocks that drift, networks that delay and lose, servers that lie. A scenario
says what the world is like and what must come out; ntpsim runs it and tells whether it did. Nothing real is touched.

  --seed N          run this seed alone instead of those of the scenario
  --seeds N         run the seeds 1 to N
  --discipline D    classic or estimator, whatever the scenario says
  --check           print one line a scenario, and what is wrong
  --list            print the titles of scenarios, run nothing
  --trace FILE      write every event and effect with its true time; the same seed gives the same file
  --plot-data FILE  write a line a sample: true time, offset (s), frequency error (ppm), synchronised, root distance (s),
                    the engine's estimate of its offset and its deviation (s), the reference estimator's error (s)
  --help            print this

Exit status: 0 all bounds hold, 1 one does not, 2 a scenario cannot be read.

Example. Save this as my.toml:

  title = "Four servers over the Internet, and one of them is a second wrong"
  [run]
  duration_s = 86400              # a day, over in a moment
  settle_s = 3600                 # statistics start here
  seeds = [1, 2, 3]
  [client]
  offset_s = 0.5                  # the clock is half a second ahead when the daemon starts
  frequency_ppm = 20              # and fast by 20 ppm,
  wander_ppm = 0.001              # which wanders by so much per square root of a second
  iburst = true
  [link]                          # both ways; [to_server] and [to_client] set one way
  delay_s = 0.02
  jitter_s = 0.001
  [[server]]
  count = 3
  [[server]]
  offset_s = 1.0
  lies = true                     # the root distance promises nothing about this one
  [[event]]
  at_s = 40000
  what = "outage"
  duration_s = 3600
  [expect]
  max_offset_s_max = 0.01
  synchronized_at_end = true

and run:  ntpsim my.toml
)";

std::optional<std::uint64_t> whole_number(const std::string& word) {
  std::uint64_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// Where the words of an option with an argument go.
std::string set_option(Command& command, const std::string& option, const std::string& argument) {
  if (option == "--trace") command.trace_file = argument;
  if (option == "--plot-data") command.plot_file = argument;
  if (option == "--discipline") {
    if (argument != "classic" && argument != "estimator")
      return fmt::format("--discipline: expected classic or estimator, got \"{}\"", argument);
    using Algorithm = engine::DisciplineSettings::Algorithm;
    command.discipline = argument == "classic" ? Algorithm::classic : Algorithm::estimator;
  }
  if (option == "--seed" || option == "--seeds") {
    const auto number = whole_number(argument);
    if (!number) return fmt::format("{}: expected a whole number, got \"{}\"", option, argument);
    if (option == "--seed")
      command.seed = number;
    else
      command.seeds = number;
  }
  if (command.seeds && (*command.seeds == 0 || *command.seeds > kMaxSeeds)) {
    return fmt::format("--seeds: expected 1 to {}", kMaxSeeds);
  }
  if (command.seed && command.seeds) return "--seed and --seeds: expected one of them";
  return "";
}

std::vector<std::uint64_t> seeds_of(const Command& command, const Scenario& scenario) {
  if (command.seed) return {*command.seed};
  if (!command.seeds) return scenario.seeds;
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= *command.seeds; ++seed) seeds.push_back(seed);
  return seeds;
}

/// Runs a scenario with all its seeds.
std::vector<RunResult> run_seeds(const Scenario& scenario, const std::vector<std::uint64_t>& seeds, Watchers watchers,
                                 const Console& console) {
  std::vector<RunResult> results;
  for (const std::uint64_t seed : seeds) {
    if (console.shows_progress) {
      watchers.progress = [&](double share) {
        console.error(fmt::format("\r{} seed {}: {:3.0f} %\x1b[K", scenario.title, seed, 100.0 * share));
      };
    }
    results.push_back(run(scenario, seed, watchers));
    if (console.shows_progress) console.error("\r\x1b[K");
  }
  return results;
}

std::optional<Scenario> load(const std::string& file, const Console& console) {
  const auto text = read_file(file);
  if (!text) {
    console.error(text.error() + "\n");
    return std::nullopt;
  }
  auto scenario = read_scenario(*text, file);
  if (scenario) return std::move(*scenario);
  for (const std::string& mistake : scenario.error()) console.error(mistake + "\n");
  return std::nullopt;
}

int run_scenarios(const Command& command, const Console& console) {
  std::optional<FileTrace> trace;
  std::optional<FileTrace> plot;
  if (!command.trace_file.empty()) trace.emplace(command.trace_file);
  if (!command.plot_file.empty()) plot.emplace(command.plot_file);
  const Watchers watchers{.trace = trace ? &*trace : nullptr, .plot = plot ? &*plot : nullptr, .progress = {}};

  int status = kHeld;
  for (const std::string& file : command.scenarios) {
    auto scenario = load(file, console);
    if (!scenario) {
      status = kUnusable;
      continue;
    }
    if (command.action == Command::Action::list) {
      console.out(fmt::format("{}: {}\n", file, scenario->title));
      continue;
    }
    if (command.discipline) scenario->clients.engine.discipline.algorithm = *command.discipline;
    const auto results = run_seeds(*scenario, seeds_of(command, *scenario), watchers, console);
    console.out(command.is_short ? short_report(*scenario, file, results) : full_report(*scenario, file, results));
    if (!are_ok(results) && status == kHeld) status = kBroken;
  }
  if ((trace && !trace->finish()) || (plot && !plot->finish())) {
    console.error("ntpsim: the trace or the plot data could not be written\n");
    return kUnusable;
  }
  return status;
}

}  // namespace

std::expected<Command, std::string> parse_command(const std::vector<std::string>& words) {
  Command command;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help" || word == "-h") {
      command.action = Command::Action::help;
      return command;
    }
    if (word == "--list") {
      command.action = Command::Action::list;
    } else if (word == "--check") {
      command.is_short = true;
    } else if (word == "--seed" || word == "--seeds" || word == "--trace" || word == "--plot-data" ||
               word == "--discipline") {
      if (++i == words.size()) return std::unexpected(fmt::format("{}: expected an argument", word));
      const std::string mistake = set_option(command, word, words[i]);
      if (!mistake.empty()) return std::unexpected(mistake);
    } else if (word.starts_with("-")) {
      return std::unexpected(fmt::format("{}: unknown option; ntpsim --help lists them", word));
    } else {
      command.scenarios.push_back(word);
    }
  }
  if (command.scenarios.empty()) return std::unexpected("expected a scenario file; ntpsim --help shows an example");
  return command;
}

int run_command(const std::vector<std::string>& words, const Console& console) {
  const auto command = parse_command(words);
  if (!command) {
    console.error("ntpsim: " + command.error() + "\n");
    return kUnusable;
  }
  if (command->action == Command::Action::help) {
    console.out(kHelp);
    return kHeld;
  }
  return run_scenarios(*command, console);
}

}  // namespace ntp::sim
