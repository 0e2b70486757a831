// SPDX-License-Identifier: BSD-2-Clause
#include "policy/key_ring.h"

#include <algorithm>
#include <utility>

namespace ntp::policy {
namespace {

bool covers(const KeyAddress& rule, const Address& remote) {
  if (rule.address.family() != remote.family()) return false;
  const std::size_t whole = rule.prefix_length / 8;
  const auto& expected = rule.address.octets();
  const auto& found = remote.octets();
  if (!std::equal(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(whole), found.begin())) return false;
  const unsigned rest = rule.prefix_length % 8;
  return rest == 0 || ((unsigned{expected[whole]} ^ unsigned{found[whole]}) >> (8 - rest)) == 0;
}

}  // namespace

KeyRing::KeyRing(std::vector<Key> keys, std::optional<std::uint32_t> control_key,
                 std::optional<std::uint32_t> request_key)
    : control_key_(control_key), request_key_(request_key) {
  std::erase_if(keys, [](const Key& key) { return key.id == 0 || key.id > kMaxKeyId; });
  std::ranges::stable_sort(keys, {}, &Key::id);
  for (Key& key : keys) {
    if (!keys_.empty() && keys_.back().id == key.id) keys_.pop_back();
    keys_.push_back(std::move(key));
  }
  if (keys_.empty()) return;
  index_.resize(keys_.back().id + 1);
  for (std::size_t i = 0; i < keys_.size(); ++i) index_[keys_[i].id] = static_cast<std::uint16_t>(i + 1);
}

KeyRing KeyRing::with_uses(const std::vector<bool>& is_trusted, std::optional<std::uint32_t> control_key,
                           std::optional<std::uint32_t> request_key) const {
  KeyRing other(*this);
  for (Key& key : other.keys_) key.is_trusted = key.id < is_trusted.size() && is_trusted[key.id];
  other.control_key_ = control_key;
  other.request_key_ = request_key;
  return other;
}

const Key* KeyRing::find(std::uint32_t id) const {
  if (id >= index_.size() || index_[id] == 0) return nullptr;
  return &keys_[index_[id] - 1U];
}

const Key* KeyRing::find_trusted(std::uint32_t id) const {
  const Key* key = find(id);
  return key != nullptr && key->is_trusted ? key : nullptr;
}

bool may_use(const Key& key, const Address& remote) {
  return key.addresses.empty() ||
         std::ranges::any_of(key.addresses, [&](const KeyAddress& rule) { return covers(rule, remote); });
}

}  // namespace ntp::policy
