// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntptrace/trace.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace ntp::tools::ntptrace {
namespace {

using client::HostFacts;

Endpoint host(std::uint32_t number) { return {Address::v4(0x0a4d0000U + number), 123}; }

struct Played {
  bool has_begun = false;
  std::string text;
  std::vector<std::string> problems;
};

/// Traces from host 5 through these hosts.
Played play(const std::map<Endpoint, HostFacts>& hosts, int max_hosts = 99) {
  Played played;
  played.has_begun = trace(
      host(5), {.max_hosts = max_hosts,
                .ask = [&](const Endpoint& one) -> std::expected<HostFacts, std::string> {
                  const auto found = hosts.find(one);
                  if (found == hosts.end()) return std::unexpected("no answer");
                  return found->second;
                },
                .show = [&](const HostFacts& facts) { played.text += to_text(facts, facts.server.address.text()); },
                .show_problem =
                    [&](const Endpoint& one, const std::string& problem) {
                      played.problems.push_back(one.address.text() + ": " + problem);
                    }});
  return played;
}

HostFacts facts(std::uint32_t number, int stratum, std::optional<std::uint32_t> follows) {
  HostFacts out{
      .server = host(number), .stratum = stratum, .offset_s = 0.00002, .distance_s = 0.010659, .refid = "GPS"};
  if (follows) out.follows = host(*follows);
  return out;
}

/// What ntptrace -n of ntp.org 4.2.8p18 printed (tests/data/README.md, ntptrace-sntp-ntpdate).
TEST(Ntptrace, PrintsWhatTheClassicPrints) {
  std::map<Endpoint, HostFacts> hosts{{host(5), facts(5, 3, 3)}, {host(3), facts(3, 2, std::nullopt)}};
  hosts[host(3)].offset_s = 0;
  hosts[host(3)].distance_s = 0.010355;

  EXPECT_EQ(play(hosts).text,
            "10.77.0.5: stratum 3, offset 0.000020, synch distance 0.010659\n"
            "10.77.0.3: stratum 2, offset 0.000000, synch distance 0.010355\n");
}

TEST(Ntptrace, EndsAtTheReferenceClockAndNamesIt) {
  const Played played = play({{host(5), facts(5, 2, 3)}, {host(3), facts(3, 1, 9)}});

  EXPECT_TRUE(played.text.ends_with("synch distance 0.010659, refid 'GPS'\n")) << played.text;
  EXPECT_TRUE(played.problems.empty());
}

TEST(Ntptrace, EndsInACircleAndSaysSo) {
  const Played played = play({{host(5), facts(5, 3, 3)}, {host(3), facts(3, 3, 5)}});

  EXPECT_TRUE(played.has_begun);
  ASSERT_EQ(played.problems.size(), 1U);
  EXPECT_NE(played.problems[0].find("10.77.0.5: it was here before"), std::string::npos);
}

TEST(Ntptrace, StopsAfterSoManyHosts) {
  std::map<Endpoint, HostFacts> hosts;
  for (std::uint32_t i = 5; i < 200; ++i) hosts[host(i)] = facts(i, 4, i + 1);

  const Played played = play(hosts, 7);

  EXPECT_EQ(std::ranges::count(played.text, '\n'), 7);
}

TEST(Ntptrace, SaysWhereItGoesNoFurther) {
  const Played broken = play({{host(5), facts(5, 3, 3)}});
  EXPECT_TRUE(broken.has_begun);
  EXPECT_EQ(broken.problems, std::vector<std::string>{"10.77.0.3: no answer"});

  const Played silent = play({});
  EXPECT_FALSE(silent.has_begun);
  EXPECT_EQ(silent.problems.size(), 1U);
}

TEST(Ntptrace, TellsWhatWasReadFromTheTimeAlone) {
  HostFacts one = facts(5, 2, 3);
  one.is_by_time_alone = true;

  EXPECT_EQ(to_text(one, "a.example"),
            "a.example: stratum 2, offset 0.000020, synch distance 0.010659 (by its time alone)\n");
  EXPECT_EQ(to_json(one, "a.example"),
            "{\"host\":\"a.example\",\"address\":\"10.77.0.5\",\"stratum\":2,\"offset\":0.000020000,"
            "\"distance\":0.010659000,\"refid\":\"GPS\",\"follows\":\"10.77.0.3\",\"by_time_alone\":true}\n");
}

}  // namespace
}  // namespace ntp::tools::ntptrace
