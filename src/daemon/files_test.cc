// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/files.h"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "daemon/log.h"

namespace ntp::daemon {
namespace {

constexpr std::size_t kLimit = 100;

class Files : public testing::Test {
 protected:
  Files() { std::filesystem::create_directories(folder_); }
  ~Files() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ = fmt::format("{}files-{}", testing::TempDir(), getpid());
  const std::string path_ = folder_ + "/x";
};

TEST_F(Files, AreReadUpToALimit) {
  std::ofstream(path_) << std::string(kLimit, 'a');
  EXPECT_EQ(read_file(path_, kLimit).value(), std::string(kLimit, 'a'));

  std::ofstream(path_) << std::string(kLimit + 1, 'a');
  EXPECT_EQ(read_file(path_, kLimit).error().text, path_ + ": longer than 100 octets");
}

TEST_F(Files, MayBeDevices) { EXPECT_EQ(read_file("/dev/null", kLimit).value(), ""); }

TEST_F(Files, OfOtherKindsAreRefusedAtOnce) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);

  EXPECT_EQ(read_file(path_, kLimit).error().text, "read " + path_ + ": neither a file nor a device");
  EXPECT_EQ(read_file(folder_, kLimit).error().text, "read " + folder_ + ": Is a directory");
}

TEST_F(Files, OfOtherKindsAreNoLog) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  Log log;

  EXPECT_FALSE(log.to_file(path_));
  EXPECT_EQ(log.problem(), "neither a file nor a device");
  EXPECT_FALSE(log.to_file(folder_));
  EXPECT_EQ(log.problem(), "Is a directory");
}

TEST_F(Files, OfTheOldLogSayWhereItGoesOnceTheNewOneIsOpen) {
  const std::string next = folder_ + "/next";
  Log log;
  ASSERT_TRUE(log.to_file(path_));

  EXPECT_FALSE(log.to_file(folder_ + "/nowhere/log", "it goes on nowhere"));
  EXPECT_TRUE(log.to_file(next, "it goes on in next"));

  std::ifstream file(path_);
  const std::string said(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(said.ends_with("ntpd: notice: it goes on in next\n")) << said;
  EXPECT_EQ(said.find("nowhere"), std::string::npos) << said;
  EXPECT_EQ(std::filesystem::file_size(next), 0U);
}

}  // namespace
}  // namespace ntp::daemon
