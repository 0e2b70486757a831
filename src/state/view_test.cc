// SPDX-License-Identifier: BSD-2-Clause
#include "state/view.h"

#include <array>

#include <gtest/gtest.h>

namespace ntp::state {
namespace {

TEST(ViewText, OfSelectionsIsWhatNtpqShows) {
  struct Row {
    Selection selection;
    const char* text;
    char tally;
  };
  const std::array<Row, 8> rows = {{{Selection::reject, "reject", ' '},
                                    {Selection::falseticker, "falsetick", 'x'},
                                    {Selection::excess, "excess", '.'},
                                    {Selection::outlier, "outlier", '-'},
                                    {Selection::candidate, "candidate", '+'},
                                    {Selection::backup, "backup", '#'},
                                    {Selection::system_peer, "sys_peer", '*'},
                                    {Selection::pps_peer, "pps_peer", 'o'}}};

  for (const Row& row : rows) {
    EXPECT_STREQ(to_text(row.selection), row.text);
    EXPECT_EQ(tally(row.selection), row.tally);
  }
}

TEST(ViewText, OfStatesAndStampSourcesIsDistinct) {
  EXPECT_STREQ(to_text(DisciplineState::nset), "NSET");
  EXPECT_STREQ(to_text(DisciplineState::fset), "FSET");
  EXPECT_STREQ(to_text(DisciplineState::spik), "SPIK");
  EXPECT_STREQ(to_text(DisciplineState::freq), "FREQ");
  EXPECT_STREQ(to_text(DisciplineState::sync), "SYNC");
  EXPECT_STREQ(to_text(StampSource::user), "user");
  EXPECT_STREQ(to_text(StampSource::kernel), "kernel");
  EXPECT_STREQ(to_text(StampSource::hardware), "hardware");
}

TEST(View, ASourceThatWasNeverHeardIsUnfit) {
  const SourceView source;

  EXPECT_EQ(source.leap, wire::Leap::unsynchronized);
  EXPECT_EQ(source.reach, 0);
  EXPECT_LT(source.since_received_s, 0);
  EXPECT_EQ(source.selection, Selection::reject);
}

}  // namespace
}  // namespace ntp::state
