// SPDX-License-Identifier: BSD-2-Clause
//
// Changes by mode 6: configuration text, the name of a file to save it to, variables of the operator's own.
#pragma once

#include <string_view>

#include "control/facts.h"
#include "control/reply.h"
#include "control/request.h"
#include "control/service.h"

namespace ntp::control {

/// The line that a write of another host begins with: "#nonce=HEX\n", a comment to whoever reads configuration.
struct NoncedText {
  std::string_view nonce;  ///< empty: there is none
  std::string_view text;   ///< what follows
};
NoncedText split_nonce(std::string_view data);

void configure(const Request& request, std::string_view text, Commands& commands, Answer& out);
/// The name goes to the commands as it was asked for, conversions and all (%Y, %j ...), once it has none but letters, digits, dots,
/// hyphens, underscores and percent signs.
void save_configuration(const Request& request, std::string_view text, const ServiceOptions& options,
                        Commands& commands, Answer& out);
/// Only variables that setvar made can be changed, and `leap` for the reference implementation's sake can not.
void write_variables(const Request& request, std::string_view text, Facts& facts, Commands& commands, Answer& out);

}  // namespace ntp::control
