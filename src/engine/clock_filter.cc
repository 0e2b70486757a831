// SPDX-License-Identifier: BSD-2-Clause
#include "engine/clock_filter.h"

#include <algorithm>
#include <cmath>

namespace ntp::engine {
namespace {

/// The offset against the clock as it is now. What the clock was moved forward, the source is less ahead of it.
double offset_now_s(const Sample& sample, const FilterContext& context) {
  return sample.offset_s - (context.correction - sample.correction);
}

double dispersion_now_s(const Sample& sample, const FilterContext& context) {
  const double aged = sample.dispersion_s + context.dispersion_rate * (context.now - sample.at);
  return std::min(aged, kMaxDispersion_s);
}

/// Sorted by delay, but a sample older than the Allan intercept says little about the clock: its dispersion counts too.
double sort_key_s(const Sample& sample, const FilterContext& context) {
  const bool is_old = (context.now - sample.at) > context.allan_intercept_s;
  return sample.delay_s + (is_old ? dispersion_now_s(sample, context) : 0.0);
}

}  // namespace

void ClockFilter::shift(const Stage& stage) {
  stages_[next_] = stage;
  next_ = (next_ + 1) % stages_.size();
}

FilterResult ClockFilter::add(const Sample& sample, const FilterContext& context) {
  shift({sample, true});
  return evaluate(context);
}

void ClockFilter::add_missing() { shift({}); }

FilterResult ClockFilter::fill(const Sample& sample, const FilterContext& context) {
  stages_.fill({sample, true});
  return evaluate(context);
}

void ClockFilter::clear() { *this = ClockFilter(); }

ClockFilter::Order ClockFilter::sorted(const FilterContext& context) const {
  Order order;
  for (const Stage& stage : stages_)
    if (stage.is_filled) order.samples[order.count++] = &stage.sample;
  std::sort(order.samples.begin(), order.samples.begin() + static_cast<std::ptrdiff_t>(order.count),
            [&](const Sample* a, const Sample* b) {
              const double key_a = sort_key_s(*a, context);
              const double key_b = sort_key_s(*b, context);
              return key_a != key_b ? key_a < key_b : a->at > b->at;
            });
  return order;
}

FilterResult ClockFilter::evaluate(const FilterContext& context) {
  const Order order = sorted(context);
  FilterResult result;
  if (order.count == 0) return result;

  const Sample& best = *order.samples[0];
  result.offset_s = offset_now_s(best, context);
  result.delay_s = best.delay_s;
  result.at = best.at;

  // Empty stages weigh in with the maximum dispersion: a source with few samples isn't trusted yet.
  double weight = 0.5;
  double squares = 0;
  result.dispersion_s = 0;
  for (std::size_t i = 0; i < stages_.size(); ++i, weight /= 2) {
    result.dispersion_s += weight * (i < order.count ? dispersion_now_s(*order.samples[i], context) : kMaxDispersion_s);
    if (i < order.count) squares += std::pow(offset_now_s(*order.samples[i], context) - result.offset_s, 2);
  }
  const double spread = order.count > 1 ? std::sqrt(squares / static_cast<double>(order.count - 1)) : 0.0;
  result.jitter_s = std::max(spread, context.precision_s);

  if (has_used_ && best.at <= used_.at) return result;

  // A lone spike is passed over once; if it was no spike, it comes back two polls later and counts.
  if (has_used_ && order.count > 1 && used_dispersion_s_ < kMaxDistance_s &&
      std::abs(result.offset_s - offset_now_s(used_, context)) > kPopcornGate * result.jitter_s &&
      best.at - used_.at < 2 * context.poll_interval_s) {
    result.is_popcorn = true;
    return result;
  }
  has_used_ = true;
  used_ = best;
  used_dispersion_s_ = result.dispersion_s;
  result.is_new = true;
  return result;
}

}  // namespace ntp::engine
