// SPDX-License-Identifier: BSD-2-Clause
//
// The words of one line after its command, taken one by one; options and numbers are checked against the table of commands.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "config/commands.h"
#include "config/lexer.h"
#include "config/message.h"

namespace ntp::config {

/// Why a line is not applied.
struct Fault {
  std::size_t column = 0;
  std::string text;
  std::string token;
  std::string nearest;
  bool refuses_start = false;  ///< whatever the command's own safety is
};

/// An option with its value, of the kind that its entry says.
struct Option {
  const OptionEntry* entry = nullptr;
  const Token* name = nullptr;
  const Token* value = nullptr;  ///< null if the option takes none
  int integer = 0;               ///< of a boolean: 0 or 1
  double real = 0;
  std::string_view text;
};

class Arguments {
 public:
  /// The entry and the line must outlive this.
  Arguments(const CommandEntry& command, const Line& line) : command_(command), line_(line) {}

  [[nodiscard]] const CommandEntry& command() const { return command_; }
  /// The command's own word.
  [[nodiscard]] const Token& start() const { return line_.tokens.front(); }
  [[nodiscard]] bool at_end() const { return next_ == line_.tokens.size(); }
  /// Null at the end.
  [[nodiscard]] const Token* peek() const { return at_end() ? nullptr : &line_.tokens[next_]; }
  void skip() { ++next_; }
  /// The next token; null at the end.
  const Token* take_any() { return at_end() ? nullptr : &line_.tokens[next_++]; }
  void skip_all() { next_ = line_.tokens.size(); }
  /// Takes the next token if it is this keyword.
  bool take_word(std::string_view word);

  /// The next token, whatever it is; `expected` completes "expected ...".
  std::expected<const Token*, Fault> take(std::string_view expected);
  /// The next option of this group with its value. One that is not part of this version leaves its note.
  std::expected<Option, Fault> take_option(OptionGroup group);
  /// The next token as a number from low to high; `what` completes "expected ...".
  std::expected<double, Fault> take_real(std::string_view what, double low, double high);
  /// A fault if anything is left.
  std::expected<void, Fault> finish() const;

  [[nodiscard]] Fault missing(std::string_view expected) const;
  /// A fault at this token.
  [[nodiscard]] static Fault wrong(const Token& token, std::string text);
  /// "unknown WHAT "word"", with the nearest of the candidates.
  [[nodiscard]] static Fault unknown(const Token& token, std::string_view what,
                                     std::span<const std::string_view> candidates);
  /// "NAME WORD", with the nearest of the words that are possible, or with `expected`.
  [[nodiscard]] static Fault wrong_word(const Token& token, std::string_view name,
                                        std::span<const std::string_view> words, std::string_view expected);

  /// A message about this token that does not keep the line from being applied.
  void note(Severity severity, const Token& token, std::string text);
  /// As note(unsupported), and the daemon does not start.
  void note_refusal(const Token& token, std::string text);
  [[nodiscard]] std::vector<Message>& notes() { return notes_; }

 private:
  std::expected<void, Fault> take_value(Option& option);
  void note_status(const Option& option);

  const CommandEntry& command_;
  const Line& line_;
  std::size_t next_ = 1;  ///< the first token is the command
  std::vector<Message> notes_;
};

/// An address with an optional prefix length: 192.0.2.0/24.
struct Prefix {
  Address address;
  unsigned length = 0;  ///< all bits if none was written
  bool has_length = false;
};
std::expected<Prefix, Fault> parse_prefix(const Token& token);

}  // namespace ntp::config
