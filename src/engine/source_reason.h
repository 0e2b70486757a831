// SPDX-License-Identifier: BSD-2-Clause
//
// Why a source is, or is not, among those whose time is used: what mitigation decided, and what keeps a source from getting there.
#pragma once

#include "engine/association.h"
#include "state/view.h"

namespace ntp::engine {

[[nodiscard]] state::SourceReason reason_of(const Association& association, const Now& now);

}  // namespace ntp::engine
