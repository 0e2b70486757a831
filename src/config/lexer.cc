// SPDX-License-Identifier: BSD-2-Clause
#include "config/lexer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace ntp::config {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }
bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && !is_blank(c)) || c == 0x7f; }

/// One line's characters, cut into tokens.
class Scanner {
 public:
  Scanner(std::string_view text, Line& line) : text_(text), line_(line) {}

  void run() {
    while (!line_.fault && skip_blanks()) {
      if (line_.tokens.size() == kMaxLineTokens) {
        fail(at_, fmt::format("more than {} words on a line", kMaxLineTokens));
        return;
      }
      scan_token();
    }
  }

 private:
  /// False at the end of the line or where a comment starts.
  bool skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ < text_.size() && text_[at_] != '#';
  }

  void scan_token() {
    if (text_[at_] == '"') return scan_quoted();
    if (equals_is_token() && text_[at_] == '=') return push(TokenKind::equals, 1);
    if (parenthesis_is_token()) {
      if (text_[at_] == '(') return push(TokenKind::open, 1);
      if (text_[at_] == ')') return push(TokenKind::close, 1);
    }
    scan_word();
  }

  void scan_quoted() {
    const std::size_t start = at_ + 1;
    std::size_t stop = start;
    while (stop < text_.size() && text_[stop] != '"') {
      if (is_control(text_[stop])) return fail_control(stop);
      ++stop;
    }
    if (stop == text_.size()) return fail(at_, "the quoted string does not end on its line: expected \"");
    add({TokenKind::quoted, text_.substr(start, stop - start), line_.number, at_ + 1}, stop + 1);
    if (at_ < text_.size() && !is_blank(text_[at_])) fail(at_, "expected a blank after a quoted string");
  }

  void scan_word() {
    std::size_t stop = at_;
    for (; stop < text_.size() && !is_blank(text_[stop]); ++stop) {
      const char c = text_[stop];
      if (is_control(c)) return fail_control(stop);
      if (c == '"') return fail(stop, "a quote inside a word: expected a blank before it");
      if (c == '=' && equals_is_token()) break;
      if ((c == '(' || c == ')') && parenthesis_is_token()) break;
    }
    const bool is_ellipsis = parenthesis_is_token() && text_.substr(at_, stop - at_) == "...";
    push(is_ellipsis ? TokenKind::ellipsis : TokenKind::word, stop - at_);
  }

  void push(TokenKind kind, std::size_t length) {
    add({kind, text_.substr(at_, length), line_.number, at_ + 1}, at_ + length);
  }

  void add(Token token, std::size_t next) {
    line_.tokens.push_back(token);
    at_ = next;
    line_.end_column = at_ + 1;
  }

  void fail(std::size_t at, std::string text) { line_.fault = LexFault{at + 1, std::move(text)}; }
  void fail_control(std::size_t at) {
    fail(at, fmt::format("a control character (0x{:02x}): expected text", static_cast<unsigned char>(text_[at])));
  }

  [[nodiscard]] bool starts_with(std::string_view command) const {
    return !line_.tokens.empty() && line_.tokens.front().is_word(command);
  }
  // Elsewhere these characters may be part of a file name.
  [[nodiscard]] bool equals_is_token() const {
    return starts_with("setvar") || starts_with("logconfig") || starts_with("simulate");
  }
  [[nodiscard]] bool parenthesis_is_token() const { return starts_with("trustedkey"); }

  std::string_view text_;
  Line& line_;
  std::size_t at_ = 0;
};

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

Lexer::Lexer(std::string_view text) : rest_(text) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::optional<Line> Lexer::next() {
  while (!rest_.empty()) {
    const std::size_t stop = std::min(rest_.find('\n'), rest_.size());
    const std::string_view text = rest_.substr(0, stop);
    rest_.remove_prefix(std::min(rest_.size(), stop + 1));
    ++number_;
    Line line{.number = number_, .text = text};
    Scanner(text, line).run();
    if (!line.tokens.empty() || line.fault) return line;
  }
  return std::nullopt;
}

std::optional<Position> find_nul(std::string_view text) {
  const std::size_t at = text.find('\0');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const std::size_t line_start = lines == 0 ? 0 : before.rfind('\n') + 1;
  return Position{lines + 1, at - line_start + 1};
}

}  // namespace ntp::config
