// SPDX-License-Identifier: BSD-2-Clause
//
// Longest-prefix match in a radix tree whose paths and levels are compressed.
//
// A branch first compares all bits above it with its own (a path on which nothing forks costs one comparison), then takes as
// many bits at once as there are prefixes to fill the slots with. Prefixes that end among those bits stand in each slot that they
// cover, so that no step ever goes back:
//
//            10.0.0.0/8 a, 10.64.0.0/10 b, 10.65.7.0/24 c                    find(10.65.9.1): slot 1 -> compare fails -> b
//
//   [compare 10, take 2 bits] -- a | b, below it [compare 10.65.7] -- c | a | a      fallback of the right branch: b
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/wide.h"

namespace ntp::policy {

/// Key: std::uint32_t or Uint128, the first bit on the wire is the highest one. Immutable once built.
template <class Key>
class PrefixTree {
 public:
  static constexpr unsigned kBits = 8 * sizeof(Key);
  /// What find() gives where no prefix matches; greater than any value.
  static constexpr std::uint32_t kNothing = 0x7fffffff;

  struct Prefix {
    Key key{};  ///< zero beyond the length
    unsigned length = 0;
    std::uint32_t value = 0;
  };

  PrefixTree() = default;
  /// `prefixes` are sorted by key, then length; no two are equal.
  explicit PrefixTree(std::span<const Prefix> prefixes) : root_(grow(prefixes, kNothing)) {}

  /// The value of the longest prefix that `key` begins with. No allocation; as many steps as the tree is deep.
  [[nodiscard]] std::uint32_t find(Key key) const {
    Slot slot = root_;
    while ((slot & kIsBranch) != 0) {
      const Branch& branch = branches_[slot & ~kIsBranch];
      if ((key & branch.mask) != branch.key) return branch.fallback;
      slot = slots_[branch.first_slot + static_cast<std::uint32_t>((key >> branch.shift) & branch.slot_mask)];
    }
    return slot;
  }

 private:
  /// A value, or with the highest bit the number of a branch.
  using Slot = std::uint32_t;
  static constexpr Slot kIsBranch = 0x80000000;
  /// The most bits that one branch takes.
  static constexpr unsigned kMaxTaken = 16;

  /// Never across two cache lines.
  struct alignas(sizeof(Key) == 4 ? 32 : 64) Branch {
    Key key{};
    Key mask{};
    std::uint32_t first_slot = 0;
    std::uint32_t slot_mask = 0;
    Slot fallback = kNothing;
    std::uint8_t shift = 0;
  };

  /// What stands for `inside`, all of which lie below a slot that gives `inherited` elsewhere.
  Slot grow(std::span<const Prefix> inside, Slot inherited);
  /// The slots of a branch that takes `taken` bits after the first `common` ones; the number of the first.
  std::uint32_t fill(std::span<const Prefix> inside, unsigned common, unsigned taken, Slot inherited);

  std::vector<Branch> branches_;
  std::vector<Slot> slots_;
  Slot root_ = kNothing;
};

extern template class PrefixTree<std::uint32_t>;
extern template class PrefixTree<Uint128>;

}  // namespace ntp::policy
