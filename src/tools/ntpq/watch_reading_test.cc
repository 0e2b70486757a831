// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_reading.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::ntpq {
namespace {

using namespace std::string_literals;

// What ntp.org's ntpd 4.2.8p18 told in the capture ntpq-all-commands (tests/data/classic).
constexpr const char* kClock =
    "version=\"ntpd 4.2.8p18-o Fri Nov 20 20:57:37 UTC 2026 (3)\",\r\nprocessor=\"x86_64\", system=\"Linux/6.18\", "
    "leap=0, "
    "stratum=3,\r\nprecision=-24, rootdelay=0.034, rootdisp=11.365, refid=10.77.0.3,\r\nreftime=0xeeab3885.41a3e35e, "
    "clock=0xeeab38c4.dda5bffc, peer=1982, tc=3,\r\nmintc=3, offset=0.017404, frequency=0.000, "
    "sys_jitter=0.023176,\r\nclk_jitter=0.063, clk_wander=0.029, foo=bar\r\n";
constexpr const char* kSource =
    "srcadr=10.77.0.4, srcport=123, dstadr=10.77.0.5, dstport=123, leap=0,\r\nstratum=2, precision=-25, "
    "rootdelay=0.000, "
    "rootdisp=10.361,\r\nrefid=127.127.1.0, reftime=0xeeab38b9.a909301d, rec=0xeeab38c3.3a762020,\r\nreach=0xff, "
    "unreach=0, "
    "hmode=3, pmode=4, hpoll=3, ppoll=3, headway=5,\r\nflash=0x0, keyid=6, offset=0.025, delay=0.086, "
    "dispersion=0.166,\r\njitter=0.083, xleave=0.077,\r\nfiltdelay= 0.09 0.11 0.09 0.10 0.53 0.10 0.12 "
    "0.16,\r\nfiltoffset= "
    "0.02 0.05 0.03 0.04 0.24 0.03 0.05 0.06,\r\nfiltdisp= 0.00 0.12 0.24 0.36 0.48 0.60 16000.00 16000.00\r\n";

SourceSample source_of(const std::string& text) {
  return read_source(1981, client::parse_variables(text), std::nullopt);
}

TEST(WatchReading, ClockOfTheReferenceImplementation) {
  const auto variables = client::parse_variables(kClock);
  const ClockSample clock = read_clock(variables);

  EXPECT_EQ(clock.version, "ntpd 4.2.8p18-o Fri Nov 20 20:57:37 UTC 2026 (3)");
  EXPECT_EQ(clock.refid, "10.77.0.3");
  EXPECT_EQ(clock.leap, 0);
  EXPECT_EQ(clock.stratum, 3);
  EXPECT_DOUBLE_EQ(clock.offset_ms.value(), 0.017404);
  EXPECT_DOUBLE_EQ(clock.jitter_ms.value(), 0.023176);
  EXPECT_DOUBLE_EQ(clock.bound_ms.value(), 0.034 / 2 + 11.365);
  EXPECT_EQ(read_time(variables), Timestamp::from_parts(0xeeab38c4, 0xdda5bffc));
}

TEST(WatchReading, SourceOfTheReferenceImplementation) {
  const SourceSample source =
      read_source(1981, client::parse_variables(kSource), Timestamp::from_parts(0xeeab38c4, 0xdda5bffc));

  EXPECT_EQ(source.address, "10.77.0.4");
  EXPECT_EQ(source.refid, "LOCAL(0)");
  EXPECT_EQ(source.type, 'u');
  EXPECT_EQ(source.stratum, 2);
  EXPECT_NEAR(source.since_received_s.value(), 1.64, 0.01);
  EXPECT_EQ(source.poll_s, 8);
  EXPECT_EQ(source.reach, 0377U);
  EXPECT_DOUBLE_EQ(source.delay_ms.value(), 0.086);
  EXPECT_DOUBLE_EQ(source.offset_ms.value(), 0.025);
  EXPECT_DOUBLE_EQ(source.jitter_ms.value(), 0.083);
  EXPECT_EQ(source.received_at, "0xeeab38c3.3a762020");
  EXPECT_EQ(source.filter_offsets_ms, (std::vector<double>{0.02, 0.05, 0.03, 0.04, 0.24, 0.03}))
      << "the last two stages are empty";
  ASSERT_FALSE(source.variables.empty());
  EXPECT_EQ(source.variables[0], (std::pair{"srcadr"s, "10.77.0.4"s}));
}

TEST(WatchReading, LettersOfAssociations) {
  EXPECT_EQ(source_of("srcadr=192.0.2.1, hmode=3").type, 'u');
  EXPECT_EQ(source_of("srcadr=127.127.1.0, hmode=3").type, 'l');
  EXPECT_EQ(source_of("srcadr=0.0.0.0, hmode=3").type, 'p');
  EXPECT_EQ(source_of("srcadr=224.0.1.1, hmode=3").type, 'a');
  EXPECT_EQ(source_of("srcadr=192.0.2.1, hmode=1").type, 's');
  EXPECT_EQ(source_of("srcadr=192.0.2.255, hmode=5").type, 'B');
  EXPECT_EQ(source_of("srcadr=ff05::101, hmode=5").type, 'M');
  EXPECT_EQ(source_of("srcadr=192.0.2.1, hmode=6").type, 'b');
  EXPECT_EQ(source_of("").type, ' ');
}

TEST(WatchReading, Refids) {
  EXPECT_EQ(source_of("refid=GPS").refid, ".GPS.");
  EXPECT_EQ(source_of("refid=INIT").refid, ".INIT.");
  EXPECT_EQ(source_of("").refid, ".INIT.");
  EXPECT_EQ(source_of("refid=192.0.2.7").refid, "192.0.2.7");
  EXPECT_EQ(source_of("refid=127.127.1.3").refid, "LOCAL(3)");
  EXPECT_EQ(source_of("refid=127.127.28.0").refid, "SHM(0)");
}

TEST(WatchReading, PollIsTheShorterOfBoth) {
  EXPECT_EQ(source_of("hpoll=10, ppoll=6").poll_s, 64);
  EXPECT_EQ(source_of("hpoll=6, ppoll=0").poll_s, 64) << "its last packet named none";
  EXPECT_EQ(source_of("hpoll=99").poll_s, std::nullopt);
}

TEST(WatchReading, OddNumbersAreMissing) {
  const SourceSample source = source_of(
      "offset=nan, delay=inf, jitter=1e999, stratum=99999999999999999999, reach=777, "
      "rec=0x1.0, filtoffset=1 2 x 3");

  EXPECT_EQ(source.offset_ms, std::nullopt);
  EXPECT_EQ(source.delay_ms, std::nullopt);
  EXPECT_EQ(source.jitter_ms, std::nullopt);
  EXPECT_EQ(source.stratum, std::nullopt);
  EXPECT_EQ(source.reach, std::nullopt);
  EXPECT_EQ(source.since_received_s, std::nullopt);
  EXPECT_EQ(source.filter_offsets_ms, (std::vector<double>{1, 2}));
  EXPECT_EQ(source_of("rec=0x1.0, offset=-1e300").offset_ms, std::nullopt);
  EXPECT_EQ(source_of("rec=0x1.0, offset=+12.5").offset_ms, 12.5);
}

TEST(WatchReading, SourceThatWasNeverHeardHasNoMeasurements) {
  const SourceSample source = source_of(
      "rec=0x0.0, reftime=0x0.0, offset=0.000, delay=0.000, jitter=0.000, filtoffset=0.00 0.00, filtdisp=0.00 "
      "16000.00");

  EXPECT_EQ(source.offset_ms, std::nullopt);
  EXPECT_EQ(source.delay_ms, std::nullopt);
  EXPECT_TRUE(source.filter_offsets_ms.empty());
}

TEST(WatchReading, ReferenceClockWasReadAtItsReferenceTime) {
  const auto variables =
      client::parse_variables("srcadr=127.127.1.0, rec=0x00000000.00000000, reftime=0xeeab38c0.00000000, offset=0.000");
  const SourceSample source = read_source(1, variables, Timestamp::from_parts(0xeeab38c4, 0));

  EXPECT_EQ(source.since_received_s, 4);
  EXPECT_EQ(source.offset_ms, 0);
}

TEST(WatchReading, ListOfAssociations) {
  const auto list = read_list("\x07\xbe\xf4\x1a\x07\xbd\x96\x1a\x07\xbd\x00\x00\x00\x00\x12\x34\xff"s);

  ASSERT_EQ(list.size(), 2U) << "a second entry of the same number, and number 0, are none";
  EXPECT_EQ(list[0].association_id, 1981);
  EXPECT_EQ(list[0].status, 0x961a);
  EXPECT_EQ(list[1].association_id, 1982);
}

TEST(WatchReading, EndlessListsEnd) {
  std::string data;
  for (unsigned id = 1; id < 5000; ++id) {
    data += static_cast<char>(id >> 8U);
    data += static_cast<char>(id);
    data += "\0\0"s;
  }

  EXPECT_EQ(read_list(data).size(), kMostWatchedSources);
}

TEST(WatchReading, ClientsComeInAnyOrder) {
  const ClientsSample clients = read_clients(client::parse_variables(
      "nonce=eeab39e8a8738913e6244588, last.0=0xeeab3918.00000000, mv.0=35, ct.0=5, ktz.0=41972, "
      "addr.0=10.77.0.12:37092, "
      "first.0=0xeeab3910.00000000, rs.0=0x420,\r\naddr.1=[2001:db8::1]:123, first.1=0xeeab391a.00000000, "
      "last.1=0xeeab391a.00000000, ct.1=1, mv.1=27, rs.1=0, addr.2=10.0.0.1, now=0xeeab391c.00000000, "
      "last.newest=0xeeab391a.00000000"));

  ASSERT_EQ(clients.newest_first.size(), 2U) << "the third has no time";
  EXPECT_EQ(clients.newest_first[0].address, "2001:db8::1");
  EXPECT_EQ(clients.newest_first[0].port, 123);
  EXPECT_EQ(clients.newest_first[0].version, 3U);
  EXPECT_EQ(clients.newest_first[0].limited, '.');
  const ClientSample& older = clients.newest_first[1];
  EXPECT_EQ(older.address, "10.77.0.12");
  EXPECT_EQ(older.port, 37092);
  EXPECT_EQ(older.since_last_s, 4);
  EXPECT_EQ(older.interval_s, 2);
  EXPECT_EQ(older.count, 5U);
  EXPECT_EQ(older.mode, 3U);
  EXPECT_EQ(older.version, 4U);
  EXPECT_EQ(older.limited, 'K');
}

TEST(WatchReading, TextsAreFitForAnyTerminal) {
  EXPECT_EQ(plain("a\x1b[31mb\r\n\tc\x7f"), "a?[31mb  c?");
  EXPECT_EQ(plain("caf\xc3\xa9 \xff"), "caf? ?");
  EXPECT_EQ(plain("abcdef", 3), "abc");
}

RC_GTEST_PROP(WatchReading, AnyOctetsGivePlainText, (const std::string& octets)) {
  const auto is_plain = [](const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
  };
  const auto variables = client::parse_variables("srcadr=" + octets + ", refid=\"" + octets + "\", addr.0=" + octets +
                                                 ", last.0=0x1.0, version=" + octets + ", " + octets);
  const SourceSample source = read_source(1, variables, std::nullopt);

  RC_ASSERT(is_plain(source.address) && is_plain(source.refid) && is_plain(read_clock(variables).version));
  for (const auto& [name, value] : source.variables) RC_ASSERT(is_plain(name) && is_plain(value));
  for (const ClientSample& client : read_clients(variables).newest_first) RC_ASSERT(is_plain(client.address));
}

}  // namespace
}  // namespace ntp::ntpq
