// SPDX-License-Identifier: BSD-2-Clause
//
// What symmetric keys were used for, in the words of authinfo and of the control variables auth*.
#pragma once

#include <cstdint>

namespace ntp::state {

struct KeyUse {
  std::uint64_t lookups = 0;
  std::uint64_t not_found = 0;  ///< or not trusted
  std::uint64_t signed_packets = 0;
  std::uint64_t verified_packets = 0;  ///< rightly or wrongly signed

  KeyUse& operator+=(const KeyUse& other) {
    lookups += other.lookups;
    not_found += other.not_found;
    signed_packets += other.signed_packets;
    verified_packets += other.verified_packets;
    return *this;
  }
  /// What came since `earlier`.
  [[nodiscard]] KeyUse since(const KeyUse& earlier) const {
    return {.lookups = lookups - earlier.lookups,
            .not_found = not_found - earlier.not_found,
            .signed_packets = signed_packets - earlier.signed_packets,
            .verified_packets = verified_packets - earlier.verified_packets};
  }
  friend bool operator==(const KeyUse&, const KeyUse&) = default;
};

}  // namespace ntp::state
