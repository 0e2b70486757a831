// SPDX-License-Identifier: BSD-2-Clause
#include "control/variables.h"

#include <gtest/gtest.h>

#include "control/control_test_kit.h"

namespace ntp::control::test {
namespace {

using wire::ControlError;
using wire::ControlOpcode;

class Variables : public testing::Test {
 protected:
  Variables() {
    bench.be_this_host();
    bench.facts.the_view.sources.resize(2);
    bench.facts.the_view.sources[0].association_id = 1;
    bench.facts.the_view.sources[0].remote = {Address::v4(0x7f7f0100), 123};
    bench.facts.the_view.sources[0].name = "127.127.1.0";
    bench.facts.the_view.sources[0].clock =
        state::ClockView{.device = "Undisciplined local clock", .stratum = 5, .refid = wire::Refid::ascii("LOCL")};
    bench.facts.the_view.sources[1].association_id = 2;
    bench.facts.the_view.sources[1].name = "ntp.example";
  }
  std::string read(std::string_view names, std::uint16_t association_id = 0) {
    return whole_data(bench.ask({.data = names, .association_id = association_id}));
  }

  Bench bench;
};

TEST_F(Variables, UnsynchronisedIsStratum16) {
  bench.facts.the_view.system.stratum = 0;
  bench.facts.the_view.system.refid = wire::kRefidInit;

  EXPECT_EQ(read("stratum,refid"), "stratum=16, refid=INIT\r\n");
}

TEST_F(Variables, LeapTableIsToldByDates) {
  bench.facts.the_view.system.tai_offset_s = 37;
  bench.facts.the_view.system.leap_at = Timestamp::from_parts(3692217600, 0);
  bench.facts.the_view.system.leap_expires = Timestamp::from_parts(4007404800, 0);

  EXPECT_EQ(read("tai,leapsec,expire"), "tai=37, leapsec=201701010000, expire=202612280000\r\n");
}

TEST_F(Variables, DatesBeyond2036AreOfTheNextEra) {
  bench.now.real = Timestamp::from_parts(0xfffffff0U, 0);
  bench.facts.the_view.system.leap_expires = Timestamp::from_parts(86400, 0);

  EXPECT_EQ(read("expire"), "expire=203602080628\r\n");
}

TEST_F(Variables, KnownOnesWithoutAValueAreNothing) {
  EXPECT_EQ(read("tai"), "");
  EXPECT_EQ(read("host,cert,leap,nts_cookie_make"), "leap=0\r\n");
}

TEST_F(Variables, OneUnknownNameFailsThemAll) {
  for (const std::uint16_t id : {std::uint16_t{0}, std::uint16_t{2}})
    EXPECT_TRUE(
        bench.ask({.data = "leap,nosuch", .association_id = id}).at(0).is_error(ControlError::unknown_variable));
  EXPECT_TRUE(
      bench.ask({.opcode = ControlOpcode::read_clock, .data = "leap"}).at(0).is_error(ControlError::unknown_variable));
}

TEST_F(Variables, UnknownAssociationsAndClocksAreSaid) {
  EXPECT_TRUE(bench.ask({.association_id = 9}).at(0).is_error(ControlError::unknown_association));
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::read_status, .association_id = 9})
                  .at(0)
                  .is_error(ControlError::unknown_association));
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::read_clock, .association_id = 2})
                  .at(0)
                  .is_error(ControlError::unknown_association));
}

TEST_F(Variables, ReadClockFindsTheFirstClock) {
  EXPECT_EQ(whole_data(bench.ask({.opcode = ControlOpcode::read_clock, .data = "device,refid"})),
            "refid=LOCL, device=\"Undisciplined local clock\"\r\n");
}

TEST_F(Variables, NamesOfSourcesAreTold) {
  EXPECT_EQ(read("srchost", 1), "srchost=\"LOCAL(0)\"\r\n");
  EXPECT_EQ(read("srchost", 2), "srchost=\"ntp.example\"\r\n");
}

// The story of a pool's verification: a token by setvar, read by name.
TEST_F(Variables, OwnVariablesAreToldByNameAndUnaskedIfTheyAreDefault) {
  bench.facts.the_variables.set({.name = "token", .value = "7f3a"});
  bench.facts.the_variables.set({.name = "place", .value = "Hall 4, rack 7", .is_default = true});

  EXPECT_EQ(read("token"), "token=7f3a\r\n");
  EXPECT_EQ(read("place,token,leap"), "leap=0, token=7f3a, place=\"Hall 4, rack 7\"\r\n");
  EXPECT_NE(read("").find("place=\"Hall 4, rack 7\""), std::string::npos);
  EXPECT_EQ(read("").find("token"), std::string::npos);
  EXPECT_NE(read("sys_var_list").find(",changes,token,place\""), std::string::npos);
}

TEST_F(Variables, NamesOfTheProgramWin) {
  bench.facts.the_variables.set({.name = "leap", .value = "9"});

  EXPECT_EQ(read("leap"), "leap=0\r\n");
}

TEST_F(Variables, NamesOfTheProgramWithoutAValueLeaveTheirPlace) {
  bench.facts.the_variables.set({.name = "token", .value = "7f3a"});
  bench.facts.the_variables.set({.name = "cert", .value = "a,b c=d", .is_default = true});

  EXPECT_EQ(read("cert"), "cert=\"a,b c=d\"\r\n");
  EXPECT_EQ(read("cert,leap,token,cert"), "leap=0, token=7f3a, cert=\"a,b c=d\"\r\n");
}

TEST_F(Variables, ControlCharactersAndQuotesLoseTheirForce) {
  bench.facts.the_host.system = "Linux\"\r\nstratum=1\x1b[2J";

  EXPECT_EQ(read("system"), "system=\"Linux'  stratum=1 [2J\"\r\n");
}

// U+009B and the octet 0x9b begin a terminal's command as ESC [ does.
TEST_F(Variables, OnlyTextThatIsUtf8IsTold) {
  bench.facts.the_host.system = "Zeit\u00fc\xc2\x9b\x32J\x9b\x32J\xff";

  EXPECT_EQ(read("system"), "system=\"Zeit\u00fc 2J 2J \"\r\n");
}

TEST_F(Variables, ChangesAreToldWithTimesAndAssociations) {
  bench.facts.the_view.changes = {{.at = Timestamp::from_parts(0xeeab38c4, 0), .text = "synchronised"},
                                  {.at = Timestamp::from_parts(0xeeab38c5, 0), .association_id = 2, .text = "silent"}};

  EXPECT_EQ(read("changes"), "changes=\"2026-11-20T21:23:16Z 0 synchronised | 2026-11-20T21:23:17Z 2 silent\"\r\n");
}

TEST_F(Variables, WhyIsASentence) {
  bench.facts.the_view.sources[1].judgement.reason = state::SourceReason::silent;

  EXPECT_TRUE(read("why", 2).starts_with("why=\""));
  EXPECT_EQ(read("reason", 2), "reason=silent\r\n");
  EXPECT_GT(read("why").size(), 10U);
}

TEST_F(Variables, StatusListsAssociationsNewestFirst) {
  bench.facts.the_view.sources[0].status = 0x9014;
  bench.facts.the_view.sources[1].status = 0x8011;

  const auto replies = bench.ask({.opcode = ControlOpcode::read_status});

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].data, std::string("\x00\x02\x80\x11\x00\x01\x90\x14", 8));
  EXPECT_EQ(replies[0].header.status, 0x0615);
}

TEST_F(Variables, ManyAssociationsTakeManyDatagrams) {
  bench.facts.the_view.sources.resize(1000);

  const auto replies = bench.ask({.opcode = ControlOpcode::read_status});

  EXPECT_EQ(replies.size(), 9U);
  EXPECT_EQ(whole_data(replies).size(), 4000U);
}

TEST_F(Variables, EveryNameOfNtpsecsToolsIsKnown) {
  for (const char* names :
       {"peeradr,peermode,leap,stratum,precision,rootdelay,rootdisp,rootdist,refid,reftime,sys_jitter,clk_jitter,clk_"
        "wander,"
        "authdelay",
        "ss_uptime,ss_numctlreq,ss_reset,ss_received,ss_thisver,ss_oldver,ss_ver1,ss_ver1client,ss_ver1zero,ss_"
        "ver1symm,"
        "ss_badformat,ss_badauth,ss_declined,ss_restricted,ss_limited,ss_kodsent,ss_processed",
        "ss_reset_r,ss_received_r,ss_thisver_r,ss_oldver_r,ss_ver1_r,ss_ver1client_r,ss_ver1zero_r,ss_ver1symm_r,"
        "ss_badformat_r,ss_badauth_r,ss_declined_r,ss_restricted_r,ss_limited_r,ss_kodsent_r,ss_processed_r",
        "mru_enabled,mru_hashslots,mru_depth,mru_deepest,mru_maxdepth,mru_mindepth,mru_maxage,mru_minage,mru_mem,"
        "mru_maxmem,mru_exists,mru_new,mru_recycleold,mru_recyclefull,mru_none,mru_oldest_age",
        "authdigestencrypts,authcmacencrypts,authdigestdecrypts,authdigestfails,authcmacdecrypts,authcmacfails"})
    EXPECT_FALSE(bench.ask({.data = names}).at(0).header.is_error) << names;
}

}  // namespace
}  // namespace ntp::control::test
