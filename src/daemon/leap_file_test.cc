// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/leap_file.h"

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "daemon/files.h"

namespace ntp::daemon {
namespace {

constexpr const char* kGood = "#@ 4300000000\n2272060800 10\n2287785600 11\n";
constexpr const char* kNewer = "#@ 4300000000\n2272060800 10\n2287785600 11\n2303683200 12\n";

constexpr MonoTime second(double s) { return MonoTime() + s; }

/// A leap file, removed with the test.
class Place {
 public:
  explicit Place(std::string_view content) { write(content); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { std::remove(path_.c_str()); }
  void write(std::string_view content) const {
    ASSERT_TRUE(replace_file(path_, content, Durability::written).has_value());
  }
  void remove() const { std::remove(path_.c_str()); }
  [[nodiscard]] config::LeapFile line(bool checks_hash = true) const { return {path_, checks_hash}; }

 private:
  std::string path_ = testing::TempDir() + "leap_file_test_list";
};

struct Desk {
  Desk() { log.keep_last_only(); }
  Log log;
};

std::size_t entries_of(const LeapFile& file) { return file.table() ? file.table()->entries().size() : 0; }

TEST(LeapFile, IsReadAtTheStartAndEachDay) {
  const Place place(kGood);
  Desk desk;
  LeapFile file(place.line(), desk.log);
  EXPECT_EQ(entries_of(file), 2U);

  EXPECT_FALSE(file.tick(second(100)));
  place.write(kNewer);
  EXPECT_FALSE(file.tick(second(100 + 86399)));
  EXPECT_TRUE(file.tick(second(100 + 86400)));
  EXPECT_EQ(entries_of(file), 3U);
  EXPECT_NE(desk.log.last().find("3 entries, good until 2036-04-05"), std::string::npos) << desk.log.last();
}

TEST(LeapFile, ThatIsBadLeavesTheTableAsItWas) {
  const Place place(kGood);
  Desk desk;
  LeapFile file(place.line(), desk.log);
  static_cast<void>(file.tick(second(0)));

  place.write("#@ 4300000000\n2272060800 ten\n");
  EXPECT_FALSE(file.tick(second(86400)));
  EXPECT_EQ(entries_of(file), 2U);
  EXPECT_NE(desk.log.last().find("what was read before stays in force"), std::string::npos);
  place.remove();
  file.configure(place.line());
  EXPECT_EQ(entries_of(file), 2U);
}

TEST(LeapFile, SaysWhereItIsWrong) {
  const Place place("#@ 4300000000\n2272060800 ten\n");
  Desk desk;

  const LeapFile file(place.line(), desk.log);

  EXPECT_EQ(file.table(), nullptr);
  EXPECT_NE(desk.log.last().find("leap_file_test_list: line 2: expected TAI - UTC"), std::string::npos)
      << desk.log.last();
}

TEST(LeapFile, MayHaveAnotherHashIfTheLineSaysSo) {
  const Place place(std::string(kGood) + "#h 1 2 3 4 5\n");
  Desk desk;

  EXPECT_EQ(LeapFile(place.line(), desk.log).table(), nullptr);
  EXPECT_NE(LeapFile(place.line(false), desk.log).table(), nullptr);
}

TEST(LeapFile, ThatIsNotThereLeavesTheBuiltInTable) {
  Desk desk;
  LeapFile file(std::nullopt, desk.log);

  const engine::Settings settings = file.completed({});

  EXPECT_EQ(file.next_deadline(), MonoTime::never());
  EXPECT_FALSE(file.tick(second(1e6)));
  EXPECT_EQ(settings.leap_table, nullptr);
  EXPECT_EQ(settings.spare_leap_table.get(), &policy::LeapTable::embedded());
}

TEST(LeapFile, IsForgottenWithItsLine) {
  const Place place(kGood);
  Desk desk;
  LeapFile file(place.line(), desk.log);

  file.configure(std::nullopt);

  EXPECT_EQ(file.table(), nullptr);
}

}  // namespace
}  // namespace ntp::daemon
