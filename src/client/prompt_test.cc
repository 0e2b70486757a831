// SPDX-License-Identifier: BSD-2-Clause
#include "client/prompt.h"

#include <cstdio>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

namespace ntp::client {
namespace {

TEST(CommonAddition, IsWhatAllCandidatesShare) {
  EXPECT_EQ(common_addition("pa", {"passociations"}), "ssociations");
  EXPECT_EQ(common_addition("p", {"passociations", "passwd"}), "ass");
  EXPECT_EQ(common_addition("pass", {"passociations", "passwd"}), "");
  EXPECT_EQ(common_addition("x", {}), "");
  EXPECT_EQ(common_addition("x", {"peers"}), "");
}

/// Puts `text` on standard input for the time of a test.
class FromPipe {
 public:
  explicit FromPipe(const std::string& text) : before_(::dup(STDIN_FILENO)) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return;
    static_cast<void>(::write(ends[1], text.data(), text.size()) == 0);
    ::close(ends[1]);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
  }
  FromPipe(const FromPipe&) = delete;
  FromPipe& operator=(const FromPipe&) = delete;
  ~FromPipe() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }

 private:
  int before_;
};

TEST(Prompt, ReadsAPipePlainlyAndLeavesTheRestToQuestions) {
  const FromPipe pipe("peers\r\nsecret line\nlast");
  Prompt prompt("test", [](std::string_view) { return std::vector<std::string>(); });

  EXPECT_FALSE(prompt.is_terminal());
  EXPECT_EQ(prompt.read("test> "), "peers");
  EXPECT_EQ(ask_line(""), "secret line");
  EXPECT_EQ(prompt.read("test> "), "last");
  EXPECT_EQ(prompt.read("test> "), std::nullopt);
}

TEST(Prompt, CutsALineThatIsTooLong) {
  std::string text(kMaxTypedLine + 10, 'a');
  text += "\nnext\n";
  const FromPipe pipe(text);
  Prompt prompt("test", [](std::string_view) { return std::vector<std::string>(); });

  EXPECT_EQ(prompt.read("")->size(), kMaxTypedLine);
  EXPECT_EQ(prompt.read(""), "next");
}

}  // namespace
}  // namespace ntp::client
