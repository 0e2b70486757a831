// SPDX-License-Identifier: BSD-2-Clause
#include "policy/policy_board.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace ntp::policy {

PolicyBoard::PolicyBoard(Policy first) : current_(std::make_unique<const Policy>(std::move(first)).release()) {}

PolicyBoard::~PolicyBoard() {
  const std::unique_ptr<const Policy> last(current_.load());
  NTP_ASSERT(std::none_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.is_taken.load(); }));
}

void PolicyBoard::publish(Policy next) {
  // Room first: after the exchange nothing may throw, or the old policy would be lost.
  retired_.reserve(retired_.size() + 1);
  auto owned = std::make_unique<const Policy>(std::move(next));
  retired_.emplace_back(current_.exchange(owned.release()));
  collect();
}

std::size_t PolicyBoard::collect() {
  std::erase_if(retired_, [this](const auto& policy) { return !is_held(policy.get()); });
  return retired_.size();
}

bool PolicyBoard::is_held(const Policy* policy) const {
  return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.held.load() == policy; });
}

PolicyBoard::Slot& PolicyBoard::take_slot() const {
  const auto free_slot =
      std::find_if(slots_.begin(), slots_.end(), [](Slot& slot) { return !slot.is_taken.exchange(true); });
  NTP_ASSERT(free_slot != slots_.end());
  return *free_slot;
}

PolicyBoard::Reader::Reader(const PolicyBoard& board) : board_(board), slot_(board.take_slot()) {}

PolicyBoard::Reader::~Reader() {
  NTP_ASSERT(slot_.held.load() == nullptr);
  slot_.is_taken.store(false);
}

PolicyBoard::Hold PolicyBoard::Reader::hold() const {
  NTP_ASSERT(slot_.held.load(std::memory_order_relaxed) == nullptr);
  const Policy* policy = board_.current_.load();
  for (;;) {
    slot_.held.store(policy);
    const Policy* const now = board_.current_.load();
    if (now == policy) return {slot_, *policy};
    policy = now;
  }
}

}  // namespace ntp::policy
