// SPDX-License-Identifier: BSD-2-Clause
#include "engine/correction_record.h"

#include <cmath>

namespace ntp::engine {
namespace {

/// 2^-64 s a nanosecond and ppm: 2^64 / 1e15, as a fraction of two integers to stay exact for kernel frequencies, which
/// are multiples of 2^-16 ppm.
Int128 accumulated(std::int64_t nanoseconds, double frequency_ppm) {
  const auto frequency = static_cast<std::int64_t>(std::llround(frequency_ppm * 65536.0));
  // nanoseconds * frequency / 65536 is in 1e-15 s; 2^64 / (65536 * 1e15) = 2^48 / 1e15.
  const Int128 product = Int128{nanoseconds} * frequency;
  const Int128 quotient = product / 1'000'000'000'000'000;
  const Int128 rest = product % 1'000'000'000'000'000;
  constexpr std::int64_t kTwo48 = std::int64_t{1} << 48;
  return quotient * kTwo48 + rest * kTwo48 / 1'000'000'000'000'000;
}

Int128 wide(Span span) { return Int128{span.units()} * (std::int64_t{1} << 32); }

}  // namespace

Correction CorrectionRecord::extend(const Segment& segment, RawTime at) {
  // Two int64 nanosecond instants of one clock: the difference fits unless the clock is centuries old.
  const std::int64_t elapsed = at.nanoseconds() - segment.start.nanoseconds();
  return {segment.at_start.units + accumulated(elapsed, segment.frequency_ppm)};
}

void CorrectionRecord::start(RawTime at, double frequency_ppm) {
  segments_.clear();
  segments_.push({at, {}, frequency_ppm});
}

void CorrectionRecord::frequency_changed(RawTime at, double frequency_ppm) {
  segments_.push({at, extend(segments_.newest(), at), frequency_ppm});
}

void CorrectionRecord::stepped(RawTime at, Span amount) {
  const Segment& last = segments_.newest();
  const Correction before = extend(last, at);
  segments_.push({at, {before.units + wide(amount)}, last.frequency_ppm});
}

Correction CorrectionRecord::at(RawTime at) const {
  for (std::size_t i = segments_.size(); i-- > 0;)
    if (segments_[i].start <= at) return extend(segments_[i], at);
  return extend(segments_.oldest(), at);
}

double CorrectionRecord::frequency_ppm() const { return segments_.newest().frequency_ppm; }

RawTime CorrectionRecord::raw_of(Timestamp stamp, const Now& now) const {
  // system(raw) - system(now) = (raw - now.raw) + (C(raw) - C(now)); searched newest first, for steps make it ambiguous.
  const Correction reference = at(now.raw);
  const double since_now_s = (stamp - now.real).seconds();
  for (std::size_t i = segments_.size(); i-- > 0;) {
    const Segment& segment = segments_[i];
    const double start_system_s = (segment.start - now.raw) + (segment.at_start - reference);
    if (since_now_s < start_system_s && i > 0) continue;
    const double rate = 1.0 + segment.frequency_ppm * 1e-6;
    return segment.start + (since_now_s - start_system_s) / rate;
  }
  return now.raw;
}

}  // namespace ntp::engine
