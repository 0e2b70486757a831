// SPDX-License-Identifier: BSD-2-Clause
//
// Mean and variance of a link's delay, from its law: what an observer who knows the network knows of it.
#pragma once

#include "sim/link.h"

namespace ntp::sim {

struct DelayMoments {
  double mean_s = 0;
  double variance_s2 = 0;  ///< infinite where the law has none
};

/// Of a datagram that leaves at `at`. A wave counts as noise with its mean and variance over a period; events, queues of a
/// slow line and the order of datagrams are left out.
DelayMoments delay_moments(const LinkSettings& link, TrueTime at);

}  // namespace ntp::sim
