// SPDX-License-Identifier: BSD-2-Clause
#include "engine/jump_detector.h"

#include <cmath>

namespace ntp::engine {

std::optional<Span> JumpDetector::look(const Now& now, const CorrectionRecord& record) {
  const std::optional<Now> last = last_;
  last_ = now;
  if (!last) return std::nullopt;

  const double elapsed_s = now.raw - last->raw;
  const double corrected_s = record.at(now.raw) - record.at(last->raw);
  // Modular: a jump of decades still has a sign and a size.
  const Span unexplained = (now.real - last->real) - Span::from_seconds(elapsed_s) - Span::from_seconds(corrected_s);
  const double tolerance_s =
      kThreshold_s + kToleratedRate * std::abs(elapsed_s) + now.pairing_error_s + last->pairing_error_s;
  if (std::abs(unexplained.seconds()) <= tolerance_s) return std::nullopt;
  return unexplained;
}

}  // namespace ntp::engine
