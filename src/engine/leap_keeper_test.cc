// SPDX-License-Identifier: BSD-2-Clause
#include "engine/leap_keeper.h"

#include <gtest/gtest.h>

#include "engine/leap_second.h"
#include "engine/test_kit.h"

namespace ntp::engine {
namespace {

using policy::LeapSeconds;
using policy::LeapTable;
using state::LeapProximity;
using test::logs_with;
using wire::Leap;

constexpr LeapSeconds kJanuary2017 = 3'692'217'600;
constexpr LeapSeconds kJuly2027 = 4'023'388'800;
constexpr LeapSeconds kMarch2028 = 4'044'470'400;
constexpr LeapSeconds kJanuary2037 = 4'323'369'600;  // after the era's end
constexpr LeapSeconds kDay = 86400;

std::shared_ptr<const LeapTable> table(std::vector<LeapTable::Entry> coming, LeapSeconds expires) {
  coming.insert(coming.begin(), {.at = kJanuary2017, .tai_offset_s = 37});
  return std::make_shared<const LeapTable>(std::move(coming), expires, 0);
}

struct Desk {
  explicit Desk(std::shared_ptr<const LeapTable> file = nullptr, std::shared_ptr<const LeapTable> spare = nullptr,
                double smear_s = 0)
      : keeper([&] {
          Settings settings;
          settings.leap_table = std::move(file);
          settings.spare_leap_table = std::move(spare);
          settings.leap_smear_interval_s = smear_s;
          return LeapKeeper(settings);
        }()) {}

  /// Looks at this time; gives what is announced.
  Leap look(LeapSeconds at, Leap vote = Leap::none) {
    keeper.look(now(at), vote, out);
    return keeper.plan().announced;
  }
  static Now now(LeapSeconds at) { return {.mono = MonoTime() + static_cast<double>(at), .real = timestamp_of(at)}; }
  state::SystemView view(LeapSeconds at) {
    state::SystemView view;
    keeper.describe(timestamp_of(at), view);
    return view;
  }

  LeapKeeper keeper;
  Effects out;
};

TEST(LeapKeeper, AnnouncesWhatTheTableHasOnTheLastDay) {
  for (const LeapSeconds at : {kJuly2027, kMarch2028, kJanuary2037}) {
    Desk desk(table({{at, 38}}, at + 100));

    EXPECT_EQ(desk.look(at - kDay - 1), Leap::none);
    EXPECT_EQ(desk.look(at - kDay), Leap::insert);
    EXPECT_EQ(desk.look(at - 1), Leap::insert);
    EXPECT_EQ(desk.keeper.plan().at, at);
    EXPECT_EQ(desk.keeper.plan().tai_offset_s, 37);
    desk.keeper.pass();
    EXPECT_EQ(desk.look(at - 1), Leap::none) << "the inserted second looks like the one before it";
    EXPECT_EQ(desk.keeper.plan().tai_offset_s, 38);
    EXPECT_EQ(desk.look(at), Leap::none);
  }
}

TEST(LeapKeeper, KnowsDeletions) {
  Desk desk(table({{kJuly2027, 36}}, kJuly2027 + 100));

  EXPECT_EQ(desk.look(kJuly2027 - 2), Leap::remove);
  EXPECT_TRUE(desk.keeper.is_leap(Span::from_seconds(1), timestamp_of(kJuly2027)));
  EXPECT_FALSE(desk.keeper.is_leap(Span::from_seconds(-1), timestamp_of(kJuly2027)));
}

TEST(LeapKeeper, BelievesATableThatSaysNone) {
  Desk desk(table({}, kJuly2027));

  EXPECT_EQ(desk.look(kJuly2027 - 10, Leap::insert), Leap::none);
  EXPECT_TRUE(desk.out.empty() || logs_with(desk.out, "inserted") == 0);
}

TEST(LeapKeeper, AsksTheSourcesWhenTheTableHasExpired) {
  Desk desk(table({}, kJuly2027 - 10 * kDay));

  EXPECT_EQ(desk.look(kJuly2027 - 2 * kDay, Leap::insert), Leap::none) << "not the last day of a month";
  EXPECT_EQ(desk.look(kJuly2027 - kDay, Leap::insert), Leap::insert);
  EXPECT_EQ(desk.keeper.plan().at, kJuly2027);
  EXPECT_EQ(desk.keeper.plan().tai_offset_s, std::nullopt);
  EXPECT_EQ(logs_with(desk.out, "the leap file expired on 2027-06-21: the sources decide"), 2U) << "a day later";
}

TEST(LeapKeeper, TakesTheVoteOfTheLastDayOfFebruary) {
  Desk desk;

  EXPECT_EQ(desk.look(kMarch2028 - kDay - 1, Leap::remove), Leap::none) << "28 February of a leap year";
  EXPECT_EQ(desk.look(kMarch2028 - kDay, Leap::remove), Leap::remove);
  EXPECT_EQ(desk.keeper.plan().at, kMarch2028);
}

TEST(LeapKeeper, CallsOff) {
  Desk desk;
  ASSERT_EQ(desk.look(kJuly2027 - 1000, Leap::insert), Leap::insert);

  EXPECT_EQ(desk.look(kJuly2027 - 900, Leap::none), Leap::none);
  EXPECT_EQ(logs_with(desk.out, "leap second: a second is inserted at the end of 2027-06-30 (UTC), by most sources"),
            1U);
  EXPECT_EQ(logs_with(desk.out, "called off"), 1U);
}

TEST(LeapKeeper, PrefersTheFileToTheBuiltInTableWhileItLasts) {
  Desk desk(table({{kJuly2027, 38}}, kJuly2027 + 1), table({}, kMarch2028));

  EXPECT_EQ(desk.look(kJuly2027 - 10), Leap::insert);
  Desk later(table({{kJuly2027, 38}}, kJuly2027 - 20), table({}, kMarch2028));
  EXPECT_EQ(later.look(kJuly2027 - 10), Leap::none);
  EXPECT_EQ(logs_with(later.out, "the built-in table decides"), 1U);
}

TEST(LeapKeeper, TakesANewTable) {
  Desk desk(table({}, kJuly2027 - 20));
  ASSERT_EQ(desk.look(kJuly2027 - 10), Leap::none);

  desk.keeper.set_table(table({{kJuly2027, 38}}, kMarch2028));
  EXPECT_EQ(desk.look(kJuly2027 - 9), Leap::insert);
  desk.keeper.set_table(nullptr);
  EXPECT_EQ(desk.look(kJuly2027 - 8), Leap::none);
}

TEST(LeapKeeper, HasTheReferencesStates) {
  Desk desk(table({{kJuly2027, 38}}, kMarch2028));
  const auto proximity = [&](LeapSeconds before) {
    desk.look(kJuly2027 - before);
    return desk.view(kJuly2027 - before).leap_proximity;
  };

  EXPECT_EQ(proximity(28 * kDay + 1), LeapProximity::none);
  EXPECT_EQ(proximity(28 * kDay), LeapProximity::schedule);
  EXPECT_EQ(proximity(kDay + 1), LeapProximity::schedule);
  EXPECT_EQ(proximity(kDay), LeapProximity::announce);
  EXPECT_EQ(proximity(11), LeapProximity::announce);
  EXPECT_EQ(proximity(10), LeapProximity::alert);
  EXPECT_EQ(logs_with(desk.out, "leap second: a second is inserted at the end of 2027-06-30 (UTC)"), 2U)
      << "scheduled and announced";
}

TEST(LeapKeeper, ShowsWhatIsKnown) {
  Desk desk(table({{kJuly2027, 38}}, kMarch2028), nullptr, 1000);
  desk.look(kJuly2027 - 500);

  const state::SystemView view = desk.view(kJuly2027 - 500);

  EXPECT_EQ(view.tai_offset_s, 37);
  EXPECT_EQ(view.leap_at, timestamp_of(kJuly2027));
  EXPECT_EQ(view.leap_expires, timestamp_of(kMarch2028));
  EXPECT_EQ(view.leap_smear_interval_s, 1000);
  EXPECT_NEAR(view.leap_smear_offset_s, -0.5, 1e-9);
  desk.keeper.pass();
  desk.look(kJuly2027 + 1000);
  EXPECT_EQ(desk.view(kJuly2027 + 1000).leap_at, timestamp_of(kJuly2027)) << "the last one";
  EXPECT_EQ(desk.view(kJuly2027 + 1000).leap_smear_offset_s, 0);
}

TEST(LeapKeeper, PublishesTheLeapBeforeALongSmearBegins) {
  Desk desk(table({{kJuly2027, 38}}, kMarch2028), nullptr, 2.0 * kDay);

  EXPECT_EQ(desk.look(kJuly2027 - 2 * kDay - 1), Leap::none);
  EXPECT_EQ(desk.keeper.plan().change_s, 0);
  EXPECT_EQ(desk.look(kJuly2027 - 2 * kDay), Leap::none);
  EXPECT_EQ(desk.keeper.plan().change_s, 1);
}

TEST(LeapKeeper, SpreadsAVoteThatWasThereWhenTheSmearBeganAndKeepsToIt) {
  Desk desk(nullptr, nullptr, 3600);
  ASSERT_EQ(desk.look(kJuly2027 - 3601, Leap::insert), Leap::insert);
  for (LeapSeconds before = 3600; before > 0; before -= 16) {
    EXPECT_EQ(desk.look(kJuly2027 - before, before % 32 == 0 ? Leap::insert : Leap::none), Leap::insert) << before;
    EXPECT_EQ(desk.keeper.plan().smear_interval_s, 3600) << before;
  }
  EXPECT_EQ(logs_with(desk.out, "called off"), 0U);
  desk.keeper.forget();
  desk.look(kJuly2027 - 1, Leap::none);
  EXPECT_EQ(desk.keeper.plan().change_s, 1) << "a clock that was not right for a while goes on with it";
  desk.keeper.pass();
  EXPECT_EQ(desk.look(kJuly2027 + 1, Leap::none), Leap::none);
}

TEST(LeapKeeper, DoesNotEnterASmearInItsMiddle) {
  Desk desk(nullptr, nullptr, 3600);
  ASSERT_EQ(desk.look(kJuly2027 - 3600, Leap::none), Leap::none);
  for (LeapSeconds before = 1800; before > 0; before -= 100) {
    EXPECT_EQ(desk.look(kJuly2027 - before, Leap::insert), Leap::insert);
    EXPECT_EQ(desk.keeper.plan().smear_interval_s, 0) << before;
  }
  EXPECT_EQ(desk.view(kJuly2027 - 100).leap_smear_offset_s, 0);
  EXPECT_EQ(logs_with(desk.out, "known only after its spreading should have begun"), 1U);
  EXPECT_EQ(logs_with(desk.out, "clients get it spread"), 0U);
}

TEST(LeapKeeper, CallsASmearOffOnlyBeforeItBegins) {
  Desk early(table({{kJuly2027, 38}}, kMarch2028), nullptr, 3600);
  ASSERT_EQ(early.look(kJuly2027 - 3700), Leap::insert);
  early.keeper.set_table(table({}, kMarch2028));
  EXPECT_EQ(early.look(kJuly2027 - 3650), Leap::none);
  EXPECT_EQ(early.look(kJuly2027 - 100), Leap::none);

  Desk late(table({{kJuly2027, 38}}, kMarch2028), nullptr, 3600);
  ASSERT_EQ(late.look(kJuly2027 - 100), Leap::insert);
  EXPECT_EQ(late.keeper.plan().smear_interval_s, 3600) << "the table had it when it began, whenever we started";
  late.keeper.set_table(table({}, kMarch2028));
  EXPECT_EQ(late.look(kJuly2027 - 50), Leap::insert);
}

TEST(LeapKeeper, LooksRightAfterTheLeapAndUntilItHappened) {
  Desk desk(table({{kJuly2027, 38}}, kMarch2028));
  EXPECT_EQ(desk.keeper.deadline(Desk::now(kJuly2027 - 5)), MonoTime::never());
  desk.look(kJuly2027 - 5);

  const Now before = Desk::now(kJuly2027 - 5);
  EXPECT_NEAR(desk.keeper.deadline(before) - before.mono, 5.02, 1e-9);
  EXPECT_EQ(desk.look(kJuly2027), Leap::insert) << "the kernel is late";
  const Now late = Desk::now(kJuly2027);
  EXPECT_NEAR(desk.keeper.deadline(late) - late.mono, 0.1, 1e-9);
  EXPECT_FALSE(desk.keeper.is_missed(timestamp_of(kJuly2027)));
  EXPECT_TRUE(desk.keeper.is_missed(timestamp_of(kJuly2027 + 1)));
  desk.keeper.pass();
  EXPECT_FALSE(desk.keeper.is_missed(timestamp_of(kJuly2027 + 1)));
}

TEST(LeapKeeper, KnowsWhenMeasurementsMeanNothing) {
  Desk desk(table({{kJuly2027, 38}}, kMarch2028));
  EXPECT_FALSE(desk.keeper.is_at_edge(timestamp_of(kJuly2027)));
  desk.look(kJuly2027 - 5);

  EXPECT_FALSE(desk.keeper.is_at_edge(timestamp_of(kJuly2027 - 2)));
  EXPECT_TRUE(desk.keeper.is_at_edge(timestamp_of(kJuly2027 - 1)));
  desk.keeper.pass();
  EXPECT_TRUE(desk.keeper.is_at_edge(timestamp_of(kJuly2027 - 1)));
  EXPECT_FALSE(desk.keeper.is_at_edge(timestamp_of(kJuly2027 + 2)));
}

TEST(LeapKeeper, SaysThatAFileExpiresAndOnceADayThatItHas) {
  Desk desk(table({}, kJuly2027));
  desk.look(kJuly2027 - 31 * kDay);
  EXPECT_TRUE(desk.out.empty());

  for (int i = 0; i < 10; ++i) desk.look(kJuly2027 - 20 * kDay + i * 1000);
  EXPECT_EQ(logs_with(desk.out, "the leap file expires on 2027-07-01"), 1U);
  for (int hour = 0; hour < 72; ++hour) desk.look(kJuly2027 + hour * 3600);
  EXPECT_EQ(logs_with(desk.out, "the leap file expired on 2027-07-01"), 3U);
  EXPECT_EQ(std::get<Log>(desk.out.back()).level, Log::Level::warning);
}

TEST(LeapKeeper, SaysOnceThatTheProgramIsOld) {
  Desk desk(nullptr, table({}, kJuly2027));
  for (int day = 0; day < 10; ++day) desk.look(kJuly2027 + day * kDay);

  ASSERT_EQ(desk.out.size(), 1U);
  EXPECT_EQ(logs_with(desk.out, "the built-in table of leap seconds expired on 2027-07-01: the sources decide"), 1U);
  EXPECT_EQ(std::get<Log>(desk.out.back()).level, Log::Level::notice);
}

TEST(LeapKeeper, AnnouncesNothingForAClockThatIsNotRight) {
  Desk desk(table({{kJuly2027, 38}}, kMarch2028));
  ASSERT_EQ(desk.look(kJuly2027 - 5), Leap::insert);

  desk.keeper.forget();

  EXPECT_EQ(desk.keeper.plan().announced, Leap::none);
  EXPECT_FALSE(desk.keeper.is_leap(Span::from_seconds(-1), timestamp_of(kJuly2027)));
}

}  // namespace
}  // namespace ntp::engine
