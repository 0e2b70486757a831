// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/reload.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "daemon/reading_advice.h"

namespace ntp::daemon {
namespace {

/// A configuration file for one test.
class ReadAgain : public testing::Test {
 protected:
  ReadAgain() {
    std::filesystem::create_directories(folder_);
    options_.config_file = folder_ + "/ntp.conf";
    options_.is_config_file_named = true;
    options_.stays_in_foreground = true;
  }
  ~ReadAgain() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text) const { std::ofstream(options_.config_file) << text; }
  [[nodiscard]] auto read() const { return read_again(options_, options_.config_file); }

  const std::string folder_ = fmt::format("{}reload-{}", testing::TempDir(), getpid());
  Options options_;
};

TEST_F(ReadAgain, GivesTheConfigurationWithWhatTheOptionsSay) {
  write("server a.example\nstatsdir /line\n");
  options_.statistics_folder = "/option";

  const auto loaded = read();

  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->config.servers.size(), 1U);
  EXPECT_EQ(loaded->config.statistics.folder, "/option");
}

TEST_F(ReadAgain, IsStricterThanAStart) {
  write("server a.example\nserver b.example minpoll 40\n");

  const auto loaded = read();

  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 1U);
  EXPECT_TRUE(loaded.error()[0].starts_with(options_.config_file + ":2:")) << loaded.error()[0];
}

TEST_F(ReadAgain, TakesWhatThisVersionCantDoAsAStartDoes) {
  write("server a.example\nbroadcastclient\n");

  const auto loaded = read();

  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->messages.size(), 1U);
}

TEST_F(ReadAgain, NamesAFewOfManyFaults) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "tos nonsense\n";
  write(text);

  const auto loaded = read();

  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), kReportedMessages + 1);
  EXPECT_EQ(loaded.error().back(), "22 more faults: ntpd --check-config shows them");
}

TEST_F(ReadAgain, FileThatIsGoneIsNoReasonForTheBuiltInConfiguration) {
  options_.is_config_file_named = false;

  const auto loaded = read();

  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 1U);
  EXPECT_EQ(loaded.error()[0], options_.config_file + " is gone");
  EXPECT_TRUE(read_again(options_, "embedded default")) << "it ran with that before";
}

TEST_F(ReadAgain, ReportNamesTheFaultAmongManyWarnings) {
  std::vector<config::Message> messages(30, {.file = "keys", .severity = config::Severity::warning, .text = "twice"});
  messages.push_back({.file = "keys", .line = 31, .severity = config::Severity::error, .text = "the fault"});
  const std::string path = folder_ + "/log";
  Log log;
  ASSERT_TRUE(log.to_file(path));
  log.start_budget();
  for (std::size_t i = 0; i < LogBudget::kLinesPerSecond; ++i) log.write(Log::Level::info, "what the network did");

  report(messages, log);

  std::ifstream file(path);
  const std::string said(std::istreambuf_iterator<char>(file), {});
  const std::size_t fault = said.find("error: keys:31");
  EXPECT_NE(fault, std::string::npos) << said;
  EXPECT_LT(fault, said.find("twice"));
  EXPECT_NE(said.find("23 more messages"), std::string::npos) << said;
}

TEST(ReadingAdvice, IsForFilesThatMayNotBeReadAlone) {
  const std::string denied = std::string("open /etc/ntp.keys: ") + std::strerror(EACCES);

  EXPECT_NE(reading_advice(denied, "/etc/ntp.keys").find("&& chmod g+r /etc/ntp.keys"), std::string::npos);
  EXPECT_EQ(reading_advice(std::string("open /etc/ntp.keys: ") + std::strerror(ENOENT), "/etc/ntp.keys"), "");
}

}  // namespace
}  // namespace ntp::daemon
