// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/reload_changes.h"

#include <gtest/gtest.h>

#include "config/parser.h"

namespace ntp::daemon {
namespace {

config::Config config_of(std::string_view text) {
  const config::IncludeReader no_files;
  return config::parse(text, "ntp.conf", no_files).config;
}

using Names = std::vector<std::string_view>;

TEST(ReloadChanges, SameTextIsNoChange) {
  const config::Config config = config_of("restrict default nomodify\ntos minclock 2\nserver a.example\n");

  const ReloadChanges changes = compare(config, config);

  EXPECT_TRUE(changes.parts.empty() && changes.at_next_start.empty());
  EXPECT_EQ(describe(changes), "nothing has changed");
}

TEST(ReloadChanges, EachPartIsToldByItsName) {
  const struct {
    const char* line;
    Names parts;
    Names at_next_start;
  } cases[] = {
      {"restrict default nomodify", {"access rules"}, {}},
      {"keys /etc/ntp.keys", {"key files"}, {}},
      {"trustedkey 1", {"trusted keys"}, {}},
      {"controlkey 2", {"control key"}, {}},
      {"requestkey 2", {"request key"}, {}},
      {"discard average 4", {"rate limits"}, {}},
      {"tos minclock 2", {"selection"}, {}},
      {"tinker panic 0", {"thresholds"}, {}},
      {"tinker discipline classic", {}, {"tinker discipline"}},
      {"tinker freq 3.5", {}, {"tinker freq"}},
      {"leapfile /etc/leap", {"leap seconds"}, {}},
      {"interface ignore lo", {"interfaces"}, {}},
      {"statsdir /var/log/ntp", {"statistics"}, {}},
      {"logfile /var/log/ntp.log", {"log file"}, {}},
      {"logconfig =all", {"log classes"}, {}},
      {"driftfile /var/lib/ntp.drift", {"drift file"}, {}},
      {"pidfile /run/ntpd.pid", {}, {"pidfile"}},
      {"disable monitor", {"switches"}, {}},
      {"disable ntp", {}, {"enable ntp"}},
      {"mru maxdepth 100", {}, {"mru"}},
      {"server a.example", {}, {}},
      {"fudge 127.127.1.0 stratum 3", {}, {}},
      {"limit average 4", {"rate limits"}, {}},
      {"leapsmearinterval 3600", {"leap seconds"}, {}},
      {"tempcomp /sys/temp", {"temperature sensor"}, {}},
      {"setvar place=here", {"variables"}, {}},
      {"trap 127.0.0.1", {"traps"}, {}},
      {"saveconfigdir /var/lib/ntp", {"saveconfigdir"}, {}},
  };
  // Whoever gives a configuration another member gives it a line above: sources and fudges are told by their effect.
  [[maybe_unused]] const auto& [servers, fudges, restricts, tos, tinker, drift, log, pid, classes, statistics, sensor,
                                interfaces, keys, discard, limit, mru, leap_file, smear, variables, traps, save_folder,
                                switches] = config::Config{};
  for (const auto& c : cases) {
    const ReloadChanges added = compare(config_of(""), config_of(c.line));
    const ReloadChanges removed = compare(config_of(c.line), config_of(""));

    EXPECT_EQ(added.parts, c.parts) << c.line;
    EXPECT_EQ(added.at_next_start, c.at_next_start) << c.line;
    EXPECT_EQ(removed.parts, c.parts) << c.line;
    EXPECT_EQ(removed.at_next_start, c.at_next_start) << c.line;
  }
}

TEST(ReloadChanges, AreToldInOneLine) {
  EXPECT_EQ(describe({.sources = {.added = 2, .removed = 1, .unchanged = 5},
                      .parts = {"access rules", "keys"},
                      .at_next_start = {"pidfile"}}),
            "2 sources added, 1 removed, 5 unchanged; changed: access rules, keys; waits for a restart: pidfile");
  EXPECT_EQ(describe({.sources = {.changed = 1, .restarted = 1}, .parts = {}, .at_next_start = {}}),
            "1 source with other options, 1 started anew with another key");
  EXPECT_EQ(describe({.sources = {}, .parts = {"keys"}, .at_next_start = {}}), "changed: keys");
  EXPECT_EQ(describe({.sources = {.unchanged = 1}, .parts = {"keys"}, .at_next_start = {}}),
            "1 source unchanged; changed: keys");
}

}  // namespace
}  // namespace ntp::daemon
