// SPDX-License-Identifier: BSD-2-Clause
//
// What a host may be called, and the words of restrict lines that are no hosts.
#pragma once

#include <array>
#include <string_view>

#include "policy/access_list.h"

namespace ntp::config {

/// Letters, digits, dots, hyphens and underscores; no hyphen in front (that is an option).
bool is_host_name(std::string_view name);
/// fe80::1%eth0: an address whose scope only the system can resolve.
bool is_scoped_address(std::string_view name);
/// Only digits and dots: a mistyped address, never a name.
bool looks_numeric(std::string_view name);

/// Targets of restrict lines that are keywords. A host whose name is one of them, or nearly, stands in quotes.
inline constexpr std::array<std::string_view, 2> kRestrictWords{"default", "source"};

struct RestrictFlag {
  std::string_view name;
  policy::Access flag;
};
/// mssntp is kept although nothing comes of it: whoever reads the configuration sees what was meant.
inline constexpr auto kRestrictFlags = std::to_array<RestrictFlag>({
    {"ignore", policy::Access::ignore},
    {"noserve", policy::Access::noserve},
    {"noquery", policy::Access::noquery},
    {"nomodify", policy::Access::nomodify},
    {"notrap", policy::Access::notrap},
    {"lowpriotrap", policy::Access::lowpriotrap},
    {"nomrulist", policy::Access::nomrulist},
    {"nopeer", policy::Access::nopeer},
    {"noepeer", policy::Access::noepeer},
    {"notrust", policy::Access::notrust},
    {"version", policy::Access::version},
    {"limited", policy::Access::limited},
    {"kod", policy::Access::kod},
    {"mssntp", policy::Access::mssntp},
    {"flake", policy::Access::flake},
    {"amplify", policy::Access::amplify},
    {"replayable", policy::Access::replayable},
});

constexpr policy::Access without(policy::Access set, policy::Access bits) {
  return static_cast<policy::Access>(static_cast<unsigned>(set) & ~static_cast<unsigned>(bits));
}

}  // namespace ntp::config
