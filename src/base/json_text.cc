// SPDX-License-Identifier: BSD-2-Clause
#include "base/json_text.h"

#include <cstddef>

#include <fmt/format.h>

namespace ntp {
namespace {

/// The length of the UTF-8 sequence at the start of `text` (RFC 3629 section 4); 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto is_tail = [&](std::size_t i) { return (octet(i) & 0xc0U) == 0x80U; };
  const unsigned first = octet(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return is_tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool is_overlong = first == 0xe0 && octet(1) < 0xa0;
    const bool is_surrogate = first == 0xed && octet(1) > 0x9f;
    return is_tail(1) && is_tail(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool is_outside = (first == 0xf0 && octet(1) < 0x90) || (first == 0xf4 && octet(1) > 0x8f);
    return is_tail(1) && is_tail(2) && is_tail(3) && !is_outside ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0)
      out += "\\ufffd";
    else if (first == '"' || first == '\\')
      out += {'\\', text.front()};
    else if (first < 0x20)
      out += fmt::format("\\u{:04x}", first);
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace ntp
