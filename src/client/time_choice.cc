// SPDX-License-Identifier: BSD-2-Clause
#include "client/time_choice.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "engine/constants.h"
#include "engine/selection.h"

namespace ntp::client {

std::expected<TimeChoice, NoChoice> choose(std::span<const TimeOutcome> outcomes) {
  std::vector<engine::Candidate> candidates;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const TimeAnswer* const best = outcomes[i].best();
    if (best == nullptr) continue;
    // As in the daemon's selection: what a reference clock promises of itself is narrower than paths are even.
    candidates.push_back({.index = i,
                          .offset_s = best->sample->offset_s,
                          .root_distance_s = std::max(best->sample->root_distance_s, engine::kMinDistance_s),
                          .stratum = best->header.stratum});
  }
  if (candidates.empty()) return std::unexpected(NoChoice::none_usable);
  const auto agreed = engine::intersect(candidates);
  if (!agreed && candidates.size() > 2) return std::unexpected(NoChoice::no_majority);
  if (agreed) std::erase_if(candidates, [&](const auto& one) { return !engine::is_truechimer(one, *agreed); });
  const auto best = std::ranges::min_element(
      candidates, {}, [](const auto& one) { return std::tuple(one.stratum, one.root_distance_s); });
  return TimeChoice{.index = best->index, .is_disputed = !agreed};
}

}  // namespace ntp::client
