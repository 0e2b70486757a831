// SPDX-License-Identifier: BSD-2-Clause
//
// Orphan mode (tos orphan): hosts that have lost all their sources agree on one of them as parent, so that they drift together.
#pragma once

#include <cstdint>

#include "engine/association.h"
#include "engine/settings.h"

namespace ntp::engine {

/// What an orphan parent names as its reference: its own loopback address (or "LOOP" at stratum 1).
[[nodiscard]] wire::Refid orphan_refid(int stratum);

[[nodiscard]] constexpr bool has_orphan_mode(const SelectionSettings& settings) {
  return settings.orphan_stratum < kMaxStratum;
}

/// True if the source is no better than an orphan: it is followed for want of others only.
[[nodiscard]] bool is_orphan(const Association& source, const SelectionSettings& settings);

/// The rank of an address in the election: the reference identifier as a number; the least one becomes the parent. Both sides
/// of an association see the same two addresses, so they agree who is below the other, and no two follow each other.
[[nodiscard]] std::uint32_t orphan_rank(const Address& address);

/// True if this source may be the parent of this host. A follower is nobody's parent: between hosts with several addresses,
/// whose ranks differ from link to link, followers of followers could make a ring.
[[nodiscard]] bool may_be_parent(const Association& source, const SelectionSettings& settings);

}  // namespace ntp::engine
