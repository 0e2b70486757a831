// SPDX-License-Identifier: BSD-2-Clause
//
// In words, why a source or the clock is in its state, for servers that don't say it themselves: from the status word, the
// flash word and what else any server tells.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "client/control_session.h"
#include "client/variables.h"

namespace ntp::ntpq {

/// Asks a server: a session's ask(), or what a test answers.
using Ask = std::function<std::expected<client::ControlAnswer, client::ControlFailure>(const client::ControlRequest&)>;

/// `status`: the peer status word.
[[nodiscard]] std::string explain_source(std::uint16_t status, const std::vector<client::Variable>& variables);

/// `statuses`: the peer status words of all sources.
[[nodiscard]] std::string explain_clock(const std::vector<client::Variable>& variables,
                                        const std::vector<std::uint16_t>& statuses);

/// What a failure is called in a sentence: ntpq's words without its stars.
[[nodiscard]] std::string failure_text(const client::ControlFailure& failure);

}  // namespace ntp::ntpq
