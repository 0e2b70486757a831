// SPDX-License-Identifier: BSD-2-Clause
//
// The pages of ntpq --watch besides the first: a source in detail, the clients, the keys.
#pragma once

#include <cstddef>
#include <string>

#include "tools/ntpq/watch_page.h"

namespace ntp::ntpq {

struct PageExtent {
  std::size_t most_scroll = 0;
  std::size_t lines = 0;
};

/// The model's page, from its scroll on, in at most `rows` lines.
PageExtent add_scrolled_page(Page& page, const WatchModel& model, std::size_t rows);

/// "offsets -3.1 us to +5.0 us in the last 20 measurements"
[[nodiscard]] std::string offsets_range(const WatchedSource& source);

}  // namespace ntp::ntpq
