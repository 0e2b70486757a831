// SPDX-License-Identifier: BSD-2-Clause
//
// The flags of restrict lines as mode 7 numbers them, which differs from what lists of clients show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "policy/access_list.h"

namespace ntp::control {

/// What the wire has no bit for is left out.
[[nodiscard]] std::uint16_t wire_flags(policy::Access flags);
/// The words of a restrict line, each with a blank before it; nothing if a bit means nothing.
[[nodiscard]] std::optional<std::string> words_of(std::uint16_t wire_flags);

}  // namespace ntp::control
