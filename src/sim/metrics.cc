// SPDX-License-Identifier: BSD-2-Clause
#include "sim/metrics.h"

#include <algorithm>
#include <cmath>

namespace ntp::sim {

void Metrics::add(TrueTime at, const Sample& sample) {
  const double size_s = std::fabs(sample.offset_s);
  last_ = sample;
  peak_offset_s_ = std::max(peak_offset_s_, size_s);
  if (size_s >= below_s_)
    below_since_ = TrueTime::never();
  else if (below_since_ == TrueTime::never())
    below_since_ = at;
  if (sample.is_synchronized) {
    first_synchronized_ = std::min(first_synchronized_, at);
    max_claimed_offset_s_ = std::max(max_claimed_offset_s_, size_s);
  }
  if (at < settle_) return;

  ++samples_;
  if (sample.is_synchronized) ++synchronized_;
  sum_squares_ += size_s * size_s;
  sum_frequency_squares_ += sample.frequency_error_ppm * sample.frequency_error_ppm;
  max_offset_s_ = std::max(max_offset_s_, size_s);
}

double Metrics::rms_offset_s() const {
  return samples_ == 0 ? 0.0 : std::sqrt(sum_squares_ / static_cast<double>(samples_));
}

double Metrics::rms_frequency_error_ppm() const {
  return samples_ == 0 ? 0.0 : std::sqrt(sum_frequency_squares_ / static_cast<double>(samples_));
}

double Metrics::synchronized_fraction() const {
  return samples_ == 0 ? 0.0 : static_cast<double>(synchronized_) / static_cast<double>(samples_);
}

}  // namespace ntp::sim
