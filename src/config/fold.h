// SPDX-License-Identifier: BSD-2-Clause
//
// Restrict lines that are added one after the other, as few lines: what a later line does to an earlier one of the same rule is
// done in place. (Where a name and a line for one of its addresses meet, the later one may lose its place.)
#pragma once

#include <span>
#include <vector>

#include "config/model.h"

namespace ntp::config {

/// The same rules in as few lines.
[[nodiscard]] std::vector<Restrict> folded(std::span<const Restrict> lines);

/// `lines` with the added ones behind them; those of the rules that are named in `added` are folded. `lines` as they are if that
/// changes no rule. Takes time for each line once.
[[nodiscard]] std::vector<Restrict> folded_onto(const std::vector<Restrict>& lines, std::span<const Restrict> added);

}  // namespace ntp::config
