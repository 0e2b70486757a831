// SPDX-License-Identifier: BSD-2-Clause
//
// Where characters of UTF-8 begin and end (RFC 3629 section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ntp {

/// Octets of the character at the start of `text`; 0 if there is no valid one.
constexpr std::size_t utf8_length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto is_tail = [&](std::size_t i) { return (octet(i) & 0xc0U) == 0x80U; };
  if (text.empty()) return 0;
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

/// The character of `sequence`, which utf8_length() found to be valid.
constexpr char32_t utf8_character(std::string_view sequence) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
  if (sequence.size() <= 1) return sequence.empty() ? 0 : octet(0);
  std::uint32_t value = octet(0) & (0x7fU >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i) value = (value << 6U) | (octet(i) & 0x3fU);
  return value;
}

/// Characters of `text`, an octet that is none counted as one.
constexpr std::size_t utf8_count(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    text.remove_prefix(length == 0 ? 1 : length);
    ++count;
  }
  return count;
}

/// The first `count` characters.
constexpr std::string_view utf8_first(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) {
    const std::size_t length = utf8_length(text.substr(end));
    end += length == 0 ? 1 : length;
  }
  return text.substr(0, end);
}

}  // namespace ntp
