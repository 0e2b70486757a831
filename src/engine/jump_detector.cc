// SPDX-License-Identifier: BSD-2-Clause
#include "engine/jump_detector.h"

#include <cmath>

namespace ntp::engine {

std::optional<Span> JumpDetector::look(const Now& now, const CorrectionRecord& record) {
  const Correction correction = record.at(now.raw);
  if (!last_) {
    last_ = Look{now, correction};
    return std::nullopt;
  }
  const double elapsed_s = now.raw - last_->now.raw;
  const double corrected_s = correction - last_->correction;
  // Modular: a jump of decades still has a sign and a size.
  const Span unexplained =
      (now.real - last_->now.real) - Span::from_seconds(elapsed_s) - Span::from_seconds(corrected_s);
  const double tolerance_s =
      kThreshold_s + kToleratedRate * std::abs(elapsed_s) + now.pairing_error_s + last_->now.pairing_error_s;
  const bool has_jumped = std::abs(unexplained.seconds()) > tolerance_s;
  // Frequent looks are compared with the same moment, or a fast slew by another program would hide between them.
  if (has_jumped || elapsed_s < 0 || elapsed_s >= kShortestLook_s) last_ = Look{now, correction};
  if (!has_jumped) return std::nullopt;
  return unexplained;
}

}  // namespace ntp::engine
