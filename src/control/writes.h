// SPDX-License-Identifier: BSD-2-Clause
//
// Changes by mode 6: configuration text, the name of a file to save it to, variables of the operator's own.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
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

/// The name of a file in saveconfigdir: %Y %y %m %d %H %M %S (UTC) are replaced. Unexpected: the name that is refused, with
/// anything but letters, digits, dots, hyphens and underscores in it, with a dot or a hyphen at its start, empty or too long.
std::expected<std::string, std::string> saved_file_name(std::string_view asked, Timestamp now);

void configure(const Request& request, std::string_view text, Commands& commands, Answer& out);
void save_configuration(const Request& request, std::string_view text, const ServiceOptions& options,
                        Commands& commands, Answer& out);
/// Only variables that setvar made can be changed, and `leap` for the reference implementation's sake can not.
void write_variables(const Request& request, std::string_view text, Facts& facts, Commands& commands, Answer& out);

}  // namespace ntp::control
