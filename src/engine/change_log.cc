// SPDX-License-Identifier: BSD-2-Clause
#include "engine/change_log.h"

#include <utility>

namespace ntp::engine {

void ChangeLog::add(Timestamp at, std::uint16_t association_id, std::string text) {
  if (changes_.size() == state::kMaxChanges) changes_.erase(changes_.begin());
  changes_.push_back({.at = at, .association_id = association_id, .text = std::move(text)});
}

}  // namespace ntp::engine
