// SPDX-License-Identifier: BSD-2-Clause
#include "client/host_facts.h"

#include <gtest/gtest.h>

namespace ntp::client {
namespace {

const Endpoint kServer{Address::v4(0xc0000201), 123};

TEST(HostFacts, ADaemonsVariablesAreInMilliseconds) {
  const auto facts = facts_of(kServer, {{"stratum", "3"},
                                        {"offset", "-0.020"},
                                        {"rootdelay", "0.100"},
                                        {"rootdisp", "10.609"},
                                        {"refid", "10.77.0.3"},
                                        {"version", "ntpd 4.2.8p18"}});

  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->stratum, 3);
  EXPECT_DOUBLE_EQ(facts->offset_s, -0.00002);
  EXPECT_DOUBLE_EQ(facts->distance_s, 0.010659);
  EXPECT_EQ(facts->version, "ntpd 4.2.8p18");
  EXPECT_FALSE(facts->is_by_time_alone);
}

TEST(HostFacts, WithoutStratumOrNumbersThereAreNone) {
  EXPECT_FALSE(facts_of(kServer, std::vector<Variable>{}));
  EXPECT_FALSE(facts_of(kServer, {{"stratum", "3"}, {"offset", "soon"}, {"rootdelay", "1"}, {"rootdisp", "1"}}));
  EXPECT_FALSE(facts_of(kServer, {{"stratum", "-1"}, {"offset", "0"}, {"rootdelay", "1"}, {"rootdisp", "1"}}));
  EXPECT_FALSE(facts_of(kServer, {{"stratum", "nan"}, {"offset", "0"}, {"rootdelay", "1"}, {"rootdisp", "1"}}));
}

TimeAnswer answer(std::uint8_t stratum, std::uint32_t refid) {
  return {.header = {.mode = wire::Mode::server, .stratum = stratum, .refid = {refid}},
          .sample = TimeSample{.offset_s = 0.5, .delay_s = 0.02, .root_distance_s = 0.03}};
}

TEST(HostFacts, TimeAloneNamesTheNextServerByItsRefid) {
  const auto facts = facts_of(kServer, answer(2, 0xc6336463));

  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->follows, (Endpoint{Address::v4(0xc6336463), 123}));
  EXPECT_TRUE(facts->is_by_time_alone);
  EXPECT_EQ(facts->refid, "198.51.100.99");
}

TEST(HostFacts, WhatIsNoAddressOfAServerIsNotFollowed) {
  EXPECT_FALSE(facts_of(kServer, answer(1, wire::Refid::ascii("GPS").bits))->follows);
  EXPECT_EQ(facts_of(kServer, answer(1, wire::Refid::ascii("GPS").bits))->refid, "GPS");
  for (const std::uint32_t refid : {0x7f7f0100U, 0x7f000001U, 0U, 0xfe123456U, 0xe0000101U})
    EXPECT_FALSE(facts_of(kServer, answer(3, refid))->follows) << refid;
  EXPECT_FALSE(facts_of(kServer, answer(0, 0xc6336463))->follows);
  EXPECT_FALSE(facts_of(kServer, answer(16, 0xc6336463))->follows);
}

TEST(HostFacts, StratumZeroMeansUnsynchronised) { EXPECT_EQ(facts_of(kServer, answer(0, 0))->stratum, 16); }

TEST(HostFacts, ASourceIsAnAddressWithItsPortUnlessItIsAClock) {
  EXPECT_EQ(address_of_source({{"srcadr", "2001:db8::1"}, {"srcport", "1123"}}),
            (Endpoint{*Address::parse("2001:db8::1"), 1123}));
  EXPECT_EQ(address_of_source({{"srcadr", "192.0.2.1"}}), kServer);
  for (const char* text : {"127.127.20.0", "0.0.0.0", "::", "224.0.1.1", "localhost", ""})
    EXPECT_FALSE(address_of_source({{"srcadr", text}})) << text;
  EXPECT_FALSE(address_of_source({{"srcadr", "192.0.2.1"}, {"srcport", "70000"}}));
}

}  // namespace
}  // namespace ntp::client
