// SPDX-License-Identifier: BSD-2-Clause
//
// The tables of ntpq --watch: sources in ntpq's columns with a drawing of each one's offsets, clients in mrulist's. Columns
// give way in an order of their own where the screen is narrow.
#pragma once

#include <cstddef>

#include "tools/ntpq/watch_page.h"

namespace ntp::ntpq {

/// The heading and at most `rows` sources; the selected one is among them.
void add_sources(Page& page, const WatchModel& model, std::size_t rows, Glyphs glyphs, const Moment& now);

/// The heading and at most `rows` clients, from the `first` newest on. The model has clients.
void add_clients(Page& page, const WatchModel& model, std::size_t first, std::size_t rows);

/// What a source is called in the table.
[[nodiscard]] std::string source_name(const WatchModel& model, const WatchedSource& source);

}  // namespace ntp::ntpq
