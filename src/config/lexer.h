// SPDX-License-Identifier: BSD-2-Clause
//
// Lines and tokens of ntp.conf: comments, quoted strings, `=`, ranges `(1 ... 19)`; each token knows where it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::config {

inline constexpr std::size_t kMaxFileOctets = std::size_t{16} << 20U;
inline constexpr std::size_t kMaxLineTokens = 1024;

enum class TokenKind : std::uint8_t {
  word,
  quoted,    ///< "...": never a keyword; text is what stands between the quotes
  equals,    ///< on lines whose command has a grammar for it (setvar, logconfig, simulate)
  open,      ///< ( on trustedkey lines
  close,     ///< ) on trustedkey lines
  ellipsis,  ///< ... on trustedkey lines
};

/// A view into the file's text, which must outlive it.
struct Token {
  TokenKind kind = TokenKind::word;
  std::string_view text;
  std::size_t line = 0;    ///< from 1
  std::size_t column = 0;  ///< in octets, from 1; of a quoted string: its opening quote

  [[nodiscard]] bool is_word(std::string_view word) const { return kind == TokenKind::word && text == word; }
};

struct LexFault {
  std::size_t column = 0;
  std::string text;
};

/// A line with at least one token, or with a fault.
struct Line {
  std::size_t number = 0;
  std::size_t end_column = 0;  ///< just after the last token
  std::vector<Token> tokens;   ///< up to the fault, if there is one
  std::string_view text;       ///< all of it
  std::optional<LexFault> fault;
};

class Lexer {
 public:
  /// A byte order mark at the start is skipped. `text` must outlive the lines.
  explicit Lexer(std::string_view text);

  /// The next line that has something on it; nothing at the end.
  std::optional<Line> next();

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

/// The first position of a NUL octet; nothing in a text file.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};
std::optional<Position> find_nul(std::string_view text);

}  // namespace ntp::config
