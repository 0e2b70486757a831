// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/log.h"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ntp::daemon {
namespace {

TEST(Log, SurvivesAStreamThatCantBeWritten) {
  Log log;
  ASSERT_TRUE(log.to_file("/dev/full"));

  EXPECT_NO_THROW(log.write(Log::Level::warning, "the disk is full"));

  EXPECT_EQ(log.last(), "the disk is full");
}

TEST(LogBudget, TenLinesAtOnceAndNoneMoreForASecond) {
  LogBudget budget;
  const MonoTime start{};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take(start));

  EXPECT_FALSE(budget.take(start + 0.5));
  EXPECT_FALSE(budget.take(start + 0.999));
  EXPECT_TRUE(budget.take(start + 1.0));
}

RC_GTEST_PROP(LogBudget, NoSecondHoldsMoreThanTenLinesWhereverItBegins, ()) {
  LogBudget budget;
  MonoTime now{};
  std::vector<MonoTime> taken;
  const int events = *rc::gen::inRange(0, 300);
  for (int i = 0; i < events; ++i) {
    now = now + *rc::gen::inRange(0, 300) * 1e-3;
    if (budget.take(now)) taken.push_back(now);
  }
  for (std::size_t i = LogBudget::kLinesPerSecond; i < taken.size(); ++i)
    RC_ASSERT(taken[i] - taken[i - LogBudget::kLinesPerSecond] >= 1.0);
}

engine::Log line(engine::Log::Level level, engine::Log::Topic topic) {
  return {.level = level, .text = "said", .topic = topic};
}

/// What is left of a line after logconfig has chosen.
bool is_written(Log& log, const engine::Log& line) {
  log.write(Log::Level::warning, "before");
  log.write(line);
  return log.last() == line.text;
}

TEST(LogClasses, ChooseAmongLinesThatHaveOne) {
  using engine::Log;
  using Level = Log::Level;
  using Topic = Log::Topic;
  daemon::Log log;
  log.keep_last_only();
  for (const Topic topic : {Topic::program, Topic::sync_status, Topic::sync_events, Topic::sync_info})
    EXPECT_TRUE(is_written(log, line(Level::notice, topic))) << "all of sync by default";

  log.set_classes(config::log_class(config::LogSource::sync, config::LogKind::status));
  EXPECT_TRUE(is_written(log, line(Level::notice, Topic::sync_status)));
  EXPECT_FALSE(is_written(log, line(Level::notice, Topic::sync_events)));
  EXPECT_FALSE(is_written(log, line(Level::notice, Topic::sync_info)));
  EXPECT_TRUE(is_written(log, line(Level::notice, Topic::program)));

  log.set_classes(0);
  EXPECT_FALSE(is_written(log, line(Level::notice, Topic::sync_status)));
  EXPECT_TRUE(is_written(log, line(Level::notice, Topic::program)));
  EXPECT_TRUE(is_written(log, line(Level::warning, Topic::sync_info))) << "nobody can turn warnings off";
  EXPECT_TRUE(is_written(log, line(Level::error, Topic::sync_events)));

  log.set_least_level(Level::debug);
  EXPECT_TRUE(is_written(log, line(Level::info, Topic::sync_info))) << "-d shows all";
}

TEST(LogClasses, EventsOfTheSystemAndOfPeersAreChosenApart) {
  const engine::ReportEvent system{.source = Address::v4(0), .status = 0xc016, .code = 0x06, .name = "restart"};
  const engine::ReportEvent peer{.source = Address::v4(1), .status = 0x8014, .code = 0x84, .name = "reachable"};
  Log log;
  log.keep_last_only();
  log.write(system);
  log.write(peer);
  EXPECT_EQ(log.last(), "") << "not by default, as in the reference implementation";

  log.set_classes(config::log_class(config::LogSource::sys, config::LogKind::events));
  log.write(system);
  log.write(peer);
  EXPECT_EQ(log.last(), "0.0.0.0 c016 06 restart");

  log.set_classes(config::log_class(config::LogSource::peer, config::LogKind::events));
  log.write(peer);
  log.write(system);
  EXPECT_EQ(log.last(), "0.0.0.1 8014 84 reachable");
}

}  // namespace
}  // namespace ntp::daemon
