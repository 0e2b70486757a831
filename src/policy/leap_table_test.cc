// SPDX-License-Identifier: BSD-2-Clause
#include "policy/leap_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/calendar.h"
#include "base/civil_date.h"

namespace ntp::policy {
namespace {

// Midnights by "date -u -d ... +%s", plus the 2,208,988,800 s from 1900 to 1970.
constexpr LeapSeconds kJanuary2017 = 3'692'217'600;
constexpr LeapSeconds kJuly2027 = 4'023'388'800;
constexpr LeapSeconds kJuly2036 = 4'307'472'000;  // beyond 2^32
constexpr LeapSeconds kMarch2028 = 4'044'470'400;
constexpr LeapSeconds kDecember2036 = 4'320'691'200;

/// A list with these lines between update and expiry.
std::string list(const std::string& lines) {
  return fmt::format("#$ 3950000000\n#@ 5000000000\n2272060800 10\n2287785600 11\n{}", lines);
}

std::string error_of(const std::string& text, bool checks_hash = true) {
  const auto table = LeapTable::parse(text, checks_hash);
  return table ? "none" : table.error();
}

void expect_error(const std::string& text, const std::string& expected) {
  const std::string error = error_of(text);
  EXPECT_NE(error.find(expected), std::string::npos) << error;
}

TEST(EmbeddedLeapTable, IsTheOneThatIersPublished) {
  // The hash line of the list that expires on 28 June 2027: our own figures must add up to it.
  const LeapTable& table = LeapTable::embedded();
  std::string text = fmt::format("#$\t{}\n#@\t{}\n", table.updated(), table.expires());
  for (const LeapTable::Entry& e : table.entries()) text += fmt::format("{}\t{}\t# c\n", e.at, e.tai_offset_s);

  EXPECT_EQ(error_of(text + "#h\ta9bad145 84c31c70 758402aa b37bfd54 5923836a\n"), "none");
  expect_error(text + "#h\ta9bad145 84c31c70 758402aa b37bfd54 5923836b\n", "hash");
}

TEST(EmbeddedLeapTable, SaysTheOffsetSince1972) {
  const LeapTable& table = LeapTable::embedded();

  EXPECT_EQ(table.entries().size(), 28U);
  EXPECT_EQ(table.tai_offset_s(2'272'060'799), std::nullopt);
  EXPECT_EQ(table.tai_offset_s(2'272'060'800), 10);
  EXPECT_EQ(table.tai_offset_s(kJanuary2017 - 1), 36);
  EXPECT_EQ(table.tai_offset_s(kJanuary2017), 37);
  EXPECT_EQ(table.next(kJanuary2017 - 1), (LeapTable::Next{kJanuary2017, 1, 37}));
  EXPECT_EQ(table.next(kJanuary2017), std::nullopt);
  EXPECT_FALSE(table.is_expired(table.expires() - 1));
  EXPECT_TRUE(table.is_expired(table.expires()));
  EXPECT_EQ(date_text(table.expires()), "2027-06-28");
}

TEST(LeapTable, ReadsTheListOfOneYearBefore) {
  // The hash line of the list that expired on 28 June 2026.
  std::string text = "#$\t3960835200\n#@\t3991593600\n";
  for (const LeapTable::Entry& e : LeapTable::embedded().entries())
    text += fmt::format("{} {}\n", e.at, e.tai_offset_s);

  EXPECT_EQ(error_of(text + "#h 49db2447 571e5e1b 2f002a53 9c8da8e4 39b8e49e"), "none");
}

TEST(LeapTable, ReadsLinesThatEndAsOnWindows) {
  const auto table = LeapTable::parse("#@ 5000000000\r\n2272060800\t10\t# 1 Jan 1972\r\n\r\n# end\r\n", true);

  ASSERT_TRUE(table) << table.error();
  EXPECT_EQ(table->entries(), (std::vector<LeapTable::Entry>{{2'272'060'800, 10}}));
  EXPECT_EQ(table->updated(), 0);
}

TEST(LeapTable, KnowsInsertionsAndDeletionsToComeInAnyEra) {
  const auto table = LeapTable::parse(
      list(fmt::format("{} 12\n{} 11\n{} 12\n{} 13", kJuly2027, kMarch2028, kJuly2036, kDecember2036)), true);

  ASSERT_TRUE(table) << table.error();
  EXPECT_EQ(table->next(kJuly2027 - 1), (LeapTable::Next{kJuly2027, 1, 12}));
  EXPECT_EQ(table->next(kJuly2027), (LeapTable::Next{kMarch2028, -1, 11}));
  EXPECT_EQ(table->next(kMarch2028), (LeapTable::Next{kJuly2036, 1, 12}));
  EXPECT_EQ(table->tai_offset_s(kJuly2036), 12);
  EXPECT_EQ(table->next(kJuly2036), (LeapTable::Next{kDecember2036, 1, 13}));
}

TEST(LeapTable, IgnoresTheHashIfTold) {
  const std::string text = list("#h 1 2 3 4 5\n");

  expect_error(text, "the hash (#h) is not that of the list");
  EXPECT_EQ(error_of(text, false), "none");
}

TEST(LeapTable, TakesWordsOfTheHashWithoutTheirLeadingZeros) {
  // SHA-1 of "4300000002" "2272060800" "10" "2287785600" "11" (sha1sum); the expiry was counted up until a word began with 0.
  const std::string text = "#@ 4300000002\n2272060800 10\n2287785600 11\n";

  EXPECT_EQ(error_of(text + "#h efbdaa5c 4e8584a 648b8ef2 7bf8cda5 65d11ad5"), "none");
  EXPECT_EQ(error_of(text + "#h efbdaa5c 04e8584a 648b8ef2 7bf8cda5 65d11ad5"), "none");
  expect_error(text + "#h efbdaa5c 4e8584a0 648b8ef2 7bf8cda5 65d11ad5", "hash");
}

TEST(LeapTable, SaysWhereAndWhyAListIsRefused) {
  const struct {
    std::string text;
    const char* expected;
  } kCases[] = {
      {"", "there is no entry"},
      {"hello\n", "line 1: expected a number, seconds since 1900, found \"hello\""},
      {"2272060800 10\n", "no line \"#@ SECONDS\""},
      {list("2287785600 12\n"), "line 5: 2287785600 does not come after 2287785600"},
      {list("2272060800 12\n"), "line 5: 2272060800 does not come after 2287785600"},
      {list("2303683200 13\n"), "line 5: TAI - UTC goes from 11 to 13 s"},
      {list("2303683200 11\n"), "line 5: TAI - UTC goes from 11 to 11 s"},
      {list("2303683201 12\n"), "line 5: 2303683201 is no midnight (UTC) at the start of a month"},
      {list("2303769600 12\n"), "line 5: 2303769600 is no midnight (UTC) at the start of a month"},
      {list("2208988800 12\n"), "line 5: 2208988800 is no midnight (UTC) at the start of a month since 1972"},
      {list("-2303683200 12\n"), "line 5: expected a number"},
      {list("2303683200 -12\n"), "line 5: expected TAI - UTC"},
      {list("2303683200 99999999999\n"), "line 5: expected TAI - UTC"},
      {list("2303683200\n"), "line 5: expected TAI - UTC in seconds after the time, found nothing"},
      {list("2303683200 12 13\n"), "line 5: expected a comment or the end of the line, found \"13\""},
      {list("99999999999999999999 12\n"), "line 5: expected a number"},
      {list(fmt::format("{} 12\n", 5'022'691'200)), "lies beyond 2058-06-11, when the list expires"},
      {list("#@ 5000000001\n"), "line 5: a second line of this kind"},
      {list("#$ soon\n"), "line 5: expected one number, seconds since 1900, found \"soon\""},
      {list("#@\n"), "line 5: expected one number, seconds since 1900, found nothing"},
      {list("#h 1 2 3 4\n"), "line 5: the hash has five words of up to eight hexadecimal digits, found nothing"},
      {list("#h 1 2 3 4 5 6\n"), "line 5: the hash has more than five words"},
      {list("#h 1 2 3 4 123456789\n"), "line 5: the hash has five words"},
      {list(std::string("# a\0b\n", 6)), "line 5: not text"},
      {list(std::string(2000, '#')), "line 5: longer than"},
  };
  for (const auto& c : kCases) expect_error(c.text, c.expected);
}

TEST(LeapTable, TakesCommentsThatLookLikeMarks) {
  EXPECT_EQ(error_of(list("#history\n#@here\n#$\n")), "line 7: expected one number, seconds since 1900, found nothing");
  EXPECT_EQ(error_of(list("#history\n#@here\n  # indented\n\t\n")), "none");
}

TEST(LeapTable, HasALimit) {
  // Each month since August 1972 a second in or out.
  std::string lines;
  int entries = 2;
  for (LeapSeconds at = 2'287'785'600 + kSecondsPerDay; at < 5'000'000'000; at += kSecondsPerDay)
    if (civil_date((at - kUnixEpochInNtp) / kSecondsPerDay).day == 1)
      lines += fmt::format("{} {}\n", at, entries++ % 2 == 0 ? 10 : 11);
  ASSERT_GT(entries, 1000);

  expect_error(list(lines), "line 1003: more than 1000 entries");
}

RC_GTEST_PROP(LeapTable, OffsetsChangeAtEntriesAlone, ()) {
  const auto now = *rc::gen::inRange<LeapSeconds>(2'272'060'800, 4'000'000'000);
  const LeapTable& table = LeapTable::embedded();

  const int before = table.tai_offset_s(now).value();
  const auto next = table.next(now);

  if (!next) {
    RC_ASSERT(before == 37);
    return;
  }
  RC_ASSERT(next->at > now);
  RC_ASSERT(table.tai_offset_s(next->at - 1) == before);
  RC_ASSERT(table.tai_offset_s(next->at) == before + next->change_s);
}

TEST(DateText, IsTheDayOfTheInstant) {
  EXPECT_EQ(date_text(kJuly2036), "2036-07-01");
  EXPECT_EQ(date_text(kJuly2036 - 1), "2036-06-30");
  EXPECT_EQ(date_text(0), "1900-01-01");
}

}  // namespace
}  // namespace ntp::policy
