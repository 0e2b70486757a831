// SPDX-License-Identifier: BSD-2-Clause
//
// What several tools read from their command lines in the same way. Errors are messages for the user.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "client/control_session.h"
#include "client/options.h"
#include "client/time_exchange.h"

namespace ntp::client {

/// Of the options ipv4 and ipv6; nothing: either.
[[nodiscard]] std::expected<std::optional<Family>, std::string> family_of(const Arguments& arguments);

/// The host of the option `host` or of the one plain argument.
[[nodiscard]] std::expected<std::string, std::string> host_of(const Arguments& arguments,
                                                              const std::string& otherwise = "localhost");

/// The key whose number the option `id_option` gives, from the file of `keyfile` or the first of the usual ones. key_id 0: none
/// is asked for.
[[nodiscard]] std::expected<Credentials, std::string> key_of(const Arguments& arguments, std::string_view id_option);

/// Addresses of the hosts to ask, each address once.
struct FoundServers {
  std::vector<TimeServer> servers;
  std::vector<std::string> problems;  ///< one a name that has none
};
enum class AddressesOfName : bool { first, all };
[[nodiscard]] FoundServers find_servers(const std::vector<std::string>& names, std::optional<Family> family,
                                        AddressesOfName which);

}  // namespace ntp::client
