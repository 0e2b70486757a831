// SPDX-License-Identifier: BSD-2-Clause
//
// Names to addresses and back, for programs that may wait. For one thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"

namespace ntp::client {

/// Addresses of a name or of a numeric address ("fe80::1%eth0", "[::1]", "[::1]:123", "192.0.2.1:123" with a port of their
/// own), in the system's order; an error says which name and why.
[[nodiscard]] std::expected<std::vector<Endpoint>, std::string> find_hosts(const std::string& name,
                                                                           std::optional<Family> family,
                                                                           std::uint16_t port = 123);
/// The name of an address; the address as text if it has none, or if it isn't known within a second. Asked once for each;
/// after three that took too long, or five seconds in all, nothing is asked any more.
[[nodiscard]] std::string name_of(const Address& address);

}  // namespace ntp::client
