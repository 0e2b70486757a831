// SPDX-License-Identifier: BSD-2-Clause
//
// Whole screens are compared with tests/data/watch/*.txt.
#include "tools/ntpq/watch_layout.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.h"
#include "tools/ntpq/watch_test_kit.h"

namespace ntp::ntpq {
namespace {

using watch_kit::at;
using watch_kit::kFirstId;
using watch_kit::status;

/// tests/data of the tree that holds the working directory (a build folder) or, failing that, this file.
std::filesystem::path data_folder() {
  for (std::filesystem::path start : {std::filesystem::current_path(), std::filesystem::absolute(__FILE__)})
    for (; start.has_relative_path(); start = start.parent_path())
      if (std::filesystem::exists(start / "tests/data/README.md")) return start / "tests/data";
  return {};
}

std::string golden(const std::string& name) {
  std::ifstream file(data_folder() / "watch" / (name + ".txt"), std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string screen(const WatchModel& model, std::size_t columns, std::size_t rows, Glyphs glyphs = Glyphs::ascii,
                   double now_s = 3) {
  return plain_text(lay_out(model, {.columns = columns, .rows = rows}, glyphs, at(now_s)));
}

WatchModel with_clients() {
  WatchModel model = watch_kit::model();
  model.take(watch_kit::clients(30), at(0));
  return model;
}

WatchModel with_many_sources(std::size_t count) {
  WatchModel model("server");
  std::vector<ListedSource> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back({static_cast<std::uint16_t>(i + 1), status(4)});
  model.take(list, at(0));
  for (std::size_t i = 0; i < count; ++i)
    model.take(watch_kit::source(static_cast<std::uint16_t>(i + 1), fmt::format("10.0.0.{}", i + 1), 0.5), at(0));
  return model;
}

Style style_of(const Screen& screen, std::string_view text) {
  for (const Line& line : screen.lines)
    for (const Piece& piece : line)
      if (piece.text.find(text) != std::string::npos) return piece.style;
  ADD_FAILURE() << "nowhere: " << text;
  return Style::normal;
}

// ------------------------------------------------------------------------------------------------------- whole screens

TEST(WatchLayout, UsualTerminal) { EXPECT_EQ(screen(with_clients(), 80, 24), golden("80x24")); }

TEST(WatchLayout, SmallTerminal) { EXPECT_EQ(screen(with_clients(), 40, 10), golden("40x10")); }

TEST(WatchLayout, LargeTerminal) { EXPECT_EQ(screen(with_clients(), 200, 50, Glyphs::unicode), golden("200x50")); }

TEST(WatchLayout, ServerThatIsGone) {
  WatchModel model = watch_kit::model();
  model.take(ClientsRefused{"this host is a stranger there: only the server itself is told"}, at(0));
  model.take(Trouble{"timed out"}, at(5));

  EXPECT_EQ(screen(model, 80, 24, Glyphs::ascii, 65), golden("gone"));
}

TEST(WatchLayout, Detail) {
  WatchModel model = watch_kit::model();
  model.press(WatchKey::detail);

  EXPECT_EQ(screen(model, 80, 24), golden("detail"));
}

TEST(WatchLayout, Help) {
  WatchModel model = watch_kit::model();
  model.press(WatchKey::help);

  EXPECT_EQ(screen(model, 80, 24), golden("help"));
}

TEST(WatchLayout, Clients) {
  WatchModel model = with_clients();
  model.press(WatchKey::clients);

  EXPECT_EQ(screen(model, 80, 24), golden("clients"));
}

// -------------------------------------------------------------------------------------------------------------- sizes

TEST(WatchLayout, TooSmallTerminalIsToldSo) {
  EXPECT_EQ(screen(watch_kit::model(), 30, 3), "ntpq: 30 x 3 is too small\n");
  EXPECT_EQ(screen(watch_kit::model(), 10, 24), "ntpq: 10 x\n");
  EXPECT_EQ(screen(watch_kit::model(), 0, 0), "");
}

TEST(WatchLayout, NumbersStayOnNarrowScreens) {
  const std::string text = screen(watch_kit::model(), 40, 10);

  EXPECT_NE(text.find("+0.017"), std::string::npos) << text;
  EXPECT_NE(text.find("trend"), std::string::npos) << text;
}

TEST(WatchLayout, SelectedSourceIsInSightOfTwoHundred) {
  WatchModel model = with_many_sources(200);
  for (int i = 0; i < 150; ++i) model.press(WatchKey::down);

  const std::string text = screen(model, 80, 24);
  EXPECT_NE(text.find("10.0.0.151"), std::string::npos) << text;
  EXPECT_NE(text.find("151 of 200"), std::string::npos) << text;
  model.press(WatchKey::last);
  EXPECT_NE(screen(model, 80, 24).find("+10.0.0.200"), std::string::npos);
  model.press(WatchKey::first);
  EXPECT_NE(screen(model, 80, 24).find("+10.0.0.1 "), std::string::npos);
}

TEST(WatchLayout, WideShowsLongNamesInFull) {
  WatchModel model = watch_kit::model();
  EXPECT_EQ(screen(model, 80, 24).find("x2001:db8:1234:5678::17"), std::string::npos);

  model.press(WatchKey::wide);

  EXPECT_NE(screen(model, 80, 24).find("x2001:db8:1234:5678::17 "), std::string::npos);
}

TEST(WatchLayout, UnicodeTerminalGetsBlocksAndOthersAscii) {
  EXPECT_NE(screen(watch_kit::model(), 80, 24, Glyphs::unicode).find("█"), std::string::npos);
  for (const char c : screen(watch_kit::model(), 80, 24, Glyphs::ascii)) ASSERT_TRUE(c == '\n' || (c >= 32 && c < 127));
}

// -------------------------------------------------------------------------------------------------------- what is said

TEST(WatchLayout, ReasonOfAClockThatIsNotInSyncComesFirst) {
  WatchModel model = watch_kit::model();
  ClockSample clock = watch_kit::clock();
  clock.leap = 3;
  clock.why = "not in sync: 1 of 3 servers reachable, minsane 2";
  model.take(clock, at(1));

  const Screen small = lay_out(model, {.columns = 60, .rows = 10}, Glyphs::ascii, at(1));

  EXPECT_NE(plain_text(small).find("minsane 2"), std::string::npos) << plain_text(small);
  EXPECT_EQ(style_of(small, "not synchronised"), Style::bad);
}

TEST(WatchLayout, WhatWasNotToldIsNotInvented) {
  WatchModel model("server");
  model.take(ClockSample{}, at(0));
  model.take(std::vector<ListedSource>{{7, 0}}, at(0));

  const std::string text = screen(model, 80, 24);

  EXPECT_NE(text.find("state not told"), std::string::npos) << text;
  EXPECT_NE(text.find("(association 7)"), std::string::npos) << text;
  EXPECT_EQ(text.find("+0.000"), std::string::npos) << text;
}

TEST(WatchLayout, StylesTellTheRolesApart) {
  WatchModel model = watch_kit::model();
  model.press(WatchKey::last);
  const Screen shown = lay_out(model, {}, Glyphs::ascii, at(1));

  EXPECT_EQ(style_of(shown, "*192.0.2.1"), Style::good);
  EXPECT_EQ(style_of(shown, "x2001"), Style::bad);
  EXPECT_EQ(style_of(shown, " 203.0.113.7"), Style::selected);
  EXPECT_EQ(style_of(shown, "q quit"), Style::title);
}

TEST(WatchLayout, PausedIsSaid) {
  WatchModel model = watch_kit::model();
  model.press(WatchKey::pause);

  EXPECT_NE(screen(model, 80, 24).find("paused"), std::string::npos);
}

TEST(WatchLayout, AgesGrowBetweenLooks) {
  EXPECT_NE(screen(watch_kit::model(), 80, 24, Glyphs::ascii, 8).find("   20   64"), std::string::npos);
}

// --------------------------------------------------------------------------------------------------------------- laws

RC_GTEST_PROP(WatchLayout, EveryPageFitsEveryTerminal, ()) {
  const auto columns = *rc::gen::inRange<std::size_t>(0, 240);
  const auto rows = *rc::gen::inRange<std::size_t>(0, 80);
  WatchModel model =
      *rc::gen::inRange(0, 3) == 0 ? WatchModel("server") : with_many_sources(*rc::gen::inRange<std::size_t>(0, 90));
  if (*rc::gen::arbitrary<bool>()) model.take(watch_kit::clock(), at(0));
  if (*rc::gen::arbitrary<bool>()) model.take(watch_kit::clients(*rc::gen::inRange<std::size_t>(0, 60)), at(0));
  if (*rc::gen::arbitrary<bool>()) model.take(ClientsRefused{std::string(300, 'w')}, at(0));
  if (*rc::gen::arbitrary<bool>()) model.take(Trouble{std::string(500, 'x')}, at(0));
  const auto glyphs = *rc::gen::element(Glyphs::ascii, Glyphs::unicode);
  for (const auto key : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, static_cast<int>(WatchKey::quit)))) {
    model.press(static_cast<WatchKey>(key));
    const Screen shown = lay_out(model, {.columns = columns, .rows = rows}, glyphs, at(1));
    model.set_extent(shown.most_scroll, shown.page_lines);
    RC_ASSERT(shown.lines.size() <= rows);
    for (const Line& line : shown.lines) {
      std::size_t width = 0;
      for (const Piece& piece : line) width += utf8_count(piece.text);
      RC_ASSERT(width <= columns);
    }
  }
}

}  // namespace
}  // namespace ntp::ntpq
