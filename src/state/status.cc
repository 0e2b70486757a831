// SPDX-License-Identifier: BSD-2-Clause
#include "state/status.h"

#include <array>

namespace ntp::state {
namespace {

std::uint16_t event_octet(EventCount event) {
  return static_cast<std::uint16_t>(((event.count & 0xfU) << 4U) | (event.code & 0xfU));
}

}  // namespace

std::uint16_t status_word(const SystemStatus& status) {
  const auto leap = static_cast<unsigned>(status.leap) & 0x3U;
  const auto kind = static_cast<unsigned>(status.kind) & 0x3fU;
  return static_cast<std::uint16_t>((leap << 14U) | (kind << 8U) | event_octet(status.event));
}

std::uint16_t status_word(const PeerStatus& status) {
  unsigned word = static_cast<unsigned>(status.selection) << 8U;
  if (status.is_configured) word |= 0x8000U;
  if (status.wants_authentication) word |= 0x4000U;
  if (status.is_authentic) word |= 0x2000U;
  if (status.is_reachable) word |= 0x1000U;
  if (status.is_broadcast) word |= 0x0800U;
  return static_cast<std::uint16_t>(word | event_octet(status.event));
}

const char* to_text(SystemEvent event) {
  constexpr std::array kNames = {"unspecified", "freq_not_set", "freq_set",      "spike_detect",
                                 "freq_mode",   "clock_sync",   "restart",       "panic_stop",
                                 "no_sys_peer", "leap_armed",   "leap_disarmed", "leap_event",
                                 "clock_step",  "kern",         "TAI",           "stale_leapsecond_values"};
  return kNames.at(static_cast<std::size_t>(event));
}

const char* to_text(PeerEvent event) {
  constexpr std::array kNames = {"unspecified",   "mobilize",   "demobilize",      "unreachable",
                                 "reachable",     "restart",    "no_reply",        "rate_exceeded",
                                 "access_denied", "leap_armed", "sys_peer",        "clock_event",
                                 "bad_auth",      "popcorn",    "interleave_mode", "interleave_error"};
  return kNames.at(static_cast<std::size_t>(event));
}

}  // namespace ntp::state
