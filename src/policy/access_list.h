// SPDX-License-Identifier: BSD-2-Clause
//
// The restrict lines: what an address may do here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/wide.h"
#include "policy/prefix_tree.h"

namespace ntp::policy {

/// Bits of a restrict line; the values are those the reference implementation shows (mrulist rstr, reslist). Those from 0x10000
/// on are ours, and shown by name alone.
enum class Access : std::uint32_t {
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
  amplify = 0x10000,     ///< control replies may be longer than their requests, as for a line of the sender's own
  replayable = 0x20000,  ///< proven changes need no nonce: for tools that know of none
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
  std::int32_t peer_limit = -1;  ///< ippeerlimit: most associations that an address may make here; < 0: any number
  bool is_of_source = false;     ///< made by restrict source: nobody has named the address

  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

/// True for a rule that somebody has written for this address and no other.
[[nodiscard]] bool is_for_one_host(const AccessRule& rule);

/// Immutable once built. One rule decides alone, the first that matches in the reference implementation's order: greater
/// address first, then greater mask, then ntpport. Among prefixes that is the longest one; a mask with holes stands where its address
/// puts it. Rules of equal address, mask and ntpport add their flags up.
/// A rule matches its own family only; an IPv4-mapped IPv6 address is an IPv6 address.
class AccessList {
 public:
  AccessList() = default;
  explicit AccessList(std::vector<AccessRule> rules);

  /// Flags for a packet from `remote`; none without a matching rule. No allocation; a search in a tree.
  [[nodiscard]] Access match(const Endpoint& remote) const {
    const auto rule = match_rule(remote);
    return rule ? flags_[*rule] : Access::none;
  }
  /// Which of rules() decides, for whoever counts how often each did.
  [[nodiscard]] std::optional<std::size_t> match_rule(const Endpoint& remote) const;

  /// Of one of rules().
  [[nodiscard]] Access flags_of(std::size_t rule) const { return flags_[rule]; }

  /// Merged, addresses cut to their masks, in the order in which they are compared: IPv4 first, of each family the greatest
  /// address first.
  [[nodiscard]] const std::vector<AccessRule>& rules() const { return rules_; }

 private:
  using Words = std::array<std::uint64_t, 2>;
  /// The rules that decide for the addresses of a prefix and of no longer one: numbers in rules_, or kNone.
  struct Decision {
    std::uint32_t from_any_port = kNone;
    std::uint32_t from_ntp_port = kNone;
  };
  /// A rule whose mask has holes.
  struct Holed {
    Words address{};
    Words mask{};
    std::uint32_t rule = 0;
    bool only_from_ntp_port = false;
  };
  /// The rules of one family.
  template <class Key>
  struct Table {
    std::vector<Decision> decisions;
    PrefixTree<Key> tree;      ///< of numbers in decisions
    std::vector<Holed> holed;  ///< in the order of rules_
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  template <class Key>
  void build(Table<Key>& table, Family family) const;
  template <class Key>
  [[nodiscard]] static std::uint32_t find(const Table<Key>& table, Key key, const Words& address, std::uint16_t port);

  std::vector<AccessRule> rules_;
  std::vector<Access> flags_;  ///< of each of rules_, close together
  Table<std::uint32_t> v4_;
  Table<Uint128> v6_;
};

/// The mask of a prefix length (0 to 32, or 0 to 128; the caller has checked that).
Address prefix_mask(Family family, unsigned length);

/// What a mask of the same family leaves of an address, without its scope.
Address cut_to_mask(const Address& address, const Address& mask);

}  // namespace ntp::policy
