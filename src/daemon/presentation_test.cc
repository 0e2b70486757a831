// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/presentation.h"

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

state::View example() {
  state::View view;
  view.system = {.leap = wire::Leap::none,
                 .stratum = 2,
                 .refid = wire::Refid::v4(*Address::parse("192.0.2.10")),
                 .root_delay_s = 0.012,
                 .root_dispersion_s = 0.004,
                 .peer_association_id = 1,
                 .offset_s = 0.000213,
                 .frequency_ppm = 11.402,
                 .jitter_s = 87e-6,
                 .clock_wander_ppm = 0.012,
                 .deviation_s = 9e-6,
                 .discipline = state::DisciplineState::sync};
  view.sources.push_back({.association_id = 1,
                          .name = "a.example",
                          .remote = {*Address::parse("192.0.2.10"), 123},
                          .refid = wire::Refid::ascii("GPS"),
                          .leap = wire::Leap::none,
                          .stratum = 1,
                          .poll_log2s = -4,
                          .reach = 0377,
                          .delay_s = 0.012401,
                          .offset_s = 0.000213,
                          .jitter_s = 87e-6,
                          .dispersion_s = 0.01,
                          .deviation_s = 12e-6,
                          .selection = state::Selection::system_peer});
  view.sources.push_back({.remote = {*Address::parse("127.127.1.0"), 123},
                          .refid = wire::Refid::ascii("LOCL"),
                          .stratum = 10,
                          .reach = 1,
                          .offset_s = -2,
                          .jitter_s = 999.6e-9,
                          .dispersion_s = 0.01});
  view.sources.push_back({.remote = {*Address::parse("2001:db8::17"), 123}});
  return view;
}

TEST(LiveTable, ShowsSourcesAndTheClock) {
  const std::string text = live_table(example(), {.clock_text = "2026-01-02 03:04:05 UTC",
                                                  .origin = "/etc/ntp.conf",
                                                  .last_message = "following 192.0.2.10",
                                                  .port = 123,
                                                  .answered = 7});

  EXPECT_EQ(text,
            "Meridian ntpd   2026-01-02 03:04:05 UTC   port 123   7 answered\n"
            "Configuration: /etc/ntp.conf\n"
            "\n"
            " remote                refid           st  poll reach   delay   offset      +-\n"
            "*192.0.2.10            .GPS.            1  1/16   377 12.4 ms  +213 us 12.0 us\n"
            " 127.127.1.0           .LOCL.          10    64     1 0.00 ns  -2.00 s 1.00 us\n"
            " 2001:db8::17          .INIT.          16    64     0       -        -       -\n"
            "\n"
            "Clock: synchronised, stratum 2, refid 192.0.2.10\n"
            "       offset +213.000 us +- 9.000 us, within 10.000 ms\n"
            "       steered: SYNC, frequency +11.402 ppm, wander 0.012 ppm, poll 64 s\n"
            "\n"
            "Last: following 192.0.2.10\n");
}

TEST(LiveTable, SaysWhatItWaitsForAndThatTheClockIsLeftAlone) {
  state::View view;
  view.system.sets_clock = false;
  view.system.waiting_for = "an address for a.example";

  const std::string text = live_table(view, {});

  EXPECT_NE(text.find("(no source has an address yet)"), std::string::npos);
  EXPECT_NE(text.find("Clock: unsynchronised, waiting for an address for a.example\n"), std::string::npos);
  EXPECT_NE(text.find("left alone"), std::string::npos);
}

TEST(StatusJson, NamesTheLeaderAndEscapesWhatNamesHold) {
  state::View view = example();
  view.sources[0].name = "a\"\n\xff";

  state::VariableSet variables;
  variables.set({.name = "site", .value = "the \"roof\""});
  variables.set({.name = "owner", .value = "ops"});
  const std::string text = status_json(view, variables);

  EXPECT_NE(text.find(R"("peer":"192.0.2.10")"), std::string::npos);
  EXPECT_NE(text.find(R"("name":"a\"\u000a\ufffd")"), std::string::npos);
  EXPECT_NE(text.find(R"("refid":"LOCL")"), std::string::npos);
  EXPECT_TRUE(text.ends_with(R"(],"variables":{"site":"the \"roof\"","owner":"ops"}})"
                             "\n"))
      << text;
}

}  // namespace
}  // namespace ntp::daemon
