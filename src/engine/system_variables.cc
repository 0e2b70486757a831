// SPDX-License-Identifier: BSD-2-Clause
#include "engine/system_variables.h"

#include <algorithm>

#include "crypto/refid_of.h"
#include "engine/leap_second.h"
#include "engine/orphan.h"

namespace ntp::engine {
namespace {

/// A reference clock lends its name at stratum 1, else its address (127.127.t.u) stands for it.
wire::Refid refid_for(const Association& peer) {
  if (!peer.is_local_clock()) return crypto::refid_of(peer.remote.address);
  return peer.peer.stratum == 0 ? peer.peer.refid : wire::Refid::v4(peer.remote.address);
}

}  // namespace

void SystemVariables::follow(const Now& now, const Followed& followed) {
  const Association& a = *followed.choice.peer;
  const PeerVariables& p = a.peer;
  const int stratum = p.stratum + 1;
  if (!followed.is_usable || stratum >= kMaxStratum) {
    lose();
    return;
  }
  leap_ = followed.choice.leap;
  stratum_ = static_cast<std::uint8_t>(stratum);
  refid_ = refid_for(a);
  reference_ = now.real;
  root_delay_s_ = p.root_delay_s + p.delay_s;
  const double own_s =
      p.dispersion_s + followed.dispersion_rate * (now.raw - p.filtered_at) + followed.noise_s + followed.uncorrected_s;
  root_dispersion_s_ = p.root_dispersion_s + std::max(own_s, kMinDistance_s);
  dispersion_rate_ = followed.dispersion_rate;
  as_of_ = now.mono;
  is_orphan_ = false;
  constexpr std::uint32_t kSmear = 254;
  follows_smear_ = !a.is_local_clock() && p.refid.bits >> 24U == kSmear;
}

void SystemVariables::become_orphan(const Now& now, int stratum) {
  is_orphan_ = true;
  follows_smear_ = false;
  leap_ = wire::Leap::none;
  stratum_ = static_cast<std::uint8_t>(stratum);
  refid_ = orphan_refid(stratum);
  reference_ = now.real;
  root_delay_s_ = 0;
  root_dispersion_s_ = kMinDistance_s;
  // Nobody knows better: what its children keep is its time, however it runs.
  dispersion_rate_ = 0;
  as_of_ = now.mono;
}

void SystemVariables::lose() {
  is_orphan_ = false;
  leap_ = wire::Leap::unsynchronized;
  plan_ = {};
  root_delay_s_ = 0;
  root_dispersion_s_ = 0;
}

double SystemVariables::root_dispersion_s(MonoTime now) const {
  return is_synchronized() ? root_dispersion_s_ + dispersion_rate_ * (now - as_of_) : 0.0;
}

double SystemVariables::root_distance_s(MonoTime now) const {
  return is_synchronized() ? root_delay_s_ / 2 + root_dispersion_s(now) : 0.0;
}

bool SystemVariables::is_worn_out(MonoTime now) const {
  return is_synchronized() && root_distance_s(now) >= kMaxDispersion_s;
}

state::ClockSummary SystemVariables::summary(const Now& now) const {
  state::ClockSummary summary = state::unsynchronized_summary(precision_log2s_);
  summary.as_of = now.mono;
  summary.real_as_of = now.real;
  summary.valid_until = now.mono + kPublishValidity_s;
  if (!is_synchronized()) return summary;
  summary.leap = plan_.announced;
  if (plan_.change_s != 0) {
    summary.leap_at = timestamp_of(plan_.at);
    summary.leap_change_s = static_cast<std::int8_t>(plan_.change_s);
  }
  summary.leap_smear_interval_s = plan_.smear_interval_s;
  summary.stratum = stratum_;
  summary.refid = refid_;
  summary.reference = reference_;
  summary.root_delay_s = root_delay_s_;
  summary.root_dispersion_s = root_dispersion_s(now.mono);
  summary.dispersion_rate = dispersion_rate_;
  return summary;
}

SetKernelStatus SystemVariables::kernel_status(const Now& now, double estimated_error_s) const {
  if (!is_synchronized()) return {};
  return {.is_synchronized = true,
          .leap = plan_.announced,
          .max_error_s = root_distance_s(now.mono),
          .estimated_error_s = estimated_error_s,
          .tai_offset_s = plan_.tai_offset_s};
}

}  // namespace ntp::engine
