// SPDX-License-Identifier: BSD-2-Clause
//
// Numbers as ntpdc prints them.
#pragma once

#include <cstdint>
#include <string>

namespace ntp::tools::ntpdc {

enum class Plus : std::uint8_t { omitted, shown };

/// With so many digits behind the point, halves rounded away from zero: "0.00003", "+0.000017", "-0.049988".
[[nodiscard]] std::string decimal(double value, int digits, Plus plus = Plus::omitted);

}  // namespace ntp::tools::ntpdc
