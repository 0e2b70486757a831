// SPDX-License-Identifier: BSD-2-Clause
#include "engine/clock_control.h"

#include "engine/classic_control.h"
#include "engine/estimator_control.h"

namespace ntp::engine {

std::unique_ptr<ClockControl> make_clock_control(const Settings& settings) {
  switch (settings.discipline.algorithm) {
    case DisciplineSettings::Algorithm::estimator:
      return std::make_unique<EstimatorControl>(settings);
    case DisciplineSettings::Algorithm::classic:
      return std::make_unique<ClassicControl>(settings);
  }
  return nullptr;
}

}  // namespace ntp::engine
