// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/saved_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

constexpr std::int64_t kNoon = 1'700'049'600;  // 2023-11-15 12:00:00 UTC

class SavedFile : public ::testing::Test {
 protected:
  SavedFile() : folder_(std::filesystem::temp_directory_path() / ("saved_file_test." + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~SavedFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string content(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder_ / name).rdbuf();
    return out.str();
  }

  std::filesystem::path folder_;
};

// CVE-2015-7851, CVE-2015-7976: a name that leaves the folder, or that somebody's shell reads as something else.
TEST_F(SavedFile, Cve2015_7976OnlyPlainNamesAreNames) {
  using namespace std::string_literals;
  for (const std::string& name : {"../x.conf"s,
                                  "/etc/passwd"s,
                                  "a/b"s,
                                  ".."s,
                                  "."s,
                                  ".hidden"s,
                                  "-rf"s,
                                  ""s,
                                  "a b"s,
                                  "a;b"s,
                                  "a\nb"s,
                                  "a\0b"s,
                                  "%F/x"s,
                                  "a\\b"s,
                                  "a'b"s,
                                  "\x1b[2J"s,
                                  "ä"s,
                                  std::string(200, 'a'),
                                  "%c"s,
                                  "%"s,
                                  std::string(40, '%')})
    EXPECT_FALSE(saved_file_name(name, kNoon)) << name;
  for (const char* name : {"test.conf", "a", "A-b_c.9"}) EXPECT_EQ(saved_file_name(name, kNoon), name);
}

TEST_F(SavedFile, ConversionsAreThoseOfLocalTime) {
  setenv("TZ", "UTC", 1);
  tzset();

  EXPECT_EQ(saved_file_name("ntp-%Y%m%d-%H%M.conf", kNoon), "ntp-20231115-1200.conf");
  EXPECT_EQ(saved_file_name("%y-%j-%a-%b-%F", kNoon), "23-319-Wed-Nov-2023-11-15");
  EXPECT_FALSE(saved_file_name("%T", kNoon)) << "colons";
  EXPECT_FALSE(saved_file_name("%e%q%", kNoon));
}

TEST_F(SavedFile, IsWrittenOnceAndNeverOverAnything) {
  ASSERT_TRUE(write_new_file(folder_, "a.conf", "one\n"));
  EXPECT_EQ(content("a.conf"), "one\n");

  const auto again = write_new_file(folder_, "a.conf", "two\n");

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), "File exists");
  EXPECT_EQ(content("a.conf"), "one\n");
}

TEST_F(SavedFile, ALinkIsNotFollowed) {
  std::filesystem::create_symlink(folder_ / "target", folder_ / "link");

  EXPECT_FALSE(write_new_file(folder_, "link", "text"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "target"));
}

TEST_F(SavedFile, AFolderTakesOnlySoMany) {
  for (std::size_t i = 0; i < kMostSavedFiles; ++i) {
    std::filesystem::create_directories(folder_ / ("folder" + std::to_string(i)));
    ASSERT_TRUE(write_new_file(folder_, "a" + std::to_string(i), "text")) << i;
  }

  const auto more = write_new_file(folder_, "one-more", "text");

  ASSERT_FALSE(more);
  EXPECT_EQ(more.error(), "the folder has 64 files of ntpd's user already: remove or move some of them");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "one-more"));
  std::filesystem::remove(folder_ / "a0");
  EXPECT_TRUE(write_new_file(folder_, "one-more", "text"));
}

TEST_F(SavedFile, AFolderThatIsNotThereIsNamedByTheSystem) {
  EXPECT_EQ(write_new_file(folder_ / "none", "a", "").error(), "No such file or directory");
}

}  // namespace
}  // namespace ntp::daemon
