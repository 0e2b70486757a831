// SPDX-License-Identifier: BSD-2-Clause
#include "engine/local_clock.h"

namespace ntp::engine {

void read_local_clock(Association& a, const LocalClockContext& context) {
  const Now& now = *context.now;
  PeerVariables& p = a.peer;
  p.leap = wire::Leap::none;
  p.stratum = a.settings.stratum;
  p.refid = a.settings.refid.value_or(wire::Refid::ascii("LOCL"));
  p.precision_log2s = context.precision_log2s;
  p.received_at = now.mono;
  p.reference = now.real;
  ++a.counters.readings;
  const Sample sample{.offset_s = a.settings.time_offset_s,
                      .delay_s = 0,
                      .dispersion_s = exp2_s(context.precision_log2s),
                      .at = now.raw,
                      .correction = context.correction};
  const FilterContext filter{.now = now.raw,
                             .correction = context.correction,
                             .precision_s = exp2_s(context.precision_log2s),
                             .poll_interval_s = a.poll.interval_s()};
  adopt(p, a.filter.fill(sample, filter), now.raw, context.correction);
}

}  // namespace ntp::engine
