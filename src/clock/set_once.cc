// SPDX-License-Identifier: BSD-2-Clause
#include "clock/set_once.h"

#include <cerrno>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include "clock/linux_clock.h"

namespace ntp::clock {

std::expected<void, std::string> correct_once(OneCorrection how, double amount_s) {
  if (how == OneCorrection::slew && std::abs(amount_s) > kMaxSlewOnce_s)
    return std::unexpected(
        fmt::format("{:+.3f} s is too much to slew (at most {:g} s): step it", amount_s, kMaxSlewOnce_s));
  LinuxClock clock;
  const Span amount = Span::from_seconds(amount_s);
  int os_error = 0;
  if (how == OneCorrection::step) {
    if (const auto done = clock.step(amount); !done) os_error = done.error().os_error;
  } else {
    if (const auto done = clock.slew(amount); !done) os_error = done.error().os_error;
  }
  if (os_error == 0) return {};
  std::string text = std::generic_category().message(os_error);
  if (os_error == EPERM)
    text +=
        ": setting the clock needs root's rights (CAP_SYS_TIME); in most containers even root may not, the clock is "
        "the host's";
  return std::unexpected(text);
}

}  // namespace ntp::clock
