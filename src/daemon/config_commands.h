// SPDX-License-Identifier: BSD-2-Clause
//
// --check-config and --saveconfigquit: what is done with a configuration instead of running it.
#pragma once

#include "daemon/options.h"

namespace ntp::daemon {

/// Prints every message, as text or JSON; the exit status says whether the configuration is clean.
int check_config(const Options& options);

/// Writes the effective configuration to a file ("-": standard output); 1 if there is none, or if it can't be written.
int save_config(const Options& options);

}  // namespace ntp::daemon
