// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdc/number_text.h"

#include <cmath>

#include <fmt/format.h>

namespace ntp::tools::ntpdc {

std::string decimal(double value, int digits, Plus plus) {
  // Numbers come from fixed point: many are exact halves of the last digit, which printf would round to even.
  const double scale = std::pow(10.0, digits);
  const double rounded = std::round(std::abs(value) * scale) / scale;
  const char* sign = std::signbit(value) ? "-" : plus == Plus::shown ? "+" : "";
  return fmt::format("{}{:.{}f}", sign, rounded, digits);
}

}  // namespace ntp::tools::ntpdc
