// SPDX-License-Identifier: BSD-2-Clause
//
// Notices that the system clock went where we did not send it: another program, or a suspended machine (whose undisciplined
// clock stood still while the system clock went on).
#pragma once

#include <optional>

#include "engine/correction_record.h"
#include "engine/events.h"

namespace ntp::engine {

class JumpDetector {
 public:
  /// More than the readings' own error and what another program's slewing can do between two looks.
  static constexpr double kThreshold_s = 0.010;
  static constexpr double kToleratedRate = 600e-6;
  static constexpr double kShortestLook_s = 1.0;

  /// The amount of a jump since the last look, or nothing. `record` holds all corrections of ours.
  std::optional<Span> look(const Now& now, const CorrectionRecord& record);
  /// What comes is compared with this moment: after a jump was found and written into the record.
  void restart(const Now& now, const CorrectionRecord& record) { last_ = Look{now, record.at(now.raw)}; }

 private:
  struct Look {
    Now now;
    Correction correction;  ///< as it was known then: a step within the same instant comes later
  };
  std::optional<Look> last_;
};

}  // namespace ntp::engine
