// SPDX-License-Identifier: BSD-2-Clause
//
// What the kernel says of its clock, for people: read, never changed.
#pragma once

#include <optional>

#include "state/host_view.h"

struct timex;

namespace ntp::clock {

/// In the units of the view; the kernel's own depend on its status (adjtimex(2)).
[[nodiscard]] state::KernelView kernel_view_of(const timex& kernel);

/// Nothing where the kernel doesn't tell.
[[nodiscard]] std::optional<state::KernelView> read_kernel();

}  // namespace ntp::clock
