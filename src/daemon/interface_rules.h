// SPDX-License-Identifier: BSD-2-Clause
//
// interface / nic lines and -I: which of the host's addresses serve.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "config/model.h"
#include "net/interfaces.h"

namespace ntp::daemon {

/// True if a socket is to be opened on `address`. The last matching rule decides; without one an address is served.
[[nodiscard]] bool is_served(const net::LocalAddress& address, std::span<const config::InterfaceRule> rules);

/// What to bind: without rules the wildcard of each family, else each address that is served.
[[nodiscard]] std::vector<Address> listening_addresses(std::span<const net::LocalAddress> addresses,
                                                       std::span<const config::InterfaceRule> rules);

/// -I WORD as a rule: an address with an optional prefix length, or an interface's name. An error is a message for the user.
[[nodiscard]] std::expected<config::InterfaceRule, std::string> rule_of_option(const std::string& word);

}  // namespace ntp::daemon
