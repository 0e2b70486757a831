// SPDX-License-Identifier: BSD-2-Clause
//
// restrict and unrestrict lines, as text.
#pragma once

#include <span>
#include <string>

#include "config/model.h"

namespace ntp::config {

/// One line each, in their order; what `restrict default` made for both families becomes one line again.
std::string restrict_lines(std::span<const Restrict> restricts);

}  // namespace ntp::config
