// SPDX-License-Identifier: BSD-2-Clause
#include "net/net_error.h"

#include <system_error>

#include <fmt/format.h>

namespace ntp::net {

std::string NetError::text() const { return fmt::format("{}: {}", what, std::generic_category().message(os_error)); }

}  // namespace ntp::net
