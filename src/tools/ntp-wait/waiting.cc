// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntp-wait/waiting.h"

#include <fmt/format.h>

#include "wire/header.h"

namespace ntp::tools::ntp_wait {

Outcome wait(const Waiting& waiting) {
  waiting.say("Waiting for ntpd to synchronise... ");
  std::string problem;
  for (std::int64_t i = 0; i < waiting.tries; ++i) {
    if (i > 0) waiting.pause();
    const auto status = waiting.ask();
    problem = status ? "" : status.error();
    if (status && static_cast<wire::Leap>(*status >> 14U) != wire::Leap::unsynchronized) {
      waiting.say("OK!\n");
      return Outcome::synchronised;
    }
  }
  if (!problem.empty()) {
    waiting.say(fmt::format("no contact!\nntpd can't be asked: {}\n", problem));
    return Outcome::no_contact;
  }
  waiting.say(fmt::format("no!\nntpd did not synchronise in {} tries.\n", waiting.tries));
  return Outcome::not_synchronised;
}

}  // namespace ntp::tools::ntp_wait
