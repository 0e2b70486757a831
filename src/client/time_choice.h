// SPDX-License-Identifier: BSD-2-Clause
//
// Which of several servers to believe, for programs that set the clock once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "client/time_exchange.h"

namespace ntp::client {

struct TimeChoice {
  std::size_t index = 0;     ///< of the outcome
  bool is_disputed = false;  ///< there is another server, it says otherwise, and nobody else is there to decide
};

enum class NoChoice : std::uint8_t {
  none_usable,
  no_majority,  ///< three or more, and no time that more than half of them agree on
};

/// The server of the lowest stratum, then of the least root distance, of those that more than half agree with.
[[nodiscard]] std::expected<TimeChoice, NoChoice> choose(std::span<const TimeOutcome> outcomes);

}  // namespace ntp::client
