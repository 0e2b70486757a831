// SPDX-License-Identifier: BSD-2-Clause
#include "config/print.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "config/commands.h"
#include "config/defaults.h"
#include "config/parser.h"

namespace ntp::config {
namespace {

ParseResult parse_text(std::string_view text) { return parse(text, "ntp.conf", {}); }

TEST(Print, WritesOneLineForEachThing) {
  const ParseResult result = parse_text(
      "server a iburst\nserver 127.127.1.0\nfudge 127.127.1.0 stratum 10\nrestrict default ignore\ntos maxdist 3\n"
      "tinker step 0.5\nlogfile \"/a b\"\nlogconfig =allall -syncinfo\ninterface listen eth0\n");

  EXPECT_EQ(print(result.config),
            "logfile \"/a b\"\nlogconfig =allall -syncinfo\nserver a iburst\nserver 127.127.1.0\n"
            "fudge 127.127.1.0 stratum 10\nrestrict default ignore\ntos maxdist 3\n"
            "tinker stepback 0.5 stepfwd 0.5\ninterface listen \"eth0\"\n");
}

/// Any number of the range from the first case on: a plain inRange begins with the small ones.
template <class Number>
Number uniform(Number low, Number high) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(low, high));
}

std::string pick(std::initializer_list<std::string> choices) {
  return *rc::gen::elementOf(std::vector<std::string>(choices));
}

std::string random_options(OptionGroup group) {
  std::string out;
  const int count = uniform(1, 6);
  std::vector<OptionEntry> choices;
  for (const OptionEntry& option : options())
    if (option.group == group) choices.push_back(option);
  for (int i = 0; i < count; ++i) {
    const OptionEntry option = choices[uniform<std::size_t>(0, choices.size())];
    if (option.safety == Safety::withholds_association) continue;
    out += " " + std::string(option.name);
    if (option.value == ValueKind::boolean) out += " " + pick({"0", "1", "true", "false"});
    if (option.value == ValueKind::text) out += " " + pick({"A", "GPS", "\"x y\"", "~#"});
    if (option.value == ValueKind::integer)
      out += " " + std::to_string(
                       uniform<long long>(static_cast<long long>(option.low), static_cast<long long>(option.high) + 1));
    if (option.value == ValueKind::real)
      out += " " + std::to_string(option.low + (option.high - option.low) / 1e6 * uniform(0, 1'000'000));
  }
  return out;
}

/// A word or a quoted string of odd characters: all that a line can hold.
std::string random_text() {
  const std::string text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab =#()-.+/%\\\t\xc3\xa4~'")));
  return text.find_first_of(" =#()\t") == std::string::npos && !text.empty() ? text : '"' + text + '"';
}

std::string random_target() {
  return pick({"default", "-4 default", "-6 default", "source", "10.1.2.0/23", "10.0.0.1 mask 255.0.0.255",
               "2001:db8::/33", "::1", "fe80::1%3", "fe80::2%eth0", "0.0.0.0", "a.example", "-4 b", "-6 \"default\"",
               "\"sourc\""});
}

std::string random_line() {
  switch (uniform(0, 21)) {
    case 0:
      return pick({"server ", "pool ", "server -4 ", "server -6 "}) +
             pick({"a", "b.example", "192.0.2.1", "2001:db8::1", "127.127.1.3", "fe80::1%2", "\"iburst\""}) +
             random_options(OptionGroup::association);
    case 1:
      return "fudge 127.127.1." + pick({"0", "3"}) + random_options(OptionGroup::fudge);
    case 2:
      return pick({"restrict ", "unrestrict "}) + random_target() + random_options(OptionGroup::restrict);
    case 3:
      return "tos" + random_options(OptionGroup::tos);
    case 4:
      return "tinker" + random_options(OptionGroup::tinker);
    case 5:
      return "logconfig " + pick({"=", "+", "-"}) + pick({"clock", "peer", "sys", "sync", "all"}) +
             pick({"info", "events", "statistics", "status", "all"});
    case 6:
      return pick({"driftfile ", "logfile ", "pidfile "}) + random_text();
    case 7:
      return pick({"interface ", "nic "}) + pick({"listen ", "ignore ", "drop "}) +
             pick({"all", "ipv4", "ipv6", "wildcard", "eth0", "\"all\"", "10.0.0.0/8", "::1", "fe80::/64"});
    case 8:
      return pick({"statistics errorstats", "statistics rawstats errorstats", "statistics loopstats", "disable stats",
                   "enable stats", "statistics protostats sysstats clockstats", "statsdir /var/log/s/",
                   "statsdir \"/a b\""});
    case 9:
      return "filegen " + pick({"rawstats", "errorstats", "peerstats"}) +
             pick({"", " file a", " file \"link\"", " file ../a"}) +
             pick({"", " type none", " type day", " type age", " type x"}) +
             pick({"", " link", " nolink", " disable", " enable nolink"});
    case 10:
      return "tempcomp " + pick({"/sys/a", "\"/a b\""}) + pick({"", " 30", " 0.5", " 30 26000 0 0.1 0", " 30 points"});
    case 11:
      return "keys " + random_text();
    case 12:
      return "trustedkey " + pick({"1", "(4 ... 9)", "65535 (1 ... 65535) 7"});
    case 13:
      return pick({"controlkey ", "requestkey "}) + std::to_string(uniform(1, 65536));
    case 14:
      return "discard" + random_options(OptionGroup::discard) + "\nlimit" + random_options(OptionGroup::limit);
    case 15:
      return "mru" + random_options(OptionGroup::mru);
    case 16:
      return "leapfile " + random_text() + pick({"", " checkhash", " ignorehash"}) + "\nleapsmearinterval " +
             pick({"0", "0.5", "86400"});
    case 17:
      return "setvar " + pick({"a", "b.c-d_e"}) + pick({"=", " = "}) + random_text() + pick({"", " default"});
    case 18:
      return pick({"enable", "disable"}) + random_options(OptionGroup::enable);
    case 19:
      return "refclock " + pick({"local", "LOCAL", "shm"}) + random_options(OptionGroup::refclock);
    default:
      return pick({"server", "tinker discipline classic", "tinker discipline estimator", "nonsense", "driftfile",
                   "# comment", "restrict 10.0.0.1 bad"});
  }
}

RC_GTEST_PROP(Print, WhatIsPrintedParsesToTheSameConfiguration, ()) {
  std::string text;
  const int count = uniform(0, 20);
  for (int i = 0; i < count; ++i) text += random_line() + "\n";
  const Config config = parse_text(text).config;

  const ParseResult again = parse_text(print(config));

  for (const Message& message : again.messages) {
    if (message.severity == Severity::error) RC_LOG() << config::text(message) << "\n" << print(config);
    RC_ASSERT(message.severity != Severity::error);
  }
  RC_ASSERT(again.config == config);
}

TEST(Defaults, BothAreCleanAndUseTheBuildsPoolZone) {
  const ParseResult pool = parse_text(default_config(DefaultConfig::pool));
  EXPECT_TRUE(pool.messages.empty());
  ASSERT_EQ(pool.config.servers.size(), 4U);
  EXPECT_EQ(pool.config.servers[2].name, "2." MERIDIAN_POOL_NAME);
  EXPECT_EQ(pool.config.servers[2].kind, Server::Kind::pool);
  EXPECT_TRUE(pool.config.servers[2].has_iburst);

  const ParseResult local = parse_text(default_config(DefaultConfig::local));
  EXPECT_TRUE(local.messages.empty());
  ASSERT_EQ(local.config.servers.size(), 1U);
  EXPECT_EQ(local.config.servers[0].kind, Server::Kind::local_clock);
  ASSERT_EQ(local.config.fudges.size(), 1U);
  EXPECT_EQ(local.config.fudges[0].stratum, 10);
}

TEST(Defaults, StrangersGetTimeAndNothingElse) {
  const ParseResult pool = parse_text(default_config(DefaultConfig::pool));

  ASSERT_EQ(pool.config.restricts.size(), 5U);
  for (std::size_t i = 0; i < 2; ++i) {
    const policy::Access flags = pool.config.restricts[i].rule.flags;
    EXPECT_TRUE(policy::has(flags, policy::Access::noquery));
    EXPECT_TRUE(policy::has(flags, policy::Access::nomodify));
    EXPECT_FALSE(policy::has(flags, policy::Access::noserve));
    EXPECT_FALSE(policy::has(flags, policy::Access::ignore));
  }
  EXPECT_FALSE(policy::has(pool.config.restricts[2].rule.flags, policy::Access::nopeer));
}

}  // namespace
}  // namespace ntp::config
