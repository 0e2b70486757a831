// SPDX-License-Identifier: BSD-2-Clause
#include "control/writes.h"

#include <gtest/gtest.h>

#include "control/control_test_kit.h"

namespace ntp::control::test {
namespace {

using policy::Access;
using wire::ControlError;
using wire::ControlOpcode;
using Texts = std::vector<std::string>;

class Writes : public testing::Test {
 protected:
  Writes() : bench({.save_folder = "/var/lib/ntp"}) {}

  Ask configure(std::string_view text) const {
    return {.opcode = ControlOpcode::configure, .data = text, .key = bench.key(1)};
  }
  std::string with_nonce(std::string_view text) { return "#nonce=" + bench.nonce() + "\n" + std::string(text); }

  Bench bench;
};

TEST_F(Writes, ThisHostConfiguresWithoutANonce) {
  bench.be_this_host();

  const auto replies = bench.ask(configure("tos minsane 1"));

  EXPECT_EQ(bench.commands.configured, Texts{"tos minsane 1"});
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].data, "Config Succeeded\r\n");
}

TEST_F(Writes, ThisHostNeedsTheKeyToo) {
  bench.be_this_host();

  for (const policy::Key* key : {static_cast<const policy::Key*>(nullptr), bench.key(2)}) {
    Ask ask = configure("tos minsane 1");
    ask.key = key;
    EXPECT_TRUE(bench.ask(ask).at(0).is_error(ControlError::permission));
  }
  EXPECT_TRUE(bench.commands.configured.empty());
}

TEST_F(Writes, AnotherHostNeedsANonce) {
  EXPECT_TRUE(bench.ask(configure("tos minsane 1")).at(0).is_error(ControlError::permission));
  EXPECT_TRUE(
      bench.ask(configure("#nonce=123456789012345678901234\ntos minsane 1")).at(0).is_error(ControlError::permission));
  EXPECT_TRUE(bench.commands.configured.empty());

  const auto replies = bench.ask(configure(with_nonce("tos minsane 1")));

  EXPECT_EQ(bench.commands.configured, Texts{"tos minsane 1"});
  EXPECT_EQ(replies.at(0).data, "Config Succeeded\r\n");
}

TEST_F(Writes, NonceIsGoodForSixteenSecondsAndOneAddress) {
  const std::string text = with_nonce("tos minsane 1");
  bench.wait(17);
  EXPECT_TRUE(bench.ask(configure(text)).at(0).is_error(ControlError::permission));

  const std::string fresh = with_nonce("tos minsane 1");
  bench.remote.address = Address::v4(0xc6336408);
  EXPECT_TRUE(bench.ask(configure(fresh)).at(0).is_error(ControlError::permission));
  EXPECT_TRUE(bench.commands.configured.empty());
}

TEST_F(Writes, AClockThatIsSetBackMakesNoOldNonceGoodAgain) {
  const std::string text = with_nonce("tos minsane 1");
  const Octets payload = request(configure(text));
  bench.send(payload);
  bench.wait(3600);
  bench.now.real = bench.now.real - Span::from_seconds(3595);

  EXPECT_TRUE(bench.send(payload).at(0).is_error(ControlError::permission));
  EXPECT_EQ(bench.commands.configured.size(), 1U);
}

TEST_F(Writes, AClockThatIsSetForwardSpoilsNoNonce) {
  const std::string text = with_nonce("tos minsane 1");
  bench.now.real = bench.now.real + Span::from_seconds(3600);

  bench.ask(configure(text));

  EXPECT_EQ(bench.commands.configured, Texts{"tos minsane 1"});
}

TEST_F(Writes, ReplayableNeedsNone) {
  bench.access = Access::replayable;

  bench.ask(configure("tos minsane 1"));

  EXPECT_EQ(bench.commands.configured, Texts{"tos minsane 1"});
}

TEST_F(Writes, CVE_2015_8140_AReplayIsAnsweredAndNotCarriedOut) {
  const std::string with = with_nonce("unpeer 192.0.2.1");
  const Octets payload = request(configure(with));
  const auto first = bench.send(payload);
  bench.commands.reply = "something else";

  bench.wait(10);
  const auto second = bench.send(payload);
  bench.wait(10);
  const auto late = bench.send(payload);

  EXPECT_EQ(bench.commands.configured.size(), 1U);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].octets, first.at(0).octets);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_TRUE(late[0].is_error(ControlError::permission)) << "its nonce has run out";
}

TEST_F(Writes, CVE_2015_8140_ThisHostsRepeatsWithin16SecondsAreRemembered) {
  bench.be_this_host();
  const Octets payload = request(configure("tos minsane 1"));

  bench.send(payload);
  bench.wait(15.9);
  bench.send(payload);
  EXPECT_EQ(bench.commands.configured.size(), 1U);
  bench.wait(1);
  bench.send(payload);
  EXPECT_EQ(bench.commands.configured.size(), 2U) << "meant, not replayed";
}

TEST_F(Writes, CVE_2015_8140_NoFloodOfWritesMakesRoomForAReplay) {
  const std::string nonced = with_nonce("unpeer 192.0.2.1");
  const Octets payload = request(configure(nonced));
  bench.send(payload);
  for (int i = 0; i < 5000; ++i) {
    const std::string other = nonced + std::to_string(i);
    bench.ask(configure(other));
  }
  const std::size_t before = bench.commands.configured.size();

  bench.send(payload);

  EXPECT_EQ(bench.commands.configured.size(), before);
  EXPECT_LE(before, 1024U);
}

TEST_F(Writes, CVE_2015_8140_WritesWithoutNoncesPushOutNoneThatHadOne) {
  const std::string nonced = with_nonce("unpeer 192.0.2.1");
  const Octets payload = request(configure(nonced));
  const auto first = bench.send(payload);
  const Endpoint remote = bench.remote;
  bench.be_this_host();
  for (int i = 0; i < 2000; ++i) {
    const std::string other = "tos minsane " + std::to_string(i);
    bench.ask(configure(other));
  }
  bench.remote = remote;
  bench.is_this_host = false;
  const std::size_t before = bench.commands.configured.size();

  const auto again = bench.send(payload);

  EXPECT_EQ(before, 2001U);
  EXPECT_EQ(bench.commands.configured.size(), before);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].octets, first.at(0).octets) << "remembered, and not refused for want of room";
}

TEST_F(Writes, NomodifyForbidsThemAll) {
  bench.be_this_host();
  bench.access = Access::nomodify;
  bench.facts.the_variables.set({.name = "foo", .value = "bar"});

  EXPECT_EQ(bench.ask(configure("tos minsane 1")).at(0).data,
            "runtime configuration prohibited by restrict ... nomodify\r\n");
  EXPECT_EQ(bench.ask({.opcode = ControlOpcode::save_configuration, .data = "a.conf", .key = bench.key(1)}).at(0).data,
            "saveconfig prohibited by restrict ... nomodify\r\n");
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::write_variables, .data = "foo=1", .key = bench.key(1)})
                  .at(0)
                  .is_error(ControlError::permission));
  EXPECT_TRUE(bench.commands.configured.empty());
  EXPECT_TRUE(bench.commands.saved.empty());
}

TEST_F(Writes, OwnVariablesAreWrittenAsLinesOfConfiguration) {
  bench.be_this_host();
  bench.facts.the_variables.set({.name = "place", .value = "Hall 4", .is_default = true});
  bench.facts.the_variables.set({.name = "rack", .value = "7"});

  const auto replies = bench.ask(
      {.opcode = ControlOpcode::write_variables, .data = "place=\"Hall 5, left\", rack=8", .key = bench.key(1)});

  EXPECT_EQ(bench.commands.configured, Texts{"setvar place = \"Hall 5, left\" default\nsetvar rack = \"8\"\n"});
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_FALSE(replies[0].header.is_error);
  EXPECT_EQ(replies[0].header.status, 0x0615);
}

TEST_F(Writes, AValueCantEndItsLineOfConfiguration) {
  bench.be_this_host();
  bench.facts.the_variables.set({.name = "rack", .value = "7"});

  for (const char* value : {"rack=8\nserver 192.0.2.1", "rack=8\" default", "rack=\x01"})
    EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::write_variables, .data = value, .key = bench.key(1)})
                    .at(0)
                    .is_error(ControlError::bad_value))
        << value;
  EXPECT_TRUE(bench.commands.configured.empty());
}

TEST_F(Writes, WhatTheProgramKnowsCantBeWritten) {
  bench.be_this_host();
  const auto error = [&](std::string_view data) {
    return bench.ask({.opcode = ControlOpcode::write_variables, .data = data, .key = bench.key(1)}).at(0).header.status;
  };

  EXPECT_EQ(error("leap=0"), 0x0000);
  EXPECT_EQ(error("stratum=1"), 0x0100);
  EXPECT_EQ(error("nosuch=1"), 0x0500);
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::write_clock, .data = "leap=0", .key = bench.key(1)})
                  .at(0)
                  .is_error(ControlError::permission));
}

TEST_F(Writes, AnAssociationCantBeConfigured) {
  bench.be_this_host();
  Ask ask = configure("tos minsane 1");
  ask.association_id = 3;

  EXPECT_TRUE(bench.ask(ask).at(0).is_error(ControlError::bad_value));
}

TEST_F(Writes, CVE_2015_5146_AZeroOctetIsNoConfiguration) {
  bench.be_this_host();

  const auto replies = bench.ask(configure(std::string_view("tos\0minsane 1", 13)));

  EXPECT_EQ(replies.at(0).data, "runtime configuration failed: a zero octet in the text\r\n");
  EXPECT_TRUE(bench.commands.configured.empty());
}

TEST_F(Writes, CVE_2015_7851_SaveconfigTakesNamesNotPaths) {
  bench.be_this_host();
  const auto save = [&](std::string_view name) {
    return bench.ask({.opcode = ControlOpcode::save_configuration, .data = name, .key = bench.key(1)}).at(0).data;
  };
  for (const char* name : {"../x.conf", "/etc/ntp.conf", "a/b", "a\\b", "..", ".", ".hidden", "-rf", "a b", "a;b", "",
                           "a\x01", "caf\xc3\xa9", "%Y/%m"}) {
    EXPECT_TRUE(save(name).starts_with("saveconfig rejects unsafe file name '")) << name;
    for (const char c : save(name)) EXPECT_TRUE(c == '\r' || c == '\n' || (c >= ' ' && c <= '~'));
  }
  EXPECT_TRUE(save(std::string(129, 'a')).starts_with("saveconfig rejects"));
  EXPECT_TRUE(bench.commands.saved.empty());

  EXPECT_EQ(save("test.conf"), "Configuration saved to 'test.conf'\r\n");
  EXPECT_EQ(bench.commands.saved, Texts{"test.conf"});
}

TEST_F(Writes, ConversionsAreLeftToWhoWritesTheFile) {
  bench.be_this_host();

  bench.ask({.opcode = ControlOpcode::save_configuration, .data = "ntp-%Y-%j-%b.conf  ", .key = bench.key(1)});

  EXPECT_EQ(bench.commands.saved, Texts{"ntp-%Y-%j-%b.conf"});
}

TEST_F(Writes, SaveconfigNeedsAFolder) {
  bench.service.configure({});
  bench.be_this_host();

  EXPECT_EQ(bench.ask({.opcode = ControlOpcode::save_configuration, .data = "a.conf", .key = bench.key(1)}).at(0).data,
            "saveconfig prohibited, no saveconfigdir configured\r\n");
}

}  // namespace
}  // namespace ntp::control::test
