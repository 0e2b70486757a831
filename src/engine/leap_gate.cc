// SPDX-License-Identifier: BSD-2-Clause
#include "engine/leap_gate.h"

#include <algorithm>

namespace ntp::engine {

LeapGate::Verdict LeapGate::judge(AssociationId id, double apart_s, double explained_s, RawTime at) {
  auto source = std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.id == id; });
  if (source == sources_.end()) source = sources_.insert(sources_.end(), {.id = id, .good_at = at});
  // Smaller leaps are for the estimator to find out.
  if (apart_s <= kStepThreshold_s + explained_s) {
    source->good_at = at;
    source->held = 0;
    return Verdict::passes;
  }
  ++source->held;
  return source->held > 1 && at - source->good_at >= stepout_s_ ? Verdict::leapt : Verdict::held;
}

bool LeapGate::is_held(AssociationId id) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const Source& s) { return s.id == id && s.held > 0; });
}

void LeapGate::forget(AssociationId id) {
  std::erase_if(sources_, [&](const Source& s) { return s.id == id; });
}

}  // namespace ntp::engine
