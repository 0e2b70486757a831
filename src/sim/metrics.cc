// SPDX-License-Identifier: BSD-2-Clause
#include "sim/metrics.h"

#include <algorithm>
#include <cmath>

namespace ntp::sim {

void Spread::add(double value) {
  ++count_;
  sum_squares_ += value * value;
  max_ = std::max(max_, std::fabs(value));
}

double Spread::rms() const { return count_ == 0 ? 0.0 : std::sqrt(sum_squares_ / static_cast<double>(count_)); }

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
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    if (at >= windows_[i].from && at < windows_[i].to) window_offsets_[i].add(sample.offset_s);
  }
  if (at < settle_) return;

  if (sample.is_synchronized) ++synchronized_;
  offset_.add(sample.offset_s);
  frequency_.add(sample.frequency_error_ppm);
}

double Metrics::synchronized_fraction() const {
  return offset_.count() == 0 ? 0.0 : static_cast<double>(synchronized_) / static_cast<double>(offset_.count());
}

}  // namespace ntp::sim
