// SPDX-License-Identifier: BSD-2-Clause
//
// Typed lines carried out, one after the other, and what they give printed as text or as JSON.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/ntpq/context.h"

namespace ntp::ntpq {

/// Where text goes.
struct Streams {
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> error;
};

enum class Ended : std::uint8_t { well, badly };

/// One typed line. Badly: there was a message on `error`, or in JSON.
Ended execute(Context& context, std::string_view line, const Streams& streams);

/// All commands at each host; an empty line between two of either, as the reference implementation prints it.
Ended execute_all(Context& context, const std::vector<std::string>& hosts, const std::vector<std::string>& lines,
                  const Streams& streams);

}  // namespace ntp::ntpq
