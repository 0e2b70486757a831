// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpsweep/sweep.h"

#include <algorithm>
#include <array>
#include <map>

#include <gtest/gtest.h>

namespace ntp::tools::ntpsweep {
namespace {

using client::AskedHost;
using client::HostFacts;
using client::SourcesWanted;

Endpoint host(std::uint32_t number) { return {Address::v4(0x0a4d0000U + number), 123}; }

AskedHost asked(std::uint32_t number, int stratum, std::vector<Endpoint> sources = {}) {
  return {.facts = {.server = host(number),
                    .stratum = stratum,
                    .version = "ntpd 4.2.6p3@1.2290-o Wed Jan 26 04:19:40 UTC 2011 (1)",
                    .system = "Linux/2.6.37.6-smp",
                    .processor = "i686"},
          .sources = std::move(sources)};
}

std::string play(const std::map<Endpoint, AskedHost>& hosts, int max_level) {
  std::string text = table_head();
  const Sweep how{
      .max_level = max_level,
      .ask = [&](const Endpoint& one, SourcesWanted) -> std::expected<AskedHost, std::string> {
        const auto found = hosts.find(one);
        if (found == hosts.end()) return std::unexpected("no answer");
        return found->second;
      },
      .name = [](const Endpoint& one) { return one.address.text(); },
      .show = [&](const std::string& name, int level, const auto& facts) { text += table_row(name, level, facts); }};
  std::set<Endpoint> seen;
  sweep(std::array{host(99), host(1)}, "localhost", how, seen);
  return text;
}

TEST(Ntpsweep, TheTableHasTheClassicsColumns) {
  EXPECT_EQ(play({{host(1), asked(1, 3)}}, 0),
            "Host                             st offset(s) version     system       processor\n"
            "--------------------------------+--+---------+-----------+------------+---------\n"
            "localhost                         3     0.000 4.2.6p3     Linux/2.6.37 i686\n");
}

TEST(Ntpsweep, ASilentHostIsAQuestionMark) {
  EXPECT_TRUE(play({}, 0).ends_with("\nlocalhost                         ?\n"));
}

TEST(Ntpsweep, SourcesFollowIndentedAndEachHostOnce) {
  const std::map<Endpoint, AskedHost> hosts{
      {host(1), asked(1, 3, {host(2), host(3)})}, {host(2), asked(2, 2, {host(1), host(4)})}, {host(4), asked(4, 1)}};

  const std::string text = play(hosts, 3);

  EXPECT_NE(text.find("\n 10.77.0.2                        2 "), std::string::npos) << text;
  EXPECT_NE(text.find("\n  10.77.0.4                       1 "), std::string::npos) << text;
  EXPECT_NE(text.find("\n 10.77.0.3                        ?\n"), std::string::npos) << text;
  EXPECT_EQ(std::ranges::count(text, '\n'), 6) << text;
}

TEST(Ntpsweep, StopsAtItsLevel) {
  const std::map<Endpoint, AskedHost> hosts{{host(1), asked(1, 3, {host(2)})}, {host(2), asked(2, 2, {host(4)})}};

  EXPECT_EQ(play(hosts, 1).find("10.77.0.4"), std::string::npos);
}

TEST(Ntpsweep, EndlessSourcesEnd) {
  std::set<Endpoint> seen;
  std::size_t shown = 0;
  const Sweep how{.max_level = 16,
                  .ask = [](const Endpoint& one, SourcesWanted) -> std::expected<AskedHost, std::string> {
                    AskedHost out;
                    for (std::uint32_t i = 1; i < 20; ++i)
                      out.sources.push_back({Address::v4(one.address.v4_host_order() * 31 + i), 123});
                    return out;
                  },
                  .name = [](const Endpoint& one) { return one.address.text(); },
                  .show = [&](const std::string&, int, const auto&) { ++shown; }};

  sweep(std::array{host(1)}, "x", how, seen);

  EXPECT_EQ(shown, kMaxHosts);
}

TEST(Ntpsweep, VersionsAreCutToTheirNumber) {
  EXPECT_EQ(short_version("ntpd 4.2.8p18-o Fri Nov 20 20:57:36 UTC 2026 (3)"), "4.2.8p18-o");
  EXPECT_EQ(short_version("ntpd ntpsec-1.2.2"), "ntpsec-1.2.2");
  EXPECT_EQ(short_version("4"), "4");
  EXPECT_EQ(short_version(""), "");
}

TEST(Ntpsweep, NamesLoseTheirSuffixAndNeverAllOfThem) {
  EXPECT_EQ(stripped("time1.example.com", ".example.com"), "time1");
  EXPECT_EQ(stripped("time1.example.org", ".example.com"), "time1.example.org");
  EXPECT_EQ(stripped(".example.com", ".example.com"), ".example.com");
  EXPECT_EQ(stripped("a", ""), "a");
}

TEST(Ntpsweep, HostsComeFromListsAndFiles) {
  EXPECT_EQ(words_of_list("a, b  c,,d"), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(hosts_of_text("# all\na.example # first\n\n  b.example\r\n"),
            (std::vector<std::string>{"a.example", "b.example"}));
}

TEST(Ntpsweep, JsonTellsWhatIsKnown) {
  EXPECT_EQ(json_row("x", 1, std::unexpected("no \"answer\"")),
            "{\"host\":\"x\",\"level\":1,\"error\":\"no \\\"answer\\\"\"}\n");
  EXPECT_TRUE(json_row("x", 0, asked(1, 3).facts)
                  .starts_with("{\"host\":\"x\",\"level\":0,\"address\":\"10.77.0.1\",\"stratum\":3,"));
}

}  // namespace
}  // namespace ntp::tools::ntpsweep
