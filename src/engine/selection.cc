// SPDX-License-Identifier: BSD-2-Clause
#include "engine/selection.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "engine/constants.h"

namespace ntp::engine {
namespace {

struct Edge {
  double at_s = 0;
  int type = 0;  ///< +1 lower end, 0 midpoint, -1 upper end
};

std::vector<Edge> sorted_edges(std::span<const Candidate> candidates) {
  std::vector<Edge> edges;
  edges.reserve(candidates.size() * 3);
  for (const Candidate& c : candidates) {
    edges.push_back({c.offset_s - c.root_distance_s, +1});
    edges.push_back({c.offset_s, 0});
    edges.push_back({c.offset_s + c.root_distance_s, -1});
  }
  // Intervals that only touch do meet: of equal places the lower ends come first.
  std::sort(edges.begin(), edges.end(),
            [](const Edge& a, const Edge& b) { return a.at_s != b.at_s ? a.at_s < b.at_s : a.type > b.type; });
  return edges;
}

struct Scan {
  std::optional<double> end_s;  ///< where `wanted` intervals overlap for the first time
  std::size_t midpoints_passed = 0;
};

template <class Iterator>
Scan scan(Iterator first, const Iterator& last, int sign, int wanted) {
  Scan result;
  int overlap = 0;
  for (; first != last; ++first) {
    overlap += sign * first->type;
    if (overlap >= wanted) {
      result.end_s = first->at_s;
      return result;
    }
    if (first->type == 0) ++result.midpoints_passed;
  }
  return result;
}

/// How much a survivor's offset differs from the others'.
double select_jitter_s(const std::vector<Candidate>& survivors, const Candidate& of) {
  if (survivors.size() < 2) return 0;
  double squares = 0;
  for (const Candidate& other : survivors) squares += std::pow(other.offset_s - of.offset_s, 2);
  return std::sqrt(squares / static_cast<double>(survivors.size() - 1));
}

}  // namespace

std::optional<Interval> intersect(std::span<const Candidate> candidates) {
  const std::vector<Edge> edges = sorted_edges(candidates);
  const std::size_t n = candidates.size();
  for (std::size_t allowed = 0; 2 * allowed < n; ++allowed) {
    const int wanted = static_cast<int>(n - allowed);
    const Scan low = scan(edges.begin(), edges.end(), +1, wanted);
    const Scan high = scan(edges.rbegin(), edges.rend(), -1, wanted);
    if (!low.end_s || !high.end_s) continue;
    if (low.midpoints_passed + high.midpoints_passed > allowed) continue;
    if (*low.end_s <= *high.end_s) return Interval{*low.end_s, *high.end_s};
  }
  return std::nullopt;
}

bool is_truechimer(const Candidate& candidate, const Interval& intersection) {
  return candidate.offset_s - candidate.root_distance_s <= intersection.high_s &&
         candidate.offset_s + candidate.root_distance_s >= intersection.low_s;
}

Cluster cluster(std::span<const Candidate> truechimers, const ClusterLimits& limits) {
  Cluster result;
  result.survivors.assign(truechimers.begin(), truechimers.end());
  const auto merit = [&](const Candidate& c) { return c.stratum * limits.max_distance_s + c.root_distance_s; };
  std::sort(result.survivors.begin(), result.survivors.end(), [&](const Candidate& a, const Candidate& b) {
    return merit(a) != merit(b) ? merit(a) < merit(b) : a.index < b.index;
  });

  for (;;) {
    auto& survivors = result.survivors;
    std::size_t worst = 0;
    double worst_weight = -1;
    double worst_jitter_s = 0;
    double least_peer_jitter_s = kMaxDispersion_s;
    for (std::size_t i = 0; i < survivors.size(); ++i) {
      const double jitter_s = select_jitter_s(survivors, survivors[i]);
      least_peer_jitter_s = std::min(least_peer_jitter_s, survivors[i].jitter_s);
      if (jitter_s * survivors[i].root_distance_s > worst_weight) {
        worst_weight = jitter_s * survivors[i].root_distance_s;
        worst_jitter_s = jitter_s;
        worst = i;
      }
    }
    result.select_jitter_s = worst_jitter_s;
    const bool is_small = survivors.size() <= static_cast<std::size_t>(std::max(1, limits.min_clock));
    if (is_small || worst_jitter_s <= least_peer_jitter_s || survivors[worst].is_preferred ||
        survivors[worst].is_always_true)
      return result;
    result.outliers.push_back(survivors[worst].index);
    survivors.erase(survivors.begin() + static_cast<std::ptrdiff_t>(worst));
  }
}

Combined combine(const Cluster& cluster) {
  NTP_ASSERT(!cluster.survivors.empty());
  const Candidate& first = cluster.survivors.front();
  double weights = 0;
  double offset_s = 0;
  double squares = 0;
  for (const Candidate& c : cluster.survivors) {
    const double weight = 1.0 / c.root_distance_s;
    weights += weight;
    offset_s += weight * c.offset_s;
    squares += weight * std::pow(c.offset_s - first.offset_s, 2);
  }
  const double spread_squared = squares / weights + std::pow(cluster.select_jitter_s, 2);
  return {.offset_s = offset_s / weights, .jitter_s = std::max(std::sqrt(spread_squared), first.jitter_s)};
}

}  // namespace ntp::engine
