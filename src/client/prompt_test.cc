// SPDX-License-Identifier: BSD-2-Clause
#include "client/prompt.h"

#include <csignal>
#include <cstdio>
#include <string>

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
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

volatile std::sig_atomic_t interrupted = 0;

/// What a person at a terminal would have: 0 if Ctrl-C drops a line, and the next one is read.
int after_interrupt() {
  ::alarm(60);
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };
  if (::sigaction(SIGINT, &action, nullptr) != 0) return 1;
  Prompt prompt("test", [](std::string_view) { return std::vector<std::string>(); }, &interrupted);
  if (prompt.read("first> ") != "") return 2;
  if (interrupted == 0) return 3;
  std::optional<std::string> line;
  do {  // one more Ctrl-C does no harm
    interrupted = 0;
    line = prompt.read("second> ");
  } while (line == "" && interrupted != 0);
  return line == "peers" ? 0 : 4;
}

/// Reads what a terminal shows until `wanted` is there; false if it shows nothing more for so long.
bool shows(int terminal, const std::string& wanted, int patience_ms = 30000) {
  std::string seen;
  char part[256];
  while (seen.find(wanted) == std::string::npos) {
    pollfd waiting{.fd = terminal, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, patience_ms) <= 0) return false;
    const ssize_t got = ::read(terminal, part, sizeof part);
    if (got <= 0) return false;
    seen.append(part, static_cast<std::size_t>(got));
  }
  return true;
}

TEST(Prompt, CtrlCDropsTheLineAndNothingElse) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(after_interrupt());

  const auto type = [&](std::string_view keys) {
    EXPECT_EQ(::write(terminal, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  };
  EXPECT_TRUE(shows(terminal, "first> "));
  type("abc");
  EXPECT_TRUE(shows(terminal, "abc"));
  // The library looks at a key before it waits for the next one: a Ctrl-C in between counts with the next Ctrl-C or key.
  bool is_dropped = false;
  for (int tries = 0; tries < 10 && !is_dropped; ++tries) {
    type("\x03");
    is_dropped = shows(terminal, "second> ", 2000);
  }
  EXPECT_TRUE(is_dropped);
  type("peers\n");

  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  ::close(terminal);
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
