// SPDX-License-Identifier: BSD-2-Clause
//
// Keys that tools prove their requests with: from a keys file, or from what a person types.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/control_session.h"

namespace ntp::client {

/// Key `id` of a keys file. An error is a message for the user: what is wrong with the file, or which keys it has.
[[nodiscard]] std::expected<Credentials, std::string> key_of_file(const std::string& path, std::uint32_t id);
/// Where keys files lie if nobody says where: those that are there and may be read.
[[nodiscard]] std::vector<std::string> usual_keys_files();
/// A password as it stands in keys files: up to 20 characters are taken as they are, more are hexadecimal digits.
[[nodiscard]] std::expected<Credentials, std::string> key_of_password(std::uint32_t id, std::string_view type,
                                                                      std::string_view password);
/// "1 to 65535"; an error says that and what was given.
[[nodiscard]] std::expected<std::uint32_t, std::string> parse_key_id(std::string_view text);

}  // namespace ntp::client
