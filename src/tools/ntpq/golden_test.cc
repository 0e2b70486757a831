// SPDX-License-Identifier: BSD-2-Clause
//
// Every command of a recorded session with the reference implementation (tests/data/classic/ntpq-all-commands): the same
// questions have to be asked, and the same octets printed.
#include <cstdlib>
#include <ctime>
#include <functional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tools/ntpq/commands.h"
#include "tools/ntpq/replay_test_kit.h"

namespace ntp::ntpq {
namespace {

using test::Replay;
using test::Section;
using test::Stage;

/// The words of `ntpq -c "as" -c "rv &1" 10.77.0.5`.
struct Recorded {
  std::vector<std::string> commands;
  std::string host;
};

Recorded recorded_of(const std::string& title) {
  Recorded out;
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  for (const char c : title + " ") {
    if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? '\0' : c;
    } else if (c == ' ' && quote == 0) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "-c") out.commands.push_back(words[++i]);
    out.host = words[i];
  }
  return out;
}

/// Where our text differs because it is ours: the version, and the commands that we have and what we say of them.
bool is_ours(const std::vector<std::string>& commands) {
  static const std::set<std::string> kOurs = {"version", "help"};
  return commands.size() == 1 && kOurs.contains(commands[0]);
}

class Golden : public testing::Test {
 protected:
  // Dates are printed in the zone of the machine that ran it.
  Golden() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

/// Messages come first in the recording: the rest waited in a buffer for the end.
void expect_same(Replay& replay, const Section& section) {
  const Recorded recorded = recorded_of(section.title);
  Stage stage(std::ref(replay));
  stage.now = [&] { return replay.now; };

  stage.run(recorded.commands, {recorded.host});

  EXPECT_EQ(stage.error + stage.out, section.text) << section.title;
}

TEST_F(Golden, EveryCommandPrintsWhatTheReferenceImplementationPrinted) {
  Replay replay(test::read_exchanges("ntpq-all-commands.pcap"));
  std::size_t compared = 0;
  for (Section section : test::read_sections("ntpq-all-commands.txt", "======== ")) {
    // What follows the last command is the servers' configuration.
    const std::size_t end = section.text.find("\n### server configs");
    if (end != std::string::npos) section.text.resize(end);
    if (is_ours(recorded_of(section.title).commands)) continue;
    expect_same(replay, section);
    ++compared;
  }
  EXPECT_EQ(compared, 68U);
}

TEST_F(Golden, HelpHasTheSameColumns) {
  for (const Section& section : test::read_sections("ntpq-all-commands.txt", "======== ")) {
    if (recorded_of(section.title).commands != std::vector<std::string>{"help"}) continue;
    std::set<std::string> names;
    std::string word;
    const std::string body = section.text.substr(section.text.find('\n') + 1);
    for (const char c : body) {
      if (c != ' ' && c != '\n')
        word += c;
      else if (!word.empty())
        names.insert(std::exchange(word, {}));
    }
    EXPECT_EQ(columns_text({names.begin(), names.end()}), body);
    // What it knows, we know.
    for (const std::string& name : names) EXPECT_TRUE(find_command(name).has_value()) << name;
    return;
  }
  FAIL() << "the recording has no help";
}

TEST_F(Golden, AListOfClientsInSeveralFragmentsIsTheSame) {
  Replay replay(test::read_exchanges("ntpq-mrulist-multifragment.pcap"));
  std::size_t compared = 0;
  for (const Section& section : test::read_sections("ntpq-mrulist-multifragment.txt", "### ")) {
    const Recorded recorded = recorded_of(section.title);
    Stage stage(std::ref(replay));
    stage.now = [&] { return replay.now; };
    stage.run(recorded.commands, {recorded.host});
    // The first command's output is not in this recording, nor are messages.
    const std::size_t gap = stage.out.find("\n\n");
    ASSERT_NE(gap, std::string::npos) << section.title << stage.out;
    EXPECT_EQ(stage.out.substr(gap + 2), section.text) << section.title;
    ++compared;
  }
  EXPECT_EQ(compared, 18U);
}

}  // namespace
}  // namespace ntp::ntpq
