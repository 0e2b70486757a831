// SPDX-License-Identifier: BSD-2-Clause
//
// The temperature near the oscillator, as a quantity that a frequency coefficient can be multiplied by: what lies between two
// moments, in kelvin times seconds beyond a reference. (docs/design/clock.md, "Temperature")
#pragma once

#include <optional>

#include "base/time.h"

namespace ntp::estimator {

class Thermometer {
 public:
  /// Readings count from here; without it, from the first one.
  void set_reference(double celsius) { reference_celsius_ = celsius; }
  /// False if it is no temperature.
  bool read(RawTime at, double celsius);

  [[nodiscard]] bool has_reading() const { return last_.has_value(); }
  [[nodiscard]] double reference_celsius() const { return reference_celsius_.value_or(0); }
  /// Heat since the first reading, K s. Between two readings the temperature is the older one's.
  [[nodiscard]] double heat_Ks(RawTime at) const;
  /// Beyond the reference, K.
  [[nodiscard]] double excess_K() const { return last_ ? last_->excess_K : 0.0; }

 private:
  struct Reading {
    RawTime at;
    double excess_K = 0;
    double heat_Ks = 0;  ///< until then
  };
  std::optional<double> reference_celsius_;
  std::optional<Reading> last_;
};

}  // namespace ntp::estimator
