// SPDX-License-Identifier: BSD-2-Clause
//
// The expected lines are those that ntpdate of ntp.org 4.2.8p18 printed of the same samples (10.77.0.4 and 10.77.0.5 of the
// capture ntptrace-sntp-ntpdate in tests/data/classic).
#include "tools/ntpdate/report.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace ntp::tools::ntpdate {
namespace {

using client::TimeAnswer;
using client::TimeFault;
using client::TimeOutcome;
using client::TimeSample;

TimeOutcome server(std::uint32_t address, std::uint8_t stratum) {
  TimeOutcome out{.server = {"time.example", {Address::v4(address), 123}}, .answers = {}, .passed_over = {}};
  out.answers.push_back({.header = {.stratum = stratum}});
  return out;
}

TimeOutcome measured(std::uint32_t address, std::uint8_t stratum, double offset_s, double delay_s) {
  TimeOutcome out = server(address, stratum);
  out.answers[0].sample = TimeSample{.offset_s = offset_s, .delay_s = delay_s, .root_distance_s = 0.25};
  return out;
}

constexpr std::tm kMoment{.tm_sec = 40, .tm_min = 24, .tm_hour = 21, .tm_mday = 20, .tm_mon = 10, .tm_year = 126};

TEST(NtpdateReport, AQueryReadsAsTheClassics) {
  const TimeOutcome first = measured(0x0a4d0004, 2, 0.000012, 0.02574);

  EXPECT_EQ(server_line(first), "server 10.77.0.4, stratum 2, offset +0.000012, delay 0.02574\n");
  EXPECT_EQ(server_line(measured(0x0a4d0005, 3, 0.000011, 0.0257)),
            "server 10.77.0.5, stratum 3, offset +0.000011, delay 0.02570\n");
  EXPECT_EQ(log_line(kMoment, 10091, result_text(first, Action::adjust)),
            "20 Nov 21:24:40 ntpdate[10091]: adjust time server 10.77.0.4 offset +0.000012 sec\n");
}

TEST(NtpdateReport, DaysHaveTwoPlacesAndStepsTheirWord) {
  std::tm first = kMoment;
  first.tm_mday = 1;
  first.tm_mon = 0;
  EXPECT_EQ(log_line(first, 7, "x"), " 1 Jan 21:24:40 ntpdate[7]: x\n");
  EXPECT_EQ(result_text(measured(0x0a4d0004, 2, -1.5, 0.1), Action::step),
            "step time server 10.77.0.4 offset -1.500000 sec");
}

TEST(NtpdateReport, ASilentServerHasZeros) {
  TimeOutcome silent = server(0xc0000201, 0);
  silent.answers[0].fault = TimeFault::timeout;

  EXPECT_EQ(server_line(silent), "server 192.0.2.1, stratum 0, offset +0.000000, delay 0.00000\n");
}

TEST(NtpdateReport, AServerWithoutTimeIsStillMeasured) {
  TimeOutcome unsynchronised = measured(0xc0000201, 16, 0.5, 0.1);
  unsynchronised.answers[0].fault = TimeFault::unsynchronized;

  EXPECT_EQ(server_line(unsynchronised), "server 192.0.2.1, stratum 16, offset +0.500000, delay 0.10000\n");
}

TEST(NtpdateReport, DebuggingReadsAsTheClassics) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  TimeOutcome outcome = server(0x0a4d0004, 2);
  outcome.answers.clear();
  // From the oldest to the newest; the best one is the oldest, as in the capture.
  const double delays_s[] = {0.02567, 0.02568, 0.02567, 0.02573};
  const double offsets_s[] = {0.000007, 0.000001, 0.000007, 0.000012};
  for (int i = 0; i < 4; ++i)
    outcome.answers.push_back({.header = {.leap = wire::Leap::none,
                                          .stratum = 2,
                                          .precision_log2s = -25,
                                          .root_dispersion = ShortTime::from_bits(674),
                                          .refid = wire::Refid{0x7f7f0100},
                                          .reference = Timestamp::from_parts(0xeeab3919U, 0xa6191004U),
                                          .transmit = Timestamp::from_parts(0xeeab391eU, 0x77f2561eU)},
                               .t1 = Timestamp::from_parts(0xeeab391eU, 0x77eb44e6U),
                               .sample = TimeSample{.offset_s = offsets_s[i], .delay_s = delays_s[i]}});
  outcome.answers[0].sample->delay_s -= 1e-9;

  EXPECT_EQ(debug_text(outcome, 1795209886),
            R"(
server 10.77.0.4, port 123
stratum 2, precision -25, leap 00, trust 000
refid [127.127.1.0], root delay 0.000000, root dispersion 0.010284
reference time:      eeab3919.a6191004  Fri, Nov 20 2026 21:24:41.648
originate timestamp: eeab391e.77f2561e  Fri, Nov 20 2026 21:24:46.468
transmit timestamp:  eeab391e.77eb44e6  Fri, Nov 20 2026 21:24:46.468
filter delay:  0.02573    0.02567    0.02568    0.02567   
               ----       ----       ----       ----      
filter offset: +0.000012  +0.000007  +0.000001  +0.000007 
               ----       ----       ----       ----      
delay 0.02567, dispersion 0.00000, offset +0.000007

)");
}

TEST(NtpdateReport, DebuggingASilentServerSaysSo) {
  TimeOutcome silent = server(0xc0000201, 0);
  silent.answers[0].fault = TimeFault::refused;

  EXPECT_EQ(debug_text(silent, 0), "\nserver 192.0.2.1, port 123\nno time server listens there (connection refused)\n");
}

TEST(NtpdateReport, JsonTellsEveryServerAndTheResult) {
  TimeOutcome silent = server(0xc0000201, 0);
  silent.answers[0].fault = TimeFault::timeout;
  const std::vector<TimeOutcome> outcomes{measured(0x0a4d0004, 2, 0.000012, 0.02574), silent};

  EXPECT_EQ(
      to_json({.outcomes = outcomes, .chosen = &outcomes[0], .action = Action::adjust, .is_done = true}),
      "{\"servers\":[{\"server\":\"time.example\",\"address\":\"10.77.0.4\",\"stratum\":2,\"offset\":0.000012000,"
      "\"delay\":0.025740000,\"distance\":0.250000000,\"leap\":0},{\"server\":\"time.example\",\"address\":"
      "\"192.0.2.1\",\"error\":\"no answer\"}],\"chosen\":\"10.77.0.4\",\"offset\":0.000012000,\"action\":\"slew\","
      "\"done\":true,\"error\":null}\n");
  EXPECT_EQ(to_json({.outcomes = {}, .problem = "no \"server\""}),
            "{\"servers\":[],\"chosen\":null,\"offset\":null,\"action\":\"none\",\"done\":false,"
            "\"error\":\"no \\\"server\\\"\"}\n");
}

}  // namespace
}  // namespace ntp::tools::ntpdate
