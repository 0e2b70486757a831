// SPDX-License-Identifier: BSD-2-Clause
//
// From restrict lines to the rules that packets are judged by: lines are applied in their order, names are replaced by their
// addresses, sources get the rule that `restrict source` says, and a family without a default gets the built-in one.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "config/model.h"
#include "policy/access_list.h"

namespace ntp::daemon {

/// A host name of a restrict line, and the family that the line wants of it.
struct HostName {
  std::string name;
  std::optional<Family> family;

  friend auto operator<=>(const HostName&, const HostName&) = default;
};
/// What the names stand for now. A name that isn't here has no address yet.
using HostAddresses = std::map<HostName, std::vector<Address>>;

/// What strangers may do where no `restrict default` line says it: ask for the time. Queries and changes are for this host.
inline constexpr policy::Access kBuiltInDefault = policy::Access::limited | policy::Access::kod |
                                                  policy::Access::nomodify | policy::Access::noquery |
                                                  policy::Access::nopeer | policy::Access::notrap;

/// One rule for each address, mask and ntpport. `sources` are the addresses of the associations.
///
/// As the reference implementation does it: restrict adds its flags to an equal rule; unrestrict with flags takes them
/// from an equal rule and does nothing without one; the last `restrict source` counts, and where a line names an address by
/// itself, that line alone holds for it. The built-in default goes by a line of its own, can be changed by unrestrict, and
/// comes back when that line is removed.
[[nodiscard]] std::vector<policy::AccessRule> access_rules(std::span<const config::Restrict> lines,
                                                           const HostAddresses& hosts,
                                                           std::span<const Address> sources);

/// What to tell whoever relies on everything being open without a `restrict default` line: the rules in force instead, as
/// unrestrict has left them, and which line opens them. Nothing where both families have such a line, or are open.
[[nodiscard]] std::optional<std::string> built_in_notice(std::span<const config::Restrict> lines);

/// What to tell whoever writes a default that leaves queries (ntpq) open to everybody, as configurations of the reference
/// implementation do that count on it; and which word closes them.
[[nodiscard]] std::optional<std::string> open_notice(std::span<const config::Restrict> lines);

/// Whether the lines want a rule for every source.
[[nodiscard]] bool has_source_rule(std::span<const config::Restrict> lines);

}  // namespace ntp::daemon
