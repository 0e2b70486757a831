// SPDX-License-Identifier: BSD-2-Clause
#include "control/answer_text.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/control_packet.h"

namespace ntp::control {
namespace {

/// Where the next item would pass this column, a new line begins.
constexpr std::size_t kLineLength = 72;
/// Kept free in each datagram of text: for a comma and a line end.
constexpr std::size_t kSpare = 3;
constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

void AnswerText::clear() {
  text_.clear();
  cuts_.clear();
  line_length_ = 0;
  most_fragments_ = kMaxFragments;
  is_text_ = false;
}

void AnswerText::join(std::size_t length) {
  text_ += ',';
  ++line_length_;
  if (length + line_length_ + 1 >= kLineLength) {
    text_ += kLineEnd;
    line_length_ = 0;
    return;
  }
  text_ += ' ';
  ++line_length_;
}

/// Cuts wherever less than `spare` octets are left: in the middle of a piece, or behind it.
void AnswerText::put(std::string_view piece, std::size_t spare) {
  line_length_ += piece.size();
  for (;;) {
    const std::size_t begin = cuts_.empty() ? 0 : cuts_.back();
    const std::size_t room = wire::kMaxControlData - (text_.size() - begin);
    if (piece.size() + spare <= room) break;
    const std::size_t now = std::min(piece.size(), room);
    text_ += piece.substr(0, now);
    piece.remove_prefix(now);
    cuts_.push_back(text_.size());
  }
  text_ += piece;
}

void AnswerText::item(std::initializer_list<std::string_view> pieces) {
  if (is_text_) {
    std::size_t length = 0;
    for (const std::string_view piece : pieces) length += piece.size();
    join(length);
  }
  is_text_ = true;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) put(piece, kSpare);
  }
}

void AnswerText::quoted(std::string_view name, std::string_view value) {
  if (value.empty()) {
    item({name, "=\"\""});
    return;
  }
  item({name, "=\"", value.substr(0, kMaxItem), "\""});
}

void AnswerText::binary(Bytes octets) {
  // Octets are looked at as characters, which any object may be. NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  put({reinterpret_cast<const char*>(octets.data()), octets.size()}, 0);
}

void AnswerText::finish() {
  if (!is_text_) return;
  const std::size_t begin = cuts_.empty() ? 0 : cuts_.back();
  if (text_.size() - begin + kLineEnd.size() < wire::kMaxControlData) text_ += kLineEnd;
}

Fragment AnswerText::fragment(std::size_t i) const {
  NTP_ASSERT(i <= cuts_.size());
  const std::size_t begin = i == 0 ? 0 : cuts_[i - 1];
  const bool has_more = i < cuts_.size();
  return {.offset = begin, .length = (has_more ? cuts_[i] : text_.size()) - begin, .has_more = has_more};
}

}  // namespace ntp::control
