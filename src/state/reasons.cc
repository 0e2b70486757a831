// SPDX-License-Identifier: BSD-2-Clause
#include "state/reasons.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace ntp::state {
namespace {

struct Unit {
  double size_s;
  const char* name;
};

/// The largest unit in which one decimal shows the value well.
Unit unit_of(double magnitude_s) {
  constexpr double kLeast = 0.2;
  constexpr Unit kUnits[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}};
  for (const Unit& unit : kUnits)
    if (magnitude_s >= kLeast * unit.size_s) return unit;
  return {1e-9, "ns"};
}

/// Enough of them to tell apart what is so far apart: values that round to the same explain nothing.
int decimals_for(double apart_s, const Unit& unit) {
  constexpr int kMost = 6;
  int decimals = 1;
  for (double step_s = unit.size_s / 10; decimals < kMost && apart_s > 0 && apart_s < 2 * step_s; step_s /= 10)
    ++decimals;
  return decimals;
}

/// `gap_s`: another distance that should be seen.
std::string interval_with_gap(double low_s, double high_s, double gap_s) {
  const Unit unit = unit_of(std::max(std::abs(low_s), std::abs(high_s)));
  const int decimals = std::max(decimals_for(high_s - low_s, unit), decimals_for(gap_s, unit));
  return fmt::format("{:+.{}f} to {:+.{}f} {}", low_s / unit.size_s, decimals, high_s / unit.size_s, decimals,
                     unit.name);
}

std::string amount_text(double seconds) {
  const Unit unit = unit_of(std::abs(seconds));
  return fmt::format("{:.1f} {}", seconds / unit.size_s, unit.name);
}

std::string signed_amount_text(double seconds) { return (std::signbit(seconds) ? "" : "+") + amount_text(seconds); }

std::string duration_text(double seconds) {
  constexpr double kMinute_s = 60;
  constexpr double kHour_s = 3600;
  constexpr double kDay_s = 86400;
  if (seconds < 2 * kMinute_s) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * kHour_s) return fmt::format("{:.0f} min", seconds / kMinute_s);
  if (seconds < 2 * kDay_s) return fmt::format("{:.0f} h", seconds / kHour_s);
  return fmt::format("{:.0f} days", seconds / kDay_s);
}

const char* plural(std::size_t count) { return count == 1 ? "" : "s"; }

// ------------------------------------------------------------------------------------------------------------- a source

/// The bits of the flash word (RFC 9327 section 4), in words.
std::string failed_tests(std::uint32_t flash) {
  constexpr struct {
    std::uint32_t bit;
    const char* text;
  } kTests[] = {
      {0x1, "its clock stands still, or its answer was seen before"},
      {0x2, "it doesn't answer our request"},
      {0x4, "a time stamp is missing"},
      {0x8, "it denies us service"},
      {0x10, "it doesn't prove itself"},
      {0x20, "it has no time"},
      {0x40, "its times or distances make no sense"},
      {0x80, "its Autokey sequence is broken"},
      {0x100, "its Autokey proof is missing or wrong"},
      {0x200, "its leap or stratum is not allowed here"},
      {0x400, "it is too far from the root"},
      {0x800, "it takes its time from this host"},
  };
  // What a packet failed says more than what that makes of its source.
  constexpr std::uint32_t kPacketTests = 0x1ff;
  if ((flash & kPacketTests) != 0) flash &= kPacketTests;
  std::string text;
  for (const auto& test : kTests)
    if ((flash & test.bit) != 0) text += (text.empty() ? "" : "; ") + std::string(test.text);
  return text.empty() ? "its last packet failed a test" : text;
}

std::string of_followed(const SourceView& source) {
  switch (source.selection) {
    case Selection::system_peer:
      return "system peer: it agrees with the majority and leads";
    case Selection::pps_peer:
      return "pps peer: its pulses lead";
    case Selection::reject:
    case Selection::falseticker:
    case Selection::excess:
    case Selection::outlier:
    case Selection::candidate:
    case Selection::backup:
      break;
  }
  return "candidate: it agrees with the majority, and counts";
}

std::string of_outside(const SourceView& source, const SystemView& system) {
  const Judgement& judged = source.judgement;
  const double gap_s = std::max(system.majority_low_s - judged.high_s, judged.low_s - system.majority_high_s);
  return fmt::format("falseticker: its interval {} misses the majority's {}",
                     interval_with_gap(judged.low_s, judged.high_s, gap_s),
                     interval_with_gap(system.majority_low_s, system.majority_high_s, gap_s));
}

std::string of_bad_auth(const SourceView& source) {
  if (source.bad_auth == 0) return fmt::format("not authenticated: key {} can't be used", source.key_id);
  return fmt::format("not authenticated: {} packet{} without a valid MAC of key {}", source.bad_auth,
                     plural(source.bad_auth), source.key_id);
}

std::string of_silent(const SourceView& source) {
  if (source.sent == 0) return "silent: not asked yet";
  return fmt::format("silent: no answer yet to {} request{}", source.sent, plural(source.sent));
}

std::string of_unreachable(const SourceView& source) {
  if (source.since_received_s < 0) return "unreachable: the last polls got no answer";
  return fmt::format("unreachable: the last polls got no answer; heard {} ago", duration_text(source.since_received_s));
}

std::string of_outlier(const SourceView& source) {
  if (source.selection == Selection::excess) return "excess: it agrees, and tos maxclock has enough nearer ones";
  return "outlier: it agrees, and differs more than the others do";
}

std::string of_no_majority(const SourceView& source) {
  const Judgement& judged = source.judgement;
  if (judged.since_judged_s < 0) return "no majority: not enough sources agree";
  return fmt::format("no majority: not enough sources agree with its interval {}",
                     state::interval_text(judged.low_s, judged.high_s));
}

// ------------------------------------------------------------------------------------------------------------- the clock

struct Tally {
  std::size_t servers = 0;
  std::size_t reachable = 0;
  std::size_t judged = 0;  ///< fit to have a say, and waiting for a majority
};

Tally tally_of(const View& view) {
  Tally tally;
  for (const SourceView& source : view.sources) {
    if (source.remote.address.is_refclock()) continue;
    ++tally.servers;
    if (source.reach != 0) ++tally.reachable;
    const SourceReason reason = source.judgement.reason;
    if (reason == SourceReason::no_majority || reason == SourceReason::outside || reason == SourceReason::drifting)
      ++tally.judged;
  }
  return tally;
}

const SourceView* leader_of(const View& view) {
  if (view.system.peer_association_id == 0) return nullptr;
  const auto leader = std::find_if(view.sources.begin(), view.sources.end(), [&](const SourceView& source) {
    return source.association_id == view.system.peer_association_id;
  });
  return leader == view.sources.end() ? nullptr : &*leader;
}

}  // namespace

const char* to_text(SourceReason reason) {
  constexpr std::array kWords = {"none",    "unresolved",     "silent",  "unreachable", "resting",        "bad_auth",
                                 "refused", "unsynchronized", "too_far", "loop",        "not_selectable", "few_samples",
                                 "outside", "drifting",       "waiting", "no_majority", "outlier",        "spare"};
  static_assert(kWords.size() == static_cast<std::size_t>(SourceReason::spare) + 1);
  return kWords.at(static_cast<std::size_t>(reason));
}

std::string flash_text(std::uint32_t flash) { return failed_tests(flash); }

std::string interval_text(double low_s, double high_s) { return interval_with_gap(low_s, high_s, 0); }

std::string to_text(const SourceView& source, const SystemView& system) {
  switch (source.judgement.reason) {
    case SourceReason::none:
      return of_followed(source);
    case SourceReason::unresolved:
      return "unresolved: its name has no address yet";
    case SourceReason::silent:
      return of_silent(source);
    case SourceReason::unreachable:
      return of_unreachable(source);
    case SourceReason::resting:
      return fmt::format("resting: it refuses to serve us; asked again in {}", duration_text(source.until_poll_s));
    case SourceReason::bad_auth:
      return of_bad_auth(source);
    case SourceReason::refused:
      return "refused: " + failed_tests(source.flash);
    case SourceReason::unsynchronized:
      return "not synchronised: it says that it has no time itself";
    case SourceReason::too_far:
      return fmt::format("too far: its root distance of {} is above tos maxdist", amount_text(source.root_distance_s));
    case SourceReason::loop:
      return "loop: it is this host, or takes its time from it";
    case SourceReason::not_selectable:
      return "noselect: it is measured, and has no say";
    case SourceReason::few_samples:
      return "measuring: it has too few good samples yet";
    case SourceReason::outside:
      return of_outside(source, system);
    case SourceReason::drifting:
      return "falseticker: its interval agrees with the majority's, its rate does not";
    case SourceReason::waiting:
      return "waiting: at start, more sources are heard before anything is decided";
    case SourceReason::no_majority:
      return of_no_majority(source);
    case SourceReason::outlier:
      return of_outlier(source);
    case SourceReason::spare:
      return "spare: it leads only while there is nobody better";
  }
  return "unknown";
}

std::string why_not_synchronized(const View& view) {
  const SystemView& system = view.system;
  if (system.leap != wire::Leap::unsynchronized) return {};
  const Tally tally = tally_of(view);
  if (tally.servers == 0)
    return "not in sync: " + (system.waiting_for.empty() ? "there is no source" : "waiting for " + system.waiting_for);
  std::string text =
      fmt::format("not in sync: {} of {} server{} reachable", tally.reachable, tally.servers, plural(tally.servers));
  if (tally.reachable < system.needed) return text + fmt::format(", minsane {}", system.needed);
  if (tally.reachable == 0) return text;
  if (!system.waiting_for.empty()) return text + ", " + system.waiting_for;
  return tally.judged == 0 ? text + ", none fit to be followed" : text + ", no majority agrees";
}

std::string why_clock(const View& view) {
  const SystemView& system = view.system;
  if (system.leap == wire::Leap::unsynchronized) return why_not_synchronized(view);
  const std::string bound = "bound " + amount_text(system.root_distance_s);
  const SourceView* leader = leader_of(view);
  if (leader == nullptr) return fmt::format("on its own at stratum {}: no source is left, {}", system.stratum, bound);
  if (leader->remote.address.is_refclock())
    return fmt::format("following its own clock, {}, for want of others: {}", leader->remote.address.text(), bound);
  const auto others =
      static_cast<std::size_t>(std::count_if(view.sources.begin(), view.sources.end(), [](const SourceView& source) {
        return source.selection == Selection::candidate;
      }));
  const std::string with = others == 0 ? "alone" : fmt::format("with {} other{}", others, plural(others));
  return fmt::format("following {} (system peer) {}: {}, {}", leader->remote.address.text(), with,
                     signed_amount_text(system.offset_s), bound);
}

}  // namespace ntp::state
