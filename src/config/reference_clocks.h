// SPDX-License-Identifier: BSD-2-Clause
//
// Addresses of reference clocks (127.127.t.u) and the names of their drivers.
#pragma once

#include <string>
#include <string_view>

#include "config/handlers.h"

namespace ntp::config {

inline constexpr std::string_view kDriversAreLater =
    "reference clocks other than the local clock (127.127.1.u) are not part of this version";

/// True for 127.127.1.u.
bool is_local_clock(const Address& clock);

/// "type 28: shared memory" of the clock at this address.
std::string driver_text(const Address& clock);

/// Appends the association unless there is one of this kind, name and family already.
Handled add_association(Arguments& arguments, const Token& at, Server server, Config& config);

}  // namespace ntp::config
