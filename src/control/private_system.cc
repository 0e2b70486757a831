// SPDX-License-Identifier: BSD-2-Clause
//
// What mode 7 tells of the system, its clock loop, the kernel and reference clocks: operations 4, 8, 36, 38 and 39.
#include <algorithm>
#include <cmath>
#include <limits>

#include "control/private_answer.h"

namespace ntp::control {
namespace {

using wire::PrivateError;

/// "No broadcast delay is set", in the reference implementation's words.
constexpr double kNoBroadcastDelay_s = -0.05;

const state::SourceView* system_peer(const state::View& view) {
  if (view.system.peer_association_id == 0) return nullptr;
  for (const state::SourceView& source : view.sources)
    if (source.association_id == view.system.peer_association_id) return &source;
  return nullptr;
}

std::uint8_t flags_of(const state::HostView& host) {
  unsigned flags = 0;
  if (host.has_authentication) flags |= wire::kSystemAuthenticates;
  if (host.sets_clock) flags |= wire::kSystemSetsClock;
  if (host.uses_kernel) flags |= wire::kSystemUsesKernel;
  if (host.is_monitoring) flags |= wire::kSystemMonitors;
  if (host.writes_statistics) flags |= wire::kSystemWritesStatistics;
  return static_cast<std::uint8_t>(flags);
}

template <class Number>
std::int32_t word(Number value) {
  constexpr auto kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::clamp<Number>(value, static_cast<Number>(kLeast), static_cast<Number>(kMost)));
}
std::int32_t rounded(double value) { return word(std::round(value)); }

/// adjtimex's 16.16 ppm.
std::int32_t scaled_ppm(double ppm) { return rounded(ppm * 65536.0); }

std::uint16_t shift_of(long interval_s) {
  std::uint16_t shift = 0;
  while (shift < 30 && (2L << shift) <= interval_s) ++shift;
  return shift;
}

const state::SourceView* find_clock(PrivateCall& call, std::size_t i) {
  const auto item = wire::decode_item<wire::WordItem>(call.item(i));
  const state::SourceView* source = call.find_source(Address::v4(item.value));
  return source != nullptr && source->clock ? source : nullptr;
}

}  // namespace

PrivateError tell_system(PrivateCall& call) {
  const state::View& view = call.world.facts.view();
  const state::SystemView& system = view.system;
  const state::SourceView* peer = system_peer(view);
  if (peer != nullptr && !call.can_tell(peer->remote.address)) peer = nullptr;
  call.answer.add(wire::SystemInfoItem{
      .peer = peer != nullptr ? peer->remote.address : Address(),
      .peer_mode = static_cast<std::uint8_t>(peer != nullptr ? peer->mode : wire::Mode::reserved),
      .leap = static_cast<std::uint8_t>(system.leap),
      .stratum = system.stratum,
      .precision_log2s = system.precision_log2s,
      .root_delay_s = system.root_delay_s,
      .root_dispersion_s = system.root_dispersion_s,
      .refid = system.refid.bits,
      .reference = system.reference,
      .poll_log2s = system.poll_log2s < 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(system.poll_log2s),
      .flags = flags_of(call.world.facts.host()),
      .broadcast_delay_s = kNoBroadcastDelay_s,
      .jitter_s = system.jitter_s,
      .stability_ppm = system.stability_ppm,
  });
  return PrivateError::none;
}

PrivateError tell_loop(PrivateCall& call) {
  const state::SystemView& system = call.world.facts.view().system;
  call.answer.add(wire::LoopInfoItem{.offset_s = system.offset_s,
                                     .frequency_ppm = system.frequency_ppm,
                                     .since_update_s = whole_seconds(system.since_update_s)});
  return PrivateError::none;
}

PrivateError tell_kernel(PrivateCall& call) {
  const state::KernelView& kernel = call.world.facts.host().kernel;
  const double per_second = kernel.is_nanoseconds ? 1e9 : 1e6;
  call.answer.add(wire::KernelInfoItem{
      .offset = rounded(kernel.offset_s * per_second),
      .frequency = scaled_ppm(kernel.frequency_ppm),
      .max_error = rounded(kernel.max_error_s * 1e6),
      .estimated_error = rounded(kernel.estimated_error_s * 1e6),
      .status = static_cast<std::uint16_t>(kernel.status),
      .shift = shift_of(kernel.pps_interval_s),
      .time_constant = word(kernel.time_constant),
      .precision = rounded(kernel.precision_s * per_second),
      .tolerance = scaled_ppm(kernel.tolerance_ppm),
      .pps_frequency = scaled_ppm(kernel.pps_frequency_ppm),
      .pps_jitter = rounded(kernel.pps_jitter_s * per_second),
      .pps_stability = scaled_ppm(kernel.pps_stability_ppm),
      .jitter_exceeded = word(kernel.pps_jitter_exceeded),
      .calibrations = word(kernel.pps_intervals),
      .calibration_errors = word(kernel.pps_errors),
      .stability_exceeded = word(kernel.pps_stability_exceeded),
  });
  return PrivateError::none;
}

PrivateError tell_clocks(PrivateCall& call) {
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const state::SourceView* source = find_clock(call, i);
    if (source == nullptr) continue;
    const state::ClockView& clock = *source->clock;
    call.answer.add(wire::ClockInfoItem{.clock = source->remote.address,
                                        .type = clock.type,
                                        .flags = clock.flags,
                                        .polls = counter(clock.polls),
                                        .since_start_s = whole_seconds(clock.since_start_s),
                                        .time1_s = clock.time1_s,
                                        .time2_s = clock.time2_s,
                                        .stratum = clock.stratum,
                                        .refid = clock.refid.bits});
  }
  return call.answer.item_count() == 0 ? PrivateError::no_data : PrivateError::none;
}

PrivateError tell_clock_debug(PrivateCall& call) {
  // No driver here has values of its own to show: the lists are empty.
  for (std::size_t i = 0; i < call.item_count(); ++i)
    if (const state::SourceView* source = find_clock(call, i))
      call.answer.add(wire::ClockDebugItem{.clock = source->remote.address});
  return call.answer.item_count() == 0 ? PrivateError::no_data : PrivateError::none;
}

}  // namespace ntp::control
