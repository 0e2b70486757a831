// SPDX-License-Identifier: BSD-2-Clause
//
// The data of a control reply: items joined and folded as the reference implementation does it, and where it cuts them into
// datagrams.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace ntp::control {

/// One datagram's share of an answer.
struct Fragment {
  std::size_t offset = 0;
  std::size_t length = 0;
  bool has_more = false;
};

/// Keeps its memory from one answer to the next.
//
// Items stand on lines of at most 72 columns: ", " before an item that fits, ",\r\n" before one that does not. Whoever reads
// it can't rely on that: a single item may be longer than a line.
class AnswerText {
 public:
  /// An answer of more fragments than this is not begun: tools give up there, and offsets have 16 bits.
  static constexpr std::size_t kMaxFragments = 128;
  /// A long text (a list of names, of changes) ends here at the latest.
  static constexpr std::size_t kMaxItem = 16384;

  void clear();

  /// An item whose pieces stand together. Where a datagram ends between two pieces, it may end an octet or two early.
  void item(std::initializer_list<std::string_view> pieces);
  /// name=value
  void word(std::string_view name, std::string_view value) { item({name, "=", value}); }
  /// name="value"
  void quoted(std::string_view name, std::string_view value);
  /// Octets that are no text: nothing stands between them, and no line end follows them.
  void binary(Bytes octets);
  /// Ends the text: with a line end where there is room for one.
  void finish();

  /// True if no further rows should be added to a list.
  [[nodiscard]] bool is_full() const { return cuts_.size() + 1 >= most_fragments_; }
  void set_most_fragments(std::size_t count) { most_fragments_ = count; }
  /// Datagrams that are full by now.
  [[nodiscard]] std::size_t full_fragments() const { return cuts_.size(); }

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool is_empty() const { return text_.empty(); }
  /// After finish(): at least 1.
  [[nodiscard]] std::size_t fragment_count() const { return cuts_.size() + 1; }
  [[nodiscard]] Fragment fragment(std::size_t i) const;

 private:
  void put(std::string_view piece, std::size_t spare);
  void join(std::size_t length);

  std::string text_;
  std::vector<std::size_t> cuts_;  ///< where fragments after the first begin
  std::size_t line_length_ = 0;
  std::size_t most_fragments_ = kMaxFragments;
  bool is_text_ = false;
};

}  // namespace ntp::control
