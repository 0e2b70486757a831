// SPDX-License-Identifier: BSD-2-Clause
#include "state/status.h"

#include <string>

#include <gtest/gtest.h>

namespace ntp::state {
namespace {

TEST(SystemStatusWord, IsThatOfTheReference) {
  // ntpq shows these of the reference implementation: just started; following a server.
  EXPECT_EQ(status_word(SystemStatus{.leap = wire::Leap::unsynchronized,
                                     .kind = ClockKind::unspecified,
                                     .event = {.code = static_cast<std::uint8_t>(SystemEvent::restart), .count = 1}}),
            0xc016);
  EXPECT_EQ(
      status_word(SystemStatus{.leap = wire::Leap::none,
                               .kind = ClockKind::ntp,
                               .event = {.code = static_cast<std::uint8_t>(SystemEvent::clock_sync), .count = 1}}),
      0x0615);
}

TEST(PeerStatusWord, IsThatOfTheReference) {
  PeerStatus status{.is_configured = true,
                    .event = {.code = static_cast<std::uint8_t>(PeerEvent::mobilize), .count = 1}};
  EXPECT_EQ(status_word(status), 0x8011);
  status.is_reachable = true;
  status.selection = Selection::system_peer;
  status.event = {.code = static_cast<std::uint8_t>(PeerEvent::system_peer), .count = 1};
  EXPECT_EQ(status_word(status), 0x961a);
  status.wants_authentication = status.is_authentic = status.is_broadcast = true;
  EXPECT_EQ(status_word(status), 0xfe1a);
}

TEST(StatusWord, CountsToFifteen) {
  EXPECT_EQ(status_word(SystemStatus{.event = {.code = 6, .count = kMostEvents}}), 0xc0f6);
}

TEST(EventNames, AreThoseOfTheReference) {
  EXPECT_STREQ(to_text(SystemEvent::stale_leap_table), "stale_leapsecond_values");
  EXPECT_STREQ(to_text(SystemEvent::kernel), "kern");
  EXPECT_STREQ(to_text(PeerEvent::interleave_error), "interleave_error");
  EXPECT_STREQ(to_text(PeerEvent::bad_auth), "bad_auth");
}

}  // namespace
}  // namespace ntp::state
