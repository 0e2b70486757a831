// SPDX-License-Identifier: BSD-2-Clause
#include "config/defaults.h"

#include <string_view>

#ifndef MERIDIAN_POOL_NAME
#error "MERIDIAN_POOL_NAME is set by the build: the pool zone, such as pool.ntp.org"
#endif

namespace ntp::config {
namespace {

constexpr std::string_view kPools =
    "# Built-in configuration: the time of a public pool.\n"
    "pool 0." MERIDIAN_POOL_NAME
    " iburst\n"
    "pool 1." MERIDIAN_POOL_NAME
    " iburst\n"
    "# The second zone has IPv6 addresses as well.\n"
    "pool 2." MERIDIAN_POOL_NAME
    " iburst\n"
    "pool 3." MERIDIAN_POOL_NAME " iburst\n";

constexpr std::string_view kLocalClock =
    "# Built-in configuration: this machine's own clock, as it is.\n"
    "server 127.127.1.0\n"
    "fudge 127.127.1.0 stratum 10\n";

constexpr std::string_view kAccess =
    "# Time for everyone; queries and changes from this machine alone.\n"
    "restrict default kod limited nomodify nopeer noquery notrap\n"
    "# The pools need associations: nopeer must not hold for their addresses.\n"
    "restrict source nomodify noquery notrap\n"
    "restrict 127.0.0.1\n"
    "restrict ::1\n";

}  // namespace

std::string default_config(DefaultConfig which) {
  std::string text(which == DefaultConfig::pool ? kPools : kLocalClock);
  text += kAccess;
  return text;
}

}  // namespace ntp::config
