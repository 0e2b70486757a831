// SPDX-License-Identifier: BSD-2-Clause
#include "client/time_text.h"

#include <gtest/gtest.h>

namespace ntp::client {
namespace {

constexpr std::int64_t kNow = 1795209796;  // 20 November 2026

// ntpq-all-commands.txt: the milliseconds are cut, not rounded.
TEST(StampText, IsTheReferenceImplementations) {
  EXPECT_EQ(stamp_text(Timestamp::from_parts(0xeeab38c4, 0x5a7bc448), kNow),
            "eeab38c4.5a7bc448  Fri, Nov 20 2026 21:23:16.353");
  EXPECT_EQ(stamp_text(Timestamp::from_parts(0xeeab38c4, 0xd93c820f), kNow),
            "eeab38c4.d93c820f  Fri, Nov 20 2026 21:23:16.848");
}

TEST(StampText, PadsDayAndHourWithBlanks) {
  EXPECT_EQ(stamp_text(Timestamp::from_parts(0xee957804, 0), kNow), "ee957804.00000000  Wed, Nov  4 2026  9:23:16.000");
}

TEST(StampText, TheUnknownStampIsNoTime) { EXPECT_EQ(stamp_text(Timestamp(), kNow), "(no time)"); }

TEST(StampText, TakesTheEraThatIsNearest) {
  const Timestamp after_wrap = Timestamp::from_parts(16, 0);
  EXPECT_EQ(stamp_text(after_wrap, kNow), "00000010.00000000  Thu, Feb  7 2036  6:28:32.000");
  EXPECT_EQ(unix_seconds(after_wrap, -2208988800), -2208988784);
  const Timestamp before_wrap = Timestamp::from_parts(0xfffffff0, 0);
  EXPECT_EQ(unix_seconds(before_wrap, 2085978496 + 100), 2085978496 - 16);
}

TEST(ParseStamp, ReadsWhatServersWriteAndNothingElse) {
  EXPECT_EQ(parse_stamp("0xeeab38c4.5a7bc448"), Timestamp::from_parts(0xeeab38c4, 0x5a7bc448));
  EXPECT_EQ(parse_stamp("eeab38c4.5"), Timestamp::from_parts(0xeeab38c4, 0x50000000));
  EXPECT_EQ(parse_stamp("1"), Timestamp::from_parts(1, 0));
  for (const char* odd :
       {"", "0x", ".", "1.", ".1", "123456789.1", "1.123456789", "-1.0", "1.2.3", "nan", " 1.0", "0x0x1"})
    EXPECT_EQ(parse_stamp(odd), std::nullopt) << odd;
}

}  // namespace
}  // namespace ntp::client
