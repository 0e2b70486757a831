// SPDX-License-Identifier: BSD-2-Clause
//
// In words: why a source is in its state, and why the clock is. What ntpq's "why" and the log of changes say.
#pragma once

#include <cstdint>
#include <string>

#include "state/view.h"

namespace ntp::state {

/// One word a reason, the enumerator's own: for JSON and variables.
[[nodiscard]] const char* to_text(SourceReason reason);

/// "falseticker: its interval +12.1 to +12.3 ms misses the majority's -0.4 to +0.6 ms". Without the source's name; one line, no
/// full stop. Figures are those of the last time that the sources were judged.
[[nodiscard]] std::string to_text(const SourceView& source, const SystemView& system);

/// "following 192.0.2.1 (system peer) with 3 others: +0.3 ms, bound 4.1 ms"; or why_not_synchronized(), if it isn't.
[[nodiscard]] std::string why_clock(const View& view);

/// "not in sync: 1 of 3 servers reachable, minsane 2"; empty if the clock is synchronised.
[[nodiscard]] std::string why_not_synchronized(const View& view);

/// What the bits of a flash word say (RFC 9327 section 4), with "; " between them.
[[nodiscard]] std::string flash_text(std::uint32_t flash);

/// "+12.1 to +12.3 ms": an interval in the unit that suits its greater end.
[[nodiscard]] std::string interval_text(double low_s, double high_s);

}  // namespace ntp::state
