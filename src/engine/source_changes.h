// SPDX-License-Identifier: BSD-2-Clause
//
// What a new configuration did to the sources.
#pragma once

#include <cstddef>

namespace ntp::engine {

/// Lines, not associations: a pool is one.
struct SourceChanges {
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t changed = 0;    ///< other options; association and samples are the old ones
  std::size_t restarted = 0;  ///< another key: what was measured under the old one is void
  std::size_t unchanged = 0;

  [[nodiscard]] constexpr bool is_none() const { return added + removed + changed + restarted == 0; }
  friend bool operator==(const SourceChanges&, const SourceChanges&) = default;
};

}  // namespace ntp::engine
