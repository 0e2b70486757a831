// SPDX-License-Identifier: BSD-2-Clause
//
// One function for each command that works: reads the arguments, then changes the configuration; never half of it.
#pragma once

#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "config/arguments.h"
#include "config/model.h"
#include "config/parser.h"

namespace ntp::config {

using Handled = std::expected<void, Fault>;

// associations.cc
Handled handle_server(Arguments& arguments, Config& config);
Handled handle_pool(Arguments& arguments, Config& config);

// reference_clocks.cc
Handled handle_fudge(Arguments& arguments, Config& config);
Handled handle_refclock(Arguments& arguments, Config& config);

// access.cc
Handled handle_restrict(Arguments& arguments, Config& config);
Handled handle_unrestrict(Arguments& arguments, Config& config);
Handled handle_delrestrict(Arguments& arguments, Config& config);

// limits.cc
Handled handle_discard(Arguments& arguments, Config& config);
Handled handle_limit(Arguments& arguments, Config& config);
Handled handle_mru(Arguments& arguments, Config& config);

// interfaces.cc
Handled handle_interface(Arguments& arguments, Config& config);

// authentication.cc
Handled handle_keys(Arguments& arguments, Config& config);
Handled handle_trustedkey(Arguments& arguments, Config& config);
/// controlkey and requestkey.
Handled handle_key_id(Arguments& arguments, Config& config);
Handled handle_crypto(Arguments& arguments, Config& config);
Handled handle_nts(Arguments& arguments, Config& config);

// settings.cc
Handled handle_tos(Arguments& arguments, Config& config);
Handled handle_tinker(Arguments& arguments, Config& config);
Handled handle_driftfile(Arguments& arguments, Config& config);
Handled handle_pidfile(Arguments& arguments, Config& config);
Handled handle_logfile(Arguments& arguments, Config& config);
Handled handle_logconfig(Arguments& arguments, Config& config);
/// enable and disable.
Handled handle_switches(Arguments& arguments, Config& config);

// leap.cc
Handled handle_leapfile(Arguments& arguments, Config& config);
Handled handle_leapsmearinterval(Arguments& arguments, Config& config);

// variables.cc
Handled handle_setvar(Arguments& arguments, Config& config);

// statistics.cc
Handled handle_statsdir(Arguments& arguments, Config& config);
Handled handle_statistics(Arguments& arguments, Config& config);
Handled handle_filegen(Arguments& arguments, Config& config);

// control.cc
Handled handle_trap(Arguments& arguments, Config& config);
Handled handle_saveconfigdir(Arguments& arguments, Config& config);
/// reset: the names of its options.
std::expected<std::vector<std::string_view>, Fault> take_resets(Arguments& arguments);
/// unpeer and unconfig: by the name or address of a line, or by what `sources` know.
Handled remove_association(Arguments& arguments, Config& config, std::span<const KnownSource> sources);

// temperature.cc
Handled handle_tempcomp(Arguments& arguments, Config& config);

}  // namespace ntp::config
