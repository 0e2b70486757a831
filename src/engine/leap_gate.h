// SPDX-License-Identifier: BSD-2-Clause
//
// Holds back what a source says after its time leapt: a measurement far from what the source itself predicted is a spike
// until no other has come for a stepout interval. (The rule of RFC 5905 section 11.3, for each source by itself.)
#pragma once

#include <vector>

#include "engine/association.h"
#include "engine/settings.h"

namespace ntp::engine {

class LeapGate {
 public:
  explicit LeapGate(const DisciplineSettings& settings) : stepout_s_(settings.stepout_s) {}

  /// Another stepout interval, from now on.
  void reconfigure(const DisciplineSettings& settings) { stepout_s_ = settings.stepout_s; }

  enum class Verdict : std::uint8_t {
    passes,
    held,   ///< a spike so far
    leapt,  ///< it has stayed there for a stepout interval
  };
  /// `apart_s`: how far the measurement is from the prediction; `explained_s`: what the delay and the prediction's own
  /// error explain of that.
  Verdict judge(AssociationId id, double apart_s, double explained_s, RawTime at);
  [[nodiscard]] bool is_held(AssociationId id) const;
  void forget(AssociationId id);
  void clear() { sources_.clear(); }

 private:
  struct Source {
    AssociationId id = 0;
    RawTime good_at;
    int held = 0;
  };
  double stepout_s_;
  std::vector<Source> sources_;
};

}  // namespace ntp::engine
