// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics_lines.h"

#include <string>

#include <gtest/gtest.h>

#include "daemon/statistics_test_kit.h"
#include "state/status.h"

namespace ntp::daemon {
namespace {

using test::at;
using test::error_record;
using test::kMorning;

TEST(StatisticsLine, ErrorstatsTellTheEstimateItsDeviationAndTheBound) {
  EXPECT_EQ(statistics_line(error_record(at(kMorning, 0.25))),
            "61420 28800.250000000 -0.000000150000 0.000000020000 0.010400000000 0\n");
}

TEST(StatisticsLine, RawstatsAreTheClassics) {
  wire::Header header{.leap = wire::Leap::insert, .version = 4, .mode = wire::Mode::server, .stratum = 1};
  header.poll_log2s = 6;
  header.precision_log2s = -20;
  header.root_delay = ShortTime::from_seconds(0.5);
  header.root_dispersion = ShortTime::from_seconds(0.25);
  header.refid = wire::Refid::ascii("GPS");
  const engine::ExchangeRecord exchange{.remote = {.address = *Address::parse("2001:db8::1"), .port = 123},
                                        .local = *Address::parse("2001:db8::2"),
                                        .t1 = at(kMorning, 0.5),
                                        .t2 = at(kMorning, 0.625),
                                        .t3 = at(kMorning, 0.75),
                                        .t4 = at(kMorning, 0.875),
                                        .header = header};

  const std::string seconds = std::to_string(kMorning);
  EXPECT_EQ(statistics_line({.at = at(kMorning, 0.9), .record = exchange}),
            "61420 28800.899 2001:db8::1 2001:db8::2 " + seconds + ".500000000 " + seconds + ".625000000 " + seconds +
                ".750000000 " + seconds + ".875000000 1 4 4 1 6 -20 0.500000 0.250000 .GPS.\n");
}

TEST(StatisticsLine, TheDayGoesOnWhereTheSecondsWrap) {
  // 2036-02-07 06:28:15.999..., and the second after it, whose number is 0.
  const std::string before = statistics_line(error_record(Timestamp::from_bits(~std::uint64_t{0})));
  const std::string after = statistics_line(error_record(at(0)));

  EXPECT_TRUE(before.starts_with("64730 23295.999999999 ")) << before;
  EXPECT_TRUE(after.starts_with("64730 23296.000000000 ")) << after;
}

TEST(StatisticsLine, RawstatsEndInWhatFollowedTheHeader) {
  engine::ExchangeRecord exchange{.remote = {.address = *Address::parse("192.0.2.1"), .port = 123},
                                  .local = *Address::parse("192.0.2.2")};
  exchange.header.stratum = 2;
  exchange.header.refid = wire::Refid::v4(*Address::parse("192.0.2.9"));
  exchange.tail.length = 4;
  exchange.tail.octets = {std::byte{0x00}, std::byte{0x00}, std::byte{0x00}, std::byte{0x2a}};

  const std::string line = statistics_line({.at = at(kMorning), .record = exchange});
  EXPECT_TRUE(line.ends_with(" 192.0.2.9 4: 0000002a\n")) << line;
}

TEST(StatisticsLine, LoopstatsAreTheClassics) {
  const engine::LoopRecord loop{.offset_s = -0.0000060194,
                                .frequency_ppm = 13.778190,
                                .jitter_s = 0.000351733,
                                .wander_ppm = 0.0133806,
                                .poll_log2s = 6};

  EXPECT_EQ(statistics_line({.at = at(kMorning, 0.0315), .record = loop}),
            "61420 28800.031 -0.000006019 13.778 0.000351733 0.013381 6\n");
}

TEST(StatisticsLine, PeerstatsAreTheClassics) {
  const engine::PeerRecord peer{.address = *Address::parse("2001:db8::7"),
                                .status = 0x961a,
                                .offset_s = -0.000001605,
                                .delay_s = 0.000000376,
                                .dispersion_s = 7.9377,
                                .jitter_s = 0.001424877};

  EXPECT_EQ(statistics_line({.at = at(kMorning, 0.9999), .record = peer}),
            "61420 28800.999 2001:db8::7 961a -0.000001605 0.000000376 7.937700000 0.001424877\n");
}

TEST(StatisticsLine, ClockstatsAreTheClassics) {
  const engine::ClockRecord clock{.address = *Address::parse("127.127.1.0"), .text = "stratum 5"};

  EXPECT_EQ(statistics_line({.at = at(kMorning), .record = clock}), "61420 28800.000 127.127.1.0 stratum 5\n");
}

TEST(StatisticsLine, ProtostatsAreTheClassics) {
  EXPECT_EQ(protocol_line(
                {.at = at(kMorning, 0.5), .source = Address::v4(0), .status = 0xc016, .code = 6, .name = "restart"}),
            "61420 28800.500 0.0.0.0 c016 06 restart\n");
  EXPECT_EQ(protocol_line({.at = at(kMorning, 0.5),
                           .source = *Address::parse("192.0.2.1"),
                           .status = 0x8011,
                           .code = 0x81,
                           .name = "mobilize",
                           .detail = "assoc 21"}),
            "61420 28800.500 192.0.2.1 8011 81 mobilize assoc 21\n");
  EXPECT_EQ(event_text({.source = *Address::parse("127.127.1.3"), .status = 0x0011, .code = 0x81, .name = "mobilize"}),
            "LOCAL(3) 0011 81 mobilize");
}

TEST(StatisticsLine, CryptostatsHaveTheAddressAndTheMessage) {
  EXPECT_EQ(crypto_line({.at = at(kMorning),
                         .source = *Address::parse("192.0.2.1"),
                         .status = 0xe01c,
                         .code = 0x8c,
                         .name = "bad_auth",
                         .detail = "crypto_NAK"}),
            "61420 28800.000 192.0.2.1 bad_auth crypto_NAK\n");
}

TEST(StatisticsLine, SysstatsAreTheClassics) {
  const state::PacketCounts counts{.received = 81965,
                                   .processed = 1,
                                   .current_version = 9546,
                                   .older_version = 56,
                                   .denied = 71,
                                   .bad_format = 512,
                                   .bad_auth = 540,
                                   .declined = 10,
                                   .limited = 4,
                                   .kisses = 147};

  EXPECT_EQ(system_line(at(kMorning, 0.25), 3599.9998, counts),
            "61420 28800.250 3600 81965 1 9546 56 71 512 540 10 4 147\n");
}

}  // namespace
}  // namespace ntp::daemon
