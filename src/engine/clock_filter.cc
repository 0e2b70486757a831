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
  shift({.sample = sample, .is_filled = true});
  return evaluate(context);
}

FilterResult ClockFilter::add_missing(const FilterContext& context) {
  shift({});
  return evaluate(context);
}

FilterResult ClockFilter::fill(const Sample& sample, const FilterContext& context) {
  stages_.fill({.sample = sample, .is_filled = true});
  return evaluate(context);
}

void ClockFilter::note(const Sample& sample) { shift({.sample = sample, .is_filled = true}); }
void ClockFilter::note_missing() { shift({}); }

std::array<state::FilterStage, kFilterStages> ClockFilter::stages(const FilterContext& context) const {
  static_assert(kFilterStages == state::kFilterStages);
  std::array<state::FilterStage, kFilterStages> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Stage& stage = stages_[(next_ + stages_.size() - 1 - i) % stages_.size()];
    if (!stage.is_filled) continue;
    out[i] = {.delay_s = stage.sample.delay_s,
              .offset_s = offset_now_s(stage.sample, context),
              .dispersion_s = dispersion_now_s(stage.sample, context)};
  }
  return out;
}

void ClockFilter::clear() { *this = ClockFilter(); }

ClockFilter::Order ClockFilter::sorted(const FilterContext& context) {
  Order order;
  for (Stage& stage : stages_)
    if (stage.is_filled) order.stages[order.count++] = &stage;
  std::sort(order.stages.begin(), order.stages.begin() + static_cast<std::ptrdiff_t>(order.count),
            [&](const Stage* a, const Stage* b) {
              if (a->is_spike != b->is_spike) return b->is_spike;
              const double key_a = sort_key_s(a->sample, context);
              const double key_b = sort_key_s(b->sample, context);
              return key_a != key_b ? key_a < key_b : a->sample.at > b->sample.at;
            });
  return order;
}

// The jitter is that of before the sample: measured against the spike itself, as the skeleton of RFC 5905 does, every
// spike looks like jitter and none is ever found.
bool ClockFilter::is_spike(const Sample& best, const FilterContext& context) const {
  return has_used_ && best.at > used_.at && used_dispersion_s_ < kMaxDistance_s &&
         std::abs(offset_now_s(best, context) - offset_now_s(used_, context)) > kPopcornGate * jitter_s_ &&
         best.at - used_.at < 2 * context.poll_interval_s;
}

FilterResult ClockFilter::evaluate(const FilterContext& context) {
  Order order = sorted(context);
  FilterResult result;
  if (order.count == 0) return result;
  // A lone spike is passed over; if it was none, the next sample says the same, and counts.
  if (order.count > 1 && !order.stages[0]->is_spike && is_spike(order.stages[0]->sample, context)) {
    order.stages[0]->is_spike = true;
    result.is_popcorn = true;
    result.spike_s = std::abs(offset_now_s(order.stages[0]->sample, context) - offset_now_s(used_, context));
    order = sorted(context);
  }

  const Sample& best = order.stages[0]->sample;
  result.offset_s = offset_now_s(best, context);
  result.delay_s = best.delay_s;
  result.at = best.at;

  // Empty stages weigh in with the maximum dispersion: a source with few samples isn't trusted yet.
  double weight = 0.5;
  double squares = 0;
  result.dispersion_s = 0;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const bool is_filled = i < order.count;
    result.dispersion_s += weight * (is_filled ? dispersion_now_s(order.stages[i]->sample, context) : kMaxDispersion_s);
    if (is_filled) squares += std::pow(offset_now_s(order.stages[i]->sample, context) - result.offset_s, 2);
    weight /= 2;
  }
  const double spread = order.count > 1 ? std::sqrt(squares / static_cast<double>(order.count - 1)) : 0.0;
  result.jitter_s = std::max(spread, context.precision_s);
  jitter_s_ = result.jitter_s;

  // A sample is used once, and none that is older than the one used last.
  if (result.is_popcorn || (has_used_ && best.at <= used_.at)) return result;
  has_used_ = true;
  used_ = best;
  used_dispersion_s_ = result.dispersion_s;
  result.is_new = true;
  return result;
}

}  // namespace ntp::engine
