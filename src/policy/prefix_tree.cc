// SPDX-License-Identifier: BSD-2-Clause
#include "policy/prefix_tree.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/assert.h"

namespace ntp::policy {
namespace {

unsigned leading_zeros(std::uint32_t key) { return static_cast<unsigned>(std::countl_zero(key)); }

unsigned leading_zeros(Uint128 key) {
  const auto high = static_cast<std::uint64_t>(key >> 64U);
  if (high != 0) return static_cast<unsigned>(std::countl_zero(high));
  return 64U + static_cast<unsigned>(std::countl_zero(static_cast<std::uint64_t>(key)));
}

template <class Key>
Key first_bits(unsigned length) {
  constexpr unsigned kBits = PrefixTree<Key>::kBits;
  return length == 0 ? Key{0} : static_cast<Key>(~Key{0} << (kBits - length));
}

/// How many bits to take after the first `common` ones: as many as leave a quarter of the slots of use. A slot is of use if a prefix
/// begins there; a prefix that ends among the bits counts once more, so that a chain of nested ones doesn't go bit by bit.
template <class Key, std::size_t kMax>
unsigned choose_taken(std::span<const typename PrefixTree<Key>::Prefix> inside, unsigned common) {
  std::array<std::size_t, kMax + 1> of_use{};  // by the number of bits with which they begin to count
  of_use[0] = 1;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (i > 0) {
      const unsigned fork = leading_zeros(static_cast<Key>(inside[i - 1].key ^ inside[i].key)) - common;
      if (fork < kMax) ++of_use[fork + 1];
    }
    if (inside[i].length - common <= kMax) ++of_use[inside[i].length - common];
  }
  unsigned best = 1;
  std::size_t sum = of_use[0];
  for (unsigned taken = 1; taken <= std::min<std::size_t>(kMax, PrefixTree<Key>::kBits - common); ++taken) {
    sum += of_use[taken];
    if ((std::size_t{1} << taken) <= 4 * sum) best = taken;
  }
  return best;
}

}  // namespace

template <class Key>
auto PrefixTree<Key>::grow(std::span<const Prefix> inside, Slot inherited) -> Slot {
  if (inside.empty()) return inherited;
  // In this order a prefix that ends before the rest forks is the first one.
  const unsigned fork = leading_zeros(static_cast<Key>(inside.front().key ^ inside.back().key));
  const unsigned common = std::min({fork, inside.front().length, kBits});
  const Key key = inside.front().key & first_bits<Key>(common);
  Slot within = inherited;
  if (inside.front().length == common) {
    within = inside.front().value;
    NTP_ASSERT(within < kNothing);
    inside = inside.subspan(1);
  }
  // What matches everywhere needs no branch of its own.
  if (common == 0 && within != inherited) return grow(inside, within);

  Branch branch{.key = key, .mask = first_bits<Key>(common), .fallback = inherited};
  const unsigned taken = inside.empty() ? 0 : choose_taken<Key, kMaxTaken>(inside, common);
  if (taken > 0) branch.shift = static_cast<std::uint8_t>(kBits - common - taken);
  branch.slot_mask = (1U << taken) - 1;
  branch.first_slot = fill(inside, common, taken, within);
  branches_.push_back(branch);
  NTP_ASSERT(branches_.size() < kIsBranch);
  return kIsBranch | static_cast<Slot>(branches_.size() - 1);
}

// Four arguments, as a branch has them; a struct would say no more.
template <class Key>
std::uint32_t PrefixTree<Key>::fill(std::span<const Prefix> inside, unsigned common, unsigned taken, Slot inherited) {
  const std::size_t first = slots_.size();
  slots_.resize(first + (std::size_t{1} << taken), inherited);
  const auto slot_of = [&](const Prefix& prefix) {
    return static_cast<std::size_t>(prefix.key >> (kBits - common - taken)) & ((std::size_t{1} << taken) - 1);
  };
  for (std::size_t i = 0; i < inside.size();) {
    const Prefix& prefix = inside[i];
    const std::size_t slot = slot_of(prefix);
    if (prefix.length <= common + taken) {
      const std::size_t covered = std::size_t{1} << (common + taken - prefix.length);
      std::fill_n(slots_.begin() + static_cast<std::ptrdiff_t>(first + slot), covered, prefix.value);
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < inside.size() && slot_of(inside[end]) == slot) ++end;
    const Slot grown = grow(inside.subspan(i, end - i), slots_[first + slot]);
    slots_[first + slot] = grown;
    i = end;
  }
  return static_cast<std::uint32_t>(first);
}

template class PrefixTree<std::uint32_t>;
template class PrefixTree<Uint128>;

}  // namespace ntp::policy
