// SPDX-License-Identifier: BSD-2-Clause
#include "engine/jump_detector.h"

#include <cmath>
#include <utility>

namespace ntp::engine {

std::optional<Span> JumpDetector::look(const Now& now, const CorrectionRecord& record) {
  const Correction correction = record.at(now.raw);
  const std::optional<Look> last = std::exchange(last_, Look{now, correction});
  if (!last) return std::nullopt;

  const double elapsed_s = now.raw - last->now.raw;
  const double corrected_s = correction - last->correction;
  // Modular: a jump of decades still has a sign and a size.
  const Span unexplained =
      (now.real - last->now.real) - Span::from_seconds(elapsed_s) - Span::from_seconds(corrected_s);
  const double tolerance_s =
      kThreshold_s + kToleratedRate * std::abs(elapsed_s) + now.pairing_error_s + last->now.pairing_error_s;
  if (std::abs(unexplained.seconds()) <= tolerance_s) return std::nullopt;
  return unexplained;
}

}  // namespace ntp::engine
