// SPDX-License-Identifier: BSD-2-Clause
//
// Addresses and reference ids as people know them: reference clocks by name, hosts by name where that is wanted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "tools/ntpq/context.h"

namespace ntp::ntpq {

/// "LOCAL(0)" of 127.127.1.0; nothing for what is no reference clock.
[[nodiscard]] std::optional<std::string> clock_name(const Address& address);
/// An address, with or without a port behind it ("192.0.2.1", "[::1]:123", "10.0.0.1:123").
[[nodiscard]] std::optional<Endpoint> parse_place(std::string_view text);
/// A reference clock's name, the host's name where names are shown, else the address.
[[nodiscard]] std::string host_text(const Context& context, const Address& address);
/// How a billboard has a reference id: an address, "LOCAL(0)", ".INIT.", or with `drefid hash` eight digits of an address.
[[nodiscard]] std::string refid_text(const Context& context, std::string_view value);

}  // namespace ntp::ntpq
