// SPDX-License-Identifier: BSD-2-Clause
//
// The restrict lines: what an address may do here.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/address.h"

namespace ntp::policy {

/// Bits of a restrict line; the values are those the reference implementation shows (mrulist rstr, reslist).
enum class Access : std::uint16_t {
  none = 0,
  ignore = 0x1,
  noserve = 0x2,
  notrust = 0x4,
  version = 0x8,
  nopeer = 0x10,
  limited = 0x20,
  noquery = 0x40,
  nomodify = 0x80,
  notrap = 0x100,
  lowpriotrap = 0x200,
  kod = 0x400,
  mssntp = 0x800,
  flake = 0x1000,
  nomrulist = 0x2000,
  noepeer = 0x4000,
};

constexpr Access operator|(Access a, Access b) {
  // A set of flags is no single enumerator. NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  return static_cast<Access>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(Access set, Access bit) { return (static_cast<unsigned>(set) & static_cast<unsigned>(bit)) != 0; }

/// An address with a mask; the mask need not be contiguous. The scope of a link-local address plays no part.
struct AccessRule {
  Address address;
  Address mask;                     ///< same family; bits that are zero match anything
  bool only_from_ntp_port = false;  ///< ntpport: matches packets from port 123 alone
  Access flags = Access::none;

  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

/// Immutable once built. The most specific rule decides alone: most bits in the mask, then ntpport first, then the greater
/// mask (two masks that aren't prefixes can be equally long). Rules of equal address, mask and ntpport add their flags up.
/// A rule matches its own family only; an IPv4-mapped IPv6 address is an IPv6 address.
class AccessList {
 public:
  AccessList() = default;
  explicit AccessList(std::vector<AccessRule> rules);

  /// Flags for a packet from `remote`; none without a matching rule.
  [[nodiscard]] Access match(const Endpoint& remote) const;

  /// Merged, addresses cut to their masks, most specific first.
  [[nodiscard]] const std::vector<AccessRule>& rules() const { return rules_; }

 private:
  /// A rule as match() reads it: an address is two words, and IPv4 leaves the second one zero.
  struct Pattern {
    std::array<std::uint64_t, 2> address{};
    std::array<std::uint64_t, 2> mask{};
    Family family = Family::ipv4;
    bool only_from_ntp_port = false;
    Access flags = Access::none;
  };

  std::vector<AccessRule> rules_;
  std::vector<Pattern> patterns_;  ///< one for each of rules_
};

/// The mask of a prefix length (0 to 32, or 0 to 128; the caller has checked that).
Address prefix_mask(Family family, unsigned length);

}  // namespace ntp::policy
