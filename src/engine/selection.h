// SPDX-License-Identifier: BSD-2-Clause
//
// Which clocks are right, and what they say together: intersection, clustering, combining (RFC 5905 section 11.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ntp::engine {

/// A source that passed its own tests.
struct Candidate {
  std::size_t index = 0;       ///< the caller's number for it
  double offset_s = 0;         ///< theta
  double root_distance_s = 0;  ///< lambda
  double jitter_s = 0;         ///< psi
  std::uint8_t stratum = 16;
  bool is_preferred = false;
  bool is_always_true = false;
};

struct Interval {
  double low_s = 0;
  double high_s = 0;
};

/// The smallest interval that holds a point of each of more than half of the candidates' correctness intervals
/// [theta - lambda, theta + lambda], with no more midpoints outside than falsetickers are allowed. Nothing without a majority.
[[nodiscard]] std::optional<Interval> intersect(std::span<const Candidate> candidates);

/// True if the candidate's correctness interval meets the intersection.
[[nodiscard]] bool is_truechimer(const Candidate& candidate, const Interval& intersection);

struct ClusterLimits {
  int min_clock = 3;
  double max_distance_s = 1.5;
};

struct Cluster {
  std::vector<Candidate> survivors;   ///< best merit first
  std::vector<std::size_t> outliers;  ///< indices, in the order in which they went
  double select_jitter_s = 0;         ///< of the worst survivor against the others
};

/// Casts the outliers off, worst first, until no more than min_clock are left or casting off would gain nothing.
[[nodiscard]] Cluster cluster(std::span<const Candidate> truechimers, const ClusterLimits& limits);

struct Combined {
  double offset_s = 0;
  double jitter_s = 0;  ///< weighted spread about the first survivor, with the selection jitter
};

/// Weighted by 1 / root distance; survivors must not be empty.
[[nodiscard]] Combined combine(const Cluster& cluster);

}  // namespace ntp::engine
