// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpq's "why" says: the reason of the clock's state and of each source's, in words, and what changed lately.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/ntpq/explain.h"
#include "tools/ntpq/result.h"

namespace ntp::ntpq {

struct WhySource {
  std::uint16_t association_id = 0;
  std::uint16_t status = 0;  ///< the peer status word
  std::string address;
  std::string text;
};

struct WhyChange {
  std::string time;                  ///< "2026-11-21T19:45:42Z"
  std::uint16_t association_id = 0;  ///< 0: the clock
  std::string text;

  friend bool operator==(const WhyChange&, const WhyChange&) = default;
};

struct WhyReport {
  std::optional<std::string> clock;
  bool is_told = false;  ///< by the server; false: read from its status and flash words
  std::vector<WhySource> sources;
  std::vector<WhyChange> changes;  ///< oldest first
};

/// Most changes that are taken of one answer.
inline constexpr std::size_t kMostWhyChanges = 256;

/// Asks for all, for one association, or (0) for the clock alone.
[[nodiscard]] std::expected<WhyReport, client::ControlFailure> gather_why(const Ask& ask,
                                                                          std::optional<std::uint16_t> only);

/// "TIME ASSOCIATION TEXT", with " | " between them (docs/control.md); what has another form is left out.
[[nodiscard]] std::vector<WhyChange> parse_changes(std::string_view text);

/// What an address is called.
using NameOf = std::function<std::string(const std::string& address)>;

/// Rows for people and for JSON. Of the clock and of each source: associd, subject, why, and is_told (false: not the server's
/// own words); of a source also address, tally and status. Of a change: time, associd, subject and change.
[[nodiscard]] Table why_table(const WhyReport& report, const NameOf& name_of);

}  // namespace ntp::ntpq
