// SPDX-License-Identifier: BSD-2-Clause
//
// Convicts sources whose time drifts against the others'. Our own clock is the same for all of them and cancels out, so the
// comparison is sharp: microseconds where the path's delay would hide milliseconds. (docs/design/clock.md, "Drift")
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/ring.h"
#include "estimator/measurement.h"

namespace ntp::estimator {

/// What one source says of the clock, at the moment of a hearing.
struct Witness {
  SourceId id = 0;
  double offset_s = 0;
  double variance = 0;
};

class DriftCourt {
 public:
  /// Compares all witnesses with each other and with what they said before.
  void hear(RawTime now, std::span<const Witness> witnesses);
  [[nodiscard]] bool is_convicted(SourceId id, RawTime now) const;
  void forget(SourceId id);
  void forget_all();

 private:
  struct Record {
    RawTime at;
    std::vector<Witness> said;
  };
  struct Sentence {
    SourceId id = 0;
    RawTime until;
  };
  [[nodiscard]] bool is_steady(RawTime now, const Witness& a, const Witness& b) const;
  void sentence(SourceId id, RawTime until);

  static constexpr std::size_t kRecords = 64;
  Ring<Record, kRecords> records_;
  std::vector<Sentence> sentences_;
};

}  // namespace ntp::estimator
