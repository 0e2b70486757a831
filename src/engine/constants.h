// SPDX-License-Identifier: BSD-2-Clause
//
// The protocol's constants in one table. Where RFC 5905 (text, or its code skeleton in appendix A) and the reference
// implementation differ, the last column says what we take and why.
//
//   what                      RFC text    skeleton    ntpd 4.2.8    here: reason
//   step threshold            0.125 s     0.128 s     0.128 s       0.128: what operators know (tinker step)
//   stepout                   900 s       900 s       300 s         300: tinker stepout's default
//   panic threshold           1000 s      1000 s      1000 s
//   PLL gain                  16          65536       16, kernel 4  4: what ntpd's default, the kernel's loop, runs with
//                                                                   (the skeleton's is unusably slow)
//   frequency lock from       allan       allan       2048 s        allan, of the time since the last update, as the kernel's
//                                                                   loop does it (the RFC: of the poll interval), on the
//                                                                   whole offset: half the RMS error at poll 1024 s
//   averaging constant        8           4           8             8
//   Allan intercept           -           1500 s      2^11 s        2^11: tinker allan's default
//   max root distance         1 s         1 s         1.5 s         1.5: tos maxdist's default
//   min root dispersion       .005 s      .01 s       .001 s        .001: tos mindist; .01 hides what a LAN can do
//   poll bounds               4..17       6..17       3..17         -4..17 settable (a LAN), default 6..10
//   iburst packets, spacing   8, 2 s      8, 2 s      6, 2 s        6
//   burst packets, spacing    8, 2 s      8, 2 s      8, 2 s        8
//   unreach before back-off   12          12          10            10
#pragma once

#include <cstdint>

#include "base/time.h"

namespace ntp::engine {

// Poll process (RFC 5905 section 13)
inline constexpr std::int8_t kMinPollLimit = -4;
inline constexpr std::int8_t kMaxPollLimit = 17;
inline constexpr std::int8_t kDefaultMinPoll = 6;
inline constexpr std::int8_t kDefaultMaxPoll = 10;
inline constexpr int kInitialBurstCount = 6;
inline constexpr int kBurstCount = 8;
inline constexpr double kBurstSpacing_s = 2.0;
inline constexpr int kUnreachLimit = 10;
/// The interval is stretched by up to 1/16, so that clients that start together drift apart.
inline constexpr double kPollSpread = 1.0 / 16.0;
/// How long a reply waits for the late stamp of its request.
inline constexpr double kLateStampWait_s = 0.001;
/// A reply that takes longer is of no use, and its request is forgotten.
inline constexpr double kReplyTimeout_s = 8.0;

// Kiss codes (RFC 5905 section 7.4): denied so often in a row, a source rests for so long.
inline constexpr int kDenialLimit = 3;
inline constexpr double kDenialRest_s = 86400.0;

// Authentication
/// Packets without a valid MAC are told of once in so long for each source.
inline constexpr double kBadAuthReport_s = 3600.0;

// Packet and distance tests
inline constexpr std::uint8_t kMaxStratum = 16;
inline constexpr double kMaxDispersion_s = 16.0;
inline constexpr double kFrequencyTolerance = 15e-6;  ///< phi
inline constexpr double kMaxDistance_s = 1.5;
inline constexpr double kMinDistance_s = 0.001;

// Clock filter (section 10)
inline constexpr int kFilterStages = 8;
inline constexpr double kPopcornGate = 3.0;

// Mitigation (section 11.2)
inline constexpr int kMinClock = 3;
inline constexpr int kMaxClock = 10;
inline constexpr int kMinSane = 1;
inline constexpr double kOrphanWait_s = 300.0;
inline constexpr std::uint8_t kLocalClockStratum = 5;
/// At start no clock is chosen before more than half of all sources agree, or until this has passed.
inline constexpr double kStartWait_s = 16.0;

// Clock discipline (section 11.3)
inline constexpr double kStepThreshold_s = 0.128;
inline constexpr double kStepout_s = 300.0;
inline constexpr double kPanicThreshold_s = 1000.0;
inline constexpr double kMaxFrequency_ppm = 500.0;
inline constexpr double kMaxSlew_ppm = 500.0;
inline constexpr double kPllGain = 4.0;
/// Start-up: the phase drains with this time constant, whatever the poll interval.
inline constexpr double kHoldTimeConstant_s = 16.0;
/// An update after more poll intervals than this moves the frequency no more than one after so many.
inline constexpr double kPllLongestGap = 8.0;
inline constexpr double kFllGain = 0.25;
inline constexpr double kAverage = 8.0;
inline constexpr int kAllanIntercept_log2s = 11;
inline constexpr int kPollAdjustLimit = 30;
inline constexpr double kPollAdjustGate = 4.0;
inline constexpr double kHoldFloor_s = 0.0005;

// Drift file
inline constexpr double kDriftSaveInterval_s = 3600.0;

}  // namespace ntp::engine
