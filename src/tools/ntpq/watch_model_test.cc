// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_model.h"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tools/ntpq/watch_test_kit.h"

namespace ntp::ntpq {
namespace {

using watch_kit::at;
using watch_kit::kFirstId;
using watch_kit::source;
using watch_kit::status;

std::vector<double> history(const WatchedSource& source) {
  std::vector<double> values;
  for (std::size_t i = 0; i < source.offsets_ms.size(); ++i) values.push_back(source.offsets_ms[i]);
  return values;
}

WatchModel with_one_source() {
  WatchModel model("server");
  model.take(std::vector<ListedSource>{{kFirstId, status(6)}}, at(0));
  return model;
}

TEST(WatchModel, HistoryBeginsWithWhatTheFilterKnows) {
  WatchModel model = with_one_source();

  model.take(source(kFirstId, "192.0.2.1", 5), at(0));

  EXPECT_EQ(history(model.sources()[0]), (std::vector<double>{3, 7, 4, 6, 5}));
}

TEST(WatchModel, HistoryGrowsByMeasurementsAndNotByLooks) {
  WatchModel model = with_one_source();
  SourceSample sample = source(kFirstId, "192.0.2.1", 5);
  sample.filter_offsets_ms.clear();

  for (int look = 0; look < 3; ++look) model.take(sample, at(look));
  EXPECT_EQ(history(model.sources()[0]), (std::vector<double>{5}));

  sample.received_at = "2";
  model.take(sample, at(3));
  EXPECT_EQ(history(model.sources()[0]), (std::vector<double>{5, 5}));
}

TEST(WatchModel, HistoryKeepsTheNewestTwenty) {
  WatchModel model = with_one_source();
  SourceSample sample = source(kFirstId, "192.0.2.1", 0);
  for (int i = 0; i < 30; ++i) {
    sample.offset_ms = i;
    sample.received_at = std::to_string(i);
    model.take(sample, at(i));
  }

  ASSERT_EQ(history(model.sources()[0]).size(), kOffsetHistory);
  EXPECT_EQ(history(model.sources()[0]).front(), 10);
  EXPECT_EQ(history(model.sources()[0]).back(), 29);
}

TEST(WatchModel, HistoryBeginsAnewWithAnotherAddress) {
  WatchModel model = with_one_source();
  model.take(source(kFirstId, "192.0.2.1", 5), at(0));
  SourceSample other = source(kFirstId, "192.0.2.2", 9);
  other.filter_offsets_ms.clear();

  model.take(other, at(1));

  EXPECT_EQ(history(model.sources()[0]), (std::vector<double>{9}));
}

TEST(WatchModel, SilentSourceHasNoHistory) {
  WatchModel model = with_one_source();
  SourceSample silent = source(kFirstId, "192.0.2.1", 0);
  silent.reach = 0;
  silent.filter_offsets_ms.clear();

  model.take(silent, at(0));

  EXPECT_TRUE(history(model.sources()[0]).empty());
}

TEST(WatchModel, SelectionStaysWithItsSourceWhenTheListChanges) {
  WatchModel model = watch_kit::model();
  model.press(WatchKey::down);
  model.press(WatchKey::down);
  ASSERT_EQ(model.selected(), 2U);

  model.take(std::vector<ListedSource>{{kFirstId + 2, status(1)}, {kFirstId, status(6)}}, at(1));

  EXPECT_EQ(model.selected(), 0U);
  EXPECT_EQ(model.wishes().selected, kFirstId + 2);
  EXPECT_FALSE(model.sources()[0].offsets_ms.empty()) << "the history stays with its source";
}

TEST(WatchModel, SelectionOfASourceThatGoesMovesToItsNeighbour) {
  WatchModel model = watch_kit::model();
  model.press(WatchKey::last);

  model.take(std::vector<ListedSource>{{kFirstId, status(6)}, {kFirstId + 1, status(4)}}, at(1));
  EXPECT_EQ(model.selected(), 1U);

  model.take(std::vector<ListedSource>{}, at(2));
  EXPECT_EQ(model.selected(), std::nullopt);
}

TEST(WatchModel, SelectionEndsAtTheEnds) {
  WatchModel model = watch_kit::model();

  model.press(WatchKey::up);
  EXPECT_EQ(model.selected(), 0U);
  for (int i = 0; i < 9; ++i) model.press(WatchKey::down);
  EXPECT_EQ(model.selected(), 3U);
  model.press(WatchKey::first);
  EXPECT_EQ(model.selected(), 0U);
}

TEST(WatchModel, TroubleKeepsThePictureAndSaysSinceWhen) {
  WatchModel model = watch_kit::model();

  model.take(Trouble{"timed out"}, at(4));
  model.take(Trouble{"connection refused"}, at(8));

  ASSERT_TRUE(model.trouble());
  EXPECT_EQ(model.trouble()->text, "connection refused");
  EXPECT_EQ(model.trouble()->since.steady_s, 0) << "the last answer came then";
  EXPECT_EQ(model.sources().size(), 4U);
  EXPECT_TRUE(model.clock());

  model.take(watch_kit::clock(), at(12));
  EXPECT_FALSE(model.trouble());
}

TEST(WatchModel, ServerThatNeverAnsweredIsMissedSinceTheStart) {
  WatchModel model("server");

  model.take(Trouble{"timed out"}, at(3));
  model.take(Trouble{"timed out"}, at(6));

  EXPECT_EQ(model.trouble()->since.steady_s, 3);
  EXPECT_FALSE(model.heard_at());
}

TEST(WatchModel, RefusedClientsTakeTheListAway) {
  WatchModel model = watch_kit::model();
  model.take(watch_kit::clients(3), at(1));
  ASSERT_TRUE(model.clients());

  model.take(ClientsRefused{"not told"}, at(2));

  EXPECT_FALSE(model.clients());
  EXPECT_EQ(model.clients_refused(), "not told");
}

TEST(WatchModel, KeysTurnPages) {
  WatchModel model = watch_kit::model();

  model.press(WatchKey::detail);
  EXPECT_EQ(model.page(), WatchPage::detail);
  model.press(WatchKey::help);
  EXPECT_EQ(model.page(), WatchPage::help);
  model.press(WatchKey::back);
  EXPECT_EQ(model.page(), WatchPage::detail) << "help goes back to where it was asked for";
  model.press(WatchKey::clients);
  EXPECT_EQ(model.page(), WatchPage::clients);
  model.press(WatchKey::sources);
  EXPECT_EQ(model.page(), WatchPage::sources);
  model.press(WatchKey::quit);
  EXPECT_TRUE(model.has_quit());
}

TEST(WatchModel, ThereIsNoDetailOfNothing) {
  WatchModel model("server");

  model.press(WatchKey::detail);

  EXPECT_EQ(model.page(), WatchPage::sources);
}

TEST(WatchModel, PagesScrollNoFurtherThanTheyReach) {
  WatchModel model = watch_kit::model();
  model.press(WatchKey::detail);
  model.set_extent(5, 3);

  model.press(WatchKey::page_down);
  model.press(WatchKey::page_down);
  EXPECT_EQ(model.scroll(), 5U);
  model.set_extent(2, 3);
  EXPECT_EQ(model.scroll(), 2U) << "the terminal grew";
  model.press(WatchKey::up);
  EXPECT_EQ(model.scroll(), 1U);
}

TEST(WatchModel, IntervalHasSteps) {
  WatchModel model("server", 4);
  EXPECT_EQ(model.wishes().interval_s, 5);

  model.press(WatchKey::slower);
  EXPECT_EQ(model.wishes().interval_s, 10);
  for (int i = 0; i < 9; ++i) model.press(WatchKey::faster);
  EXPECT_EQ(model.wishes().interval_s, 1);
  for (int i = 0; i < 9; ++i) model.press(WatchKey::slower);
  EXPECT_EQ(model.wishes().interval_s, 60);
}

TEST(WatchModel, NamesAreShownAsLongAsTheyAreWanted) {
  WatchModel model = watch_kit::model();

  EXPECT_EQ(model.called("192.0.2.24"), "time.example.net");
  EXPECT_EQ(model.called("192.0.2.1"), "192.0.2.1") << "no name is known";
  model.press(WatchKey::names);
  EXPECT_EQ(model.called("192.0.2.24"), "192.0.2.24");
}

RC_GTEST_PROP(WatchModel, SelectionIsAlwaysInTheList, ()) {
  WatchModel model("server");
  const auto steps = *rc::gen::inRange(0, 60);
  for (int i = 0; i < steps; ++i) {
    if (*rc::gen::inRange(0, 4) == 0) {
      std::vector<ListedSource> list;
      for (const auto id : *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 6)))
        list.push_back({static_cast<std::uint16_t>(id), 0});
      model.take(list, at(i));
    } else {
      model.press(static_cast<WatchKey>(*rc::gen::inRange(0, static_cast<int>(WatchKey::quit) + 1)));
    }
    RC_ASSERT(model.selected().has_value() == !model.sources().empty());
    if (model.sources().empty()) RC_ASSERT(model.page() != WatchPage::detail || model.wishes().selected == 0);
  }
}

}  // namespace
}  // namespace ntp::ntpq
