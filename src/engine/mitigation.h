// SPDX-License-Identifier: BSD-2-Clause
//
// From all sources to one offset: which may be followed, which are right, who leads (RFC 5905 section 11.2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/association.h"
#include "engine/selection.h"

namespace ntp::engine {

/// How the sources that agree become one offset.
enum class Combining : std::uint8_t {
  clustered,  ///< outliers are cast off, the rest is averaged (RFC 5905 sections 11.2.2 and 11.2.3)
  joint,      ///< all that agree go to the clock estimator, which knows their noise
};

struct MitigationContext {
  RawTime now;
  Correction correction;
  double dispersion_rate = kFrequencyTolerance;
  const SelectionSettings* selection = nullptr;
  const OwnNames* own = nullptr;
  bool is_orphaned = false;  ///< other sources have been gone for long enough: the local clock and orphans may lead
  bool must_wait_for_more = false;  ///< at start: only if more than half of all sources agree
  std::size_t unresolved = 0;       ///< sources that have no address yet, for the line above
  Combining combining = Combining::clustered;
};

/// What the last look for a majority found.
struct Majority {
  std::optional<Interval> interval;  ///< none: too few agree
  std::size_t size = 0;              ///< sources that agree
  std::size_t of = 0;                ///< sources that had a say
};

struct SystemChoice {
  Association* peer = nullptr;  ///< leads: stratum, refid, root delay and dispersion come from it
  double offset_s = 0;          ///< against the system clock; the estimator fills it in
  double jitter_s = 0;
  wire::Leap leap = wire::Leap::none;
  std::size_t survivors = 0;
  bool is_makeshift = false;           ///< the local clock or an orphan leads, for want of others
  std::vector<Association*> followed;  ///< the sources that the estimator is to follow (Combining::joint)
};

/// Remembers who led, so that the lead doesn't hop between equals.
class Mitigation {
 public:
  /// Sets each association's flash (peer tests) and selection; gives the choice, or nothing without a majority.
  std::optional<SystemChoice> choose(Associations associations, const MitigationContext& context);
  /// Why there was no choice, for people.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const Majority& majority() const { return majority_; }
  void forget() {
    last_peer_.reset();
    majority_ = {};
  }
  [[nodiscard]] std::optional<AssociationId> last_peer() const { return last_peer_; }

 private:
  std::optional<SystemChoice> decide(Associations associations, const MitigationContext& context);
  SystemChoice choose_jointly(Associations associations, std::vector<Candidate>& truechimers,
                              const MitigationContext& context);
  SystemChoice choose_clustered(Associations associations, const std::vector<Candidate>& truechimers,
                                const MitigationContext& context);
  Association* lead(const std::vector<Association*>& survivors, const MitigationContext& context);

  std::optional<AssociationId> last_peer_;
  double hop_threshold_s_ = 0;
  std::string reason_;
  Majority majority_;
  state::SourceReason undecided_ = state::SourceReason::no_majority;  ///< of who is well while there is no choice
};

}  // namespace ntp::engine
