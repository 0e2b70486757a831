// SPDX-License-Identifier: BSD-2-Clause
//
// Text as a JSON string (RFC 8259 section 7).
#pragma once

#include <string>
#include <string_view>

namespace ntp {

/// What stands between the quotes. Octets that are no UTF-8 become U+FFFD, so that the whole stays valid whatever a file held.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace ntp
