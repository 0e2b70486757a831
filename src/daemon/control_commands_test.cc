// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_commands.h"

#include <vector>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

using control::Orderer;
using control::ResetWhat;

class Desk {
 public:
  Desk() { log_.keep_last_only(); }

  std::string say(std::string_view text) { return commands_.configure(text, orderer_); }
  std::string save(std::string_view name) { return commands_.save_configuration(name, orderer_); }
  [[nodiscard]] bool did_configure() const { return commands_.did_configure(); }
  [[nodiscard]] const std::string& last_line() const { return log_.last(); }

  bool change_trust(std::vector<std::uint32_t> ids, bool is_trusted) {
    return commands_.change_trust(ids, is_trusted, orderer_);
  }

  config::Config config;
  int taken = 0;
  std::vector<ResetWhat> resets;

 private:
  Log log_;
  Orderer orderer_{.remote = {Address::v4(0xc0000207), 40000}};
  config::LineCounts own_lines_;
  ControlCommands commands_{{.config = config,
                             .own_lines = own_lines_,
                             .log = log_,
                             .keys = [] { return nullptr; },
                             .sources = [] { return std::vector<config::KnownSource>(); },
                             .take_configuration =
                                 [this](config::Config next) {
                                   ++taken;
                                   ReloadChanges changes = compare(config, next);
                                   config = std::move(next);
                                   return changes;
                                 },
                             .read_keys = [] { return true; },
                             .read_interfaces = [] {},
                             .reset_source = [](const Endpoint&) { return true; },
                             .reset_counts = [this](ResetWhat what) { resets.push_back(what); },
                             .unix_time_s = [] { return std::int64_t{0}; }}};
};

TEST(ControlCommands, AChangeIsTakenAndLoggedWithItsSender) {
  Desk desk;

  EXPECT_EQ(desk.say("tos minsane 2"), "Config Succeeded");

  EXPECT_TRUE(desk.did_configure());
  EXPECT_EQ(desk.config.tos.min_sane, 2);
  EXPECT_EQ(desk.last_line(), "192.0.2.7 says \"tos minsane 2\": changed: selection");
}

TEST(ControlCommands, ANonceBeforeTheTextIsNoPartOfIt) {
  Desk desk;

  EXPECT_EQ(desk.say("#nonce=0123456789abcdef01234567\ntos minsane 2"), "Config Succeeded");
  EXPECT_EQ(desk.last_line(), "192.0.2.7 says \"tos minsane 2\": changed: selection");
  EXPECT_EQ(desk.say("#nonce=0123456789abcdef01234567\nbogus").substr(0, 21), "column 0 syntax error");
}

// The reference implementation's ntpq reads "column N syntax error" and points at the place.
TEST(ControlCommands, FaultsBeginAsTheReferenceImplementationsDo) {
  Desk desk;

  EXPECT_EQ(desk.say("bogus directive"),
            "column 0 syntax error: unknown command \"bogus\": expected a command of ntp.conf");
  EXPECT_EQ(desk.say("tos minsane x").substr(0, 23), "column 12 syntax error:");
  EXPECT_EQ(desk.say("driftfile x").substr(0, 20), "column 0 driftfile: ");
  EXPECT_EQ(desk.say("tos minsane 1\nbogus").substr(0, 28), "line 2 column 0 syntax error");
  EXPECT_FALSE(desk.did_configure());
  EXPECT_EQ(desk.taken, 0);
}

TEST(ControlCommands, AFewFaultsAreToldAndTheRestCounted) {
  Desk desk;
  std::string text;
  for (int i = 0; i < 100; ++i) text += "bogus\n";

  const std::string said = desk.say(text);

  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), kMostFaults);
  EXPECT_NE(said.find("and 92 more faults"), std::string::npos) << said;
}

TEST(ControlCommands, WhatIsTheSameAsBeforeTouchesNothing) {
  Desk desk;
  desk.say("tos minsane 2");

  EXPECT_EQ(desk.say("tos minsane 2"), "Config Succeeded");

  EXPECT_EQ(desk.taken, 1);
  EXPECT_EQ(desk.last_line(), "192.0.2.7 says \"tos minsane 2\": nothing");
}

TEST(ControlCommands, ResetsAreCarriedOutOnceAllOfTheTextIsTaken) {
  Desk desk;

  desk.say("reset sys auth\nbogus");
  EXPECT_TRUE(desk.resets.empty());
  EXPECT_EQ(desk.say("reset sys auth allpeers io mem timer ctl"), "Config Succeeded");
  EXPECT_EQ(desk.resets, (std::vector{ResetWhat::system, ResetWhat::authentication, ResetWhat::peers, ResetWhat::io,
                                      ResetWhat::memory, ResetWhat::timer, ResetWhat::control}));
}

TEST(ControlCommands, WarningsComeBehindSuccess) {
  Desk desk;

  const std::string said = desk.say("restrict 192.0.2.9 kod");

  EXPECT_EQ(said, "Config Succeeded\nkod does nothing without limited");
}

TEST(ControlCommands, ControlCharactersDontReachTheLog) {
  Desk desk;

  desk.say("bogus \x1b[2J\x07");

  EXPECT_EQ(desk.last_line().find('\x1b'), std::string::npos);
}

// Whoever looks for what was changed from afar finds all of it.
TEST(ControlCommands, TheLogHasTheWholeText) {
  Desk desk;
  const std::string filler(200, 'x');

  desk.say("setvar a=\"" + filler + "\"\ntos minsane 2");
  EXPECT_EQ(desk.last_line(),
            "192.0.2.7 says \"setvar a=\"" + filler + "\"\\x0atos minsane 2\": changed: selection, variables");
  desk.say("tos minsane 2 # " + filler + "\nbogus");
  EXPECT_TRUE(desk.last_line().starts_with("192.0.2.7 wanted \"tos minsane 2 # " + filler + "\\x0abogus\": refused: "))
      << desk.last_line();
}

TEST(ControlCommands, TrustOfOtherKeysStays) {
  Desk desk;
  desk.say("trustedkey (1 ... 100)");

  EXPECT_TRUE(desk.change_trust({7, 50}, false));
  EXPECT_EQ(desk.config.keys.trusted, (std::vector<config::KeyRange>{{1, 6}, {8, 49}, {51, 100}}));
  EXPECT_EQ(desk.last_line(), "192.0.2.7 takes trust from keys 7 50");
  EXPECT_TRUE(desk.change_trust({200}, true));
  EXPECT_EQ(desk.config.keys.trusted, (std::vector<config::KeyRange>{{1, 6}, {8, 49}, {51, 100}, {200, 200}}));
  EXPECT_EQ(desk.last_line(), "192.0.2.7 gives trust to key 200");
}

TEST(ControlCommands, WithoutAFolderNothingIsSaved) {
  Desk desk;

  EXPECT_EQ(desk.save("a.conf"), "saveconfig prohibited by ntp.conf: it has no line saveconfigdir");
  desk.config.save_folder = "/nowhere";
  EXPECT_EQ(desk.save("../a.conf"), "saveconfig rejects unsafe file name '../a.conf'");
  EXPECT_EQ(desk.save("a.conf"), "Unable to save configuration to file 'a.conf': No such file or directory");
}

}  // namespace
}  // namespace ntp::daemon
