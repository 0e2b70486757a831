// SPDX-License-Identifier: BSD-2-Clause
//
// Lines that a person types: with history, editing and completion on a terminal, plainly from a file or a pipe.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::client {

/// Longer lines are cut off there.
inline constexpr std::size_t kMaxTypedLine = 16384;

/// What the word at the end of `line` can become, whole words.
using Completer = std::function<std::vector<std::string>(std::string_view line)>;

class Prompt {
 public:
  /// `program`: for the user's ~/.editrc. `interrupt`: the flag that the program's handler of SIGINT sets; may be null.
  Prompt(std::string program, Completer completer, const volatile std::sig_atomic_t* interrupt = nullptr);
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;
  ~Prompt();

  /// The next line of standard input without its end; nothing at the end of input. Only a terminal gets `prompt`; what is typed
  /// there before Ctrl-C is dropped and gives an empty line.
  [[nodiscard]] std::optional<std::string> read(const std::string& prompt);
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }

 private:
  class Editor;
  std::optional<std::string> read_edited(const std::string& prompt);

  std::unique_ptr<Editor> editor_;
  const volatile std::sig_atomic_t* interrupt_;
  bool is_terminal_;
};

/// A line from standard input after a question on standard error; nothing at the end of input.
[[nodiscard]] std::optional<std::string> ask_line(const std::string& question);
/// The same, from the terminal (else from standard input), without showing what is typed.
[[nodiscard]] std::optional<std::string> ask_hidden(const std::string& question);

/// What completion of `word` adds: the longest start that all of `candidates` share, beyond `word`.
[[nodiscard]] std::string common_addition(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace ntp::client
