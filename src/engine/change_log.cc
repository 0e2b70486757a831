// SPDX-License-Identifier: BSD-2-Clause
#include "engine/change_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ntp::engine {

void ChangeLog::add(Timestamp at, std::uint16_t association_id, std::string text) {
  if (changes_.size() == state::kMaxChanges) changes_.erase(changes_.begin());
  changes_.push_back({.at = at, .association_id = association_id, .text = std::move(text)});
}

void ChangeLog::add_clock(Timestamp at, std::string text) {
  clock_text_ = text;
  add(at, 0, std::move(text));
}

void ChangeLog::replace_clock(Timestamp at, std::string text) {
  const auto last = std::find_if(changes_.rbegin(), changes_.rend(), [this](const state::Change& change) {
    return change.association_id == 0 && change.text == clock_text_;
  });
  if (last != changes_.rend()) changes_.erase(std::next(last).base());
  add_clock(at, std::move(text));
}

}  // namespace ntp::engine
