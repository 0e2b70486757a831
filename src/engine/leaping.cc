// SPDX-License-Identifier: BSD-2-Clause
//
// The engine's side of a leap second: decided whenever time is published, made by the kernel, noticed as a jump of the clock.
#include <algorithm>

#include <fmt/format.h>

#include "engine/engine_impl.h"

namespace ntp::engine {

void Engine::Impl::decide_leap(const Now& now, Effects& out) {
  if (system_.is_synchronized())
    leap_.look(now, system_.vote(), out);
  else
    leap_.forget();
  if (system_.follows_smear() && leap_.plan().announced != wire::Leap::none) {
    // Whose clock goes along the curve must not leap as well, and neither must those who follow it.
    if (smear_told_ != leap_.plan().at)
      out.push_back(Log{Log::Level::warning,
                        "leap second: the source that is followed spreads it (reference identifier 254.x.y.z), so that "
                        "the clock does not leap and clients are not told; don't mix such servers with others, and "
                        "give their clients no leapfile"});
    smear_told_ = leap_.plan().at;
    leap_.forget();
  }
  system_.announce(leap_.plan());
  const bool is_stale = system_.is_synchronized() && leap_.is_stale(now.real);
  if (is_stale && !is_leap_table_stale_) report(now, state::SystemEvent::stale_leap_table, out);
  is_leap_table_stale_ = is_stale;
  progress_.next_publish = std::min(progress_.next_publish, leap_.deadline(now));
}

void Engine::Impl::report_smear(Effects& out) const {
  if (!(settings_.leap_smear_interval_s > 0)) return;
  out.push_back(
      Log{Log::Level::notice,
          fmt::format("leap seconds are spread for clients, over the {:.0f} s before them: clients must not mix "
                      "this server with servers that don't do the same",
                      settings_.leap_smear_interval_s)});
}

bool Engine::Impl::may_kernel_leap() const {
  // Where a step of a second is unwanted (-x, tinker step), an inserted second is slewed like any other offset.
  const int change_s = leap_.plan().change_s;
  const double step_s =
      change_s > 0 ? settings_.discipline.step_back_threshold_s : settings_.discipline.step_threshold_s;
  return step_s > 0 && step_s <= 1;
}

void Engine::Impl::make_leap(const Now& now, Span jump, Effects& out) {
  out.push_back(Log{Log::Level::notice, fmt::format("leap second: the clock moved by {:+.0f} s", jump.seconds()),
                    Log::Topic::sync_events});
  report(now, state::SystemEvent::leap_event, out);
  changes_.add(now.real, 0, fmt::format("leap second: the clock moved by {:+.0f} s", jump.seconds()));
  leap_.pass();
  kernel_leap_ = wire::Leap::none;
  system_.leapt(jump);
  // Our sources leap with us: their offsets are what they were, but for answers that are under way.
  jumps_.restart(now, clock_->drive().record());
  sources_.forget_requests();
  publish(now, out);
}

void Engine::Impl::miss_leap(const Now& now, Effects& out) {
  const int change_s = leap_.plan().change_s;
  const char* const reason = !clock_->drive().sets_clock() ? "nobody made it"
                             : may_kernel_leap()           ? "the kernel did not make it"
                                                           : "the clock is not to be stepped by a second";
  out.push_back(Log{Log::Level::warning,
                    fmt::format("leap second: {}; the clock is off by {:+d} s, measuring anew", reason, change_s)});
  leap_.pass();
  kernel_leap_ = wire::Leap::none;
  changes_.add(now.real, 0, fmt::format("leap second missed: the clock is off by {:+d} s", change_s));
  // Time leapt and the clock did not: to those who follow time it is the clock that moved.
  clock_->jumped(now, Span::from_seconds(change_s), out);
  jumps_.restart(now, clock_->drive().record());
  restart(now, out);
}

void Engine::Impl::on(const Now& now, const LeapTableRead& event, Effects& out) {
  leap_.set_table(event.table);
  publish(now, out);
}

}  // namespace ntp::engine
