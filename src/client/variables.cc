// SPDX-License-Identifier: BSD-2-Clause
#include "client/variables.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"

namespace ntp::client {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string name_of(std::string_view text) {
  std::string name;
  for (const char c : trimmed(text)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet != 0x7f) name += c;
  }
  return name;
}

/// Takes the value off the front of `text`, up to the comma that ends it.
void take_value(std::string_view& text, Variable& out) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  std::size_t end = 0;
  if (!text.empty() && text.front() == '"') {
    out.is_quoted = true;
    // A quote that is never closed ends with the text.
    const std::size_t close = std::min(text.find('"', 1), text.size());
    out.value = text.substr(1, close - 1);
    end = std::min(text.find(',', close), text.size());
  } else {
    end = std::min(text.find(','), text.size());
    out.value = trimmed(text.substr(0, end));
  }
  text.remove_prefix(end);
}

/// Characters that move the cursor, hide text or turn its direction.
bool is_hostile(char32_t c) {
  const bool is_control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool is_direction =
      (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return is_control || is_direction || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

}  // namespace

std::vector<Variable> parse_variables(std::string_view text) {
  std::vector<Variable> out;
  while (!text.empty() && out.size() < kMaxVariables) {
    if (is_blank(text.front()) || text.front() == ',') {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(text.find_first_of("=,"), text.size());
    Variable variable{.name = name_of(text.substr(0, end))};
    const bool has_value = end < text.size() && text[end] == '=';
    text.remove_prefix(has_value ? end + 1 : end);
    if (has_value) take_value(text, variable);
    if (!variable.name.empty()) out.push_back(std::move(variable));
  }
  return out;
}

std::optional<std::string> find_value(const std::vector<Variable>& variables, std::string_view name) {
  const auto found = std::ranges::find(variables, name, &Variable::name);
  if (found == variables.end()) return std::nullopt;
  return found->value;
}

std::string printable(std::string_view text, bool keeps_lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(character.size());
    const char first = character.front();
    if (first == '\r') continue;
    if (first == '\n')
      out += keeps_lines ? '\n' : ' ';
    else if (first == '\t')
      out += ' ';
    else if (length == 0 || is_hostile(utf8_character(character)))
      out += '?';
    else
      out += character;
  }
  return out;
}

}  // namespace ntp::client
