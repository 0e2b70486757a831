// SPDX-License-Identifier: BSD-2-Clause
//
// What the lines discard, limit, mru and "enable monitor" say, in the words of those who limit and count clients.
#pragma once

#include <memory>

#include "base/random.h"
#include "config/model.h"
#include "policy/client_table.h"

namespace ntp::daemon {

/// A discard line chooses the reference implementation's counter; a limit line then says nothing.
[[nodiscard]] policy::RateLimits rate_limits(const config::Config& config);

/// Whether all clients are counted. Those that are limited are in any case.
[[nodiscard]] bool is_monitoring(const config::Config& config);

/// How large the table is made: maxdepth clients or maxmem kB (the model holds one of them), without both 4096 kB.
[[nodiscard]] policy::ClientTable::Sizes client_table_sizes(const config::Mru& mru);

/// What the table may be asked for: mindepth and maxage.
[[nodiscard]] policy::ListedClients listed_clients(const config::Mru& mru);

/// With a secret of `random`. Where there is no memory for the size that the configuration wants, of the usual size.
[[nodiscard]] std::unique_ptr<policy::ClientTable> make_client_table(const config::Config& config, Random& random);

}  // namespace ntp::daemon
