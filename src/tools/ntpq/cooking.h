// SPDX-License-Identifier: BSD-2-Clause
//
// Variables in the units that people use: times as dates, reach in octal, offsets with their sign.
#pragma once

#include <string>
#include <vector>

#include "client/variables.h"
#include "tools/ntpq/context.h"
#include "tools/ntpq/result.h"

namespace ntp::ntpq {

[[nodiscard]] CookedVariable cooked(const Context& context, const client::Variable& variable);
[[nodiscard]] std::vector<CookedVariable> cooked(const Context& context,
                                                 const std::vector<client::Variable>& variables);
/// "eeab38c4.5a7bc448  Fri, Nov 20 2026 21:23:16.353" in this host's time zone; what is no stamp as it stands, with a '?'.
[[nodiscard]] std::string date_text(const Context& context, const std::string& stamp);
/// "client" of mode 3.
[[nodiscard]] std::string mode_text(const std::string& mode);

}  // namespace ntp::ntpq
