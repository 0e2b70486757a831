// SPDX-License-Identifier: BSD-2-Clause
#include "engine/leap_keeper.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/civil_date.h"
#include "engine/leap_second.h"
#include "state/leap_smear.h"

namespace ntp::engine {
namespace {

using policy::LeapSeconds;
using state::LeapProximity;

constexpr LeapSeconds kScheduled_s = 28 * kSecondsPerDay;
constexpr LeapSeconds kAlert_s = 10;
constexpr LeapSeconds kExpiresSoon_s = 30 * kSecondsPerDay;
/// The kernel leaps with its timer, some milliseconds late; before it runs a program that was asleep, it has looked.
constexpr double kLookAfter_s = 0.02;
constexpr double kLookAgain_s = 0.1;
constexpr double kMissedAfter_s = 0.5;
constexpr double kEdge_s = 1.5;

LeapProximity proximity_of(LeapSeconds until) {
  if (until > kScheduled_s) return LeapProximity::none;
  if (until > kSecondsPerDay) return LeapProximity::schedule;
  return until > kAlert_s ? LeapProximity::announce : LeapProximity::alert;
}

/// "a second is inserted at the end of 2027-06-30 (UTC)".
std::string event_text(LeapSeconds at, int change_s) {
  return fmt::format("a second is {} at the end of {} (UTC)", change_s > 0 ? "inserted" : "left out",
                     policy::date_text(at - 1));
}

constexpr const char* kNewFile =
    "a newer one comes with the system's time zone data or from https://hpiers.obspm.fr/iers/bul/bulc/ntp/"
    "leap-seconds.list";

}  // namespace

LeapKeeper::LeapKeeper(const Settings& settings)
    : file_(settings.leap_table),
      spare_(settings.spare_leap_table),
      smear_interval_s_(settings.leap_smear_interval_s) {}

void LeapKeeper::configure(const Settings& settings) {
  set_table(settings.leap_table);
  spare_ = settings.spare_leap_table;
  if (smear_interval_s_ != settings.leap_smear_interval_s) spread_ = {};
  smear_interval_s_ = settings.leap_smear_interval_s;
}

void LeapKeeper::set_table(std::shared_ptr<const policy::LeapTable> table) {
  const bool is_same = file_ && table && file_->entries() == table->entries() && file_->expires() == table->expires();
  file_ = std::move(table);
  if (!is_same) has_told_near_end_ = has_told_end_ = false;
}

LeapSeconds LeapKeeper::seconds_at(Timestamp now) const {
  const LeapSeconds seconds = leap_seconds_of(now);
  // An inserted second looks like the one before it, and must not be announced again.
  if (passed_ && seconds < *passed_ && seconds >= *passed_ - 2) return *passed_;
  return seconds;
}

const policy::LeapTable* LeapKeeper::table_in_force(LeapSeconds now) const {
  if (file_ && !file_->is_expired(now)) return file_.get();
  if (spare_ && !spare_->is_expired(now)) return spare_.get();
  return nullptr;
}

const char* LeapKeeper::judge_of(LeapSeconds now) const {
  const policy::LeapTable* const table = table_in_force(now);
  if (table == nullptr) return "most sources";
  return table == file_.get() ? "the leap file" : "the built-in table";
}

LeapKeeper::Coming LeapKeeper::coming(LeapSeconds now, wire::Leap vote) const {
  if (const policy::LeapTable* const table = table_in_force(now)) {
    const auto next = table->next(now);
    return next ? Coming{.at = next->at, .change_s = next->change_s} : Coming{};
  }
  const int change_s = change_of(vote);
  if (change_s == 0 || !is_leap_day(now)) return {};
  return {.at = (now / kSecondsPerDay + 1) * kSecondsPerDay, .change_s = change_s};
}

bool LeapKeeper::is_smear_begun(LeapSeconds now, const Coming& coming) const {
  return coming.change_s != 0 && static_cast<double>(coming.at - now) <= smear_interval_s_;
}

LeapKeeper::Coming LeapKeeper::decide(LeapSeconds now, wire::Leap vote, Effects& out) {
  if (is_smear_begun(now, spread_) && now < spread_.at) return spread_;
  const Coming next = coming(now, vote);
  // A table had it before this program began; a vote counts from when it was first seen.
  const bool is_in_time = table_in_force(now) != nullptr || !is_smear_begun(now, next);
  spread_ = smear_interval_s_ > 0 && is_in_time ? next : Coming{};
  if (!(smear_interval_s_ > 0) || is_in_time || next == not_spread_) return next;
  not_spread_ = next;
  out.push_back(Log{Log::Level::warning,
                    "leap second: known only after its spreading should have begun (leapsmearinterval): clients are "
                    "told of it instead; a leapfile tells of it in time"});
  return next;
}

void LeapKeeper::look(const Now& now, wire::Leap vote, Effects& out) {
  // Any moment now, if it is not missed: the plan stands until one of the two is known.
  if (plan_.announced != wire::Leap::none && until_s(now.real) <= 0) return;
  const LeapSeconds seconds = seconds_at(now.real);
  const policy::LeapTable* const table = table_in_force(seconds);
  const Coming next = decide(seconds, vote, out);
  const LeapSeconds until = next.at - seconds;
  const bool is_near =
      next.change_s != 0 && static_cast<double>(until) <= std::max<double>(kSecondsPerDay, smear_interval_s_);
  plan_ = {.announced = is_near && until <= kSecondsPerDay ? leap_of(next.change_s) : wire::Leap::none,
           .at = is_near ? next.at : 0,
           .change_s = is_near ? next.change_s : 0,
           .smear_interval_s = next == spread_ ? smear_interval_s_ : 0,
           .tai_offset_s = table != nullptr ? table->tai_offset_s(seconds) : std::nullopt};
  report(seconds, next, out);
  report_expiry(now, seconds, out);
}

void LeapKeeper::report(LeapSeconds now, const Coming& next, Effects& out) {
  const LeapProximity proximity = next.change_s != 0 ? proximity_of(next.at - now) : LeapProximity::none;
  const bool is_another = next.at != reported_.at || next.change_s != reported_.change_s;
  if (is_another && reported_.change_s != 0 && now < reported_.at)
    out.push_back(
        Log{Log::Level::notice, fmt::format("leap second called off: {} has none at the end of {} (UTC) any more",
                                            judge_of(now), policy::date_text(reported_.at - 1))});
  if (is_another) {
    reported_ = {};
    reported_proximity_ = LeapProximity::none;
  }
  if (proximity == LeapProximity::none) return;
  const bool is_news = reported_proximity_ == LeapProximity::none ||
                       (reported_proximity_ == LeapProximity::schedule && proximity > LeapProximity::schedule);
  reported_ = next;
  reported_proximity_ = proximity;
  if (!is_news) return;
  const bool is_announced = proximity > LeapProximity::schedule;
  const char* const consequence = !is_announced     ? ""
                                  : next == spread_ ? ", clients get it spread"
                                                    : ", clients are told from now on";
  out.push_back(Log{Log::Level::notice, fmt::format("leap second: {}, by {}{}", event_text(next.at, next.change_s),
                                                    judge_of(now), consequence)});
}

void LeapKeeper::report_expiry(const Now& now, LeapSeconds seconds, Effects& out) {
  const policy::LeapTable* const newest = file_ ? file_.get() : spare_.get();
  if (newest == nullptr) return;
  const char* const name = file_ ? "leap file" : "built-in table of leap seconds";
  if (!newest->is_expired(seconds)) {
    if (has_told_near_end_ || newest->expires() - seconds > kExpiresSoon_s) return;
    has_told_near_end_ = true;
    out.push_back(Log{Log::Level::notice,
                      fmt::format("the {} expires on {}; {}", name, policy::date_text(newest->expires()), kNewFile)});
    return;
  }
  // A file that somebody named and nobody renews, with nothing to stand in for it, is worth a line a day; that a program
  // grows old is not.
  const bool sources_decide = table_in_force(seconds) == nullptr;
  const bool is_warning = file_ != nullptr && sources_decide;
  if (is_warning ? now.mono < next_expiry_warning_ : has_told_end_) return;
  has_told_end_ = true;
  next_expiry_warning_ = now.mono + kSecondsPerDay;
  out.push_back(
      Log{is_warning ? Log::Level::warning : Log::Level::notice,
          fmt::format("the {} expired on {}: {} about leap seconds; {}", name, policy::date_text(newest->expires()),
                      sources_decide ? "the sources decide" : "the built-in table decides", kNewFile)});
}

double LeapKeeper::until_s(Timestamp now) const {
  // Differences of Timestamps, which know the fraction; the second that is left out is never shown.
  return (timestamp_of(plan_.at) - now).seconds() - (plan_.change_s < 0 ? 1 : 0);
}

bool LeapKeeper::is_leap(Span jump, Timestamp now) const { return is_leap_second(jump, plan_.announced, now); }

void LeapKeeper::pass() {
  passed_ = plan_.at;
  spread_ = {};
  plan_ = {};
  reported_ = {};
  reported_proximity_ = LeapProximity::none;
}

bool LeapKeeper::is_missed(Timestamp now) const {
  return plan_.announced != wire::Leap::none && until_s(now) < -kMissedAfter_s;
}

bool LeapKeeper::is_at_edge(Timestamp now) const {
  if (plan_.announced != wire::Leap::none && std::abs(until_s(now)) < kEdge_s) return true;
  // After an insertion the clock shows the second before midnight again.
  return passed_ && std::abs((timestamp_of(*passed_) - now).seconds()) < kEdge_s;
}

MonoTime LeapKeeper::deadline(const Now& now) const {
  if (plan_.announced == wire::Leap::none) return MonoTime::never();
  const double until = until_s(now.real);
  return now.mono + (until > 0 ? until + kLookAfter_s : kLookAgain_s);
}

bool LeapKeeper::is_stale(Timestamp now) const { return file_ && table_in_force(leap_seconds_of(now)) == nullptr; }

void LeapKeeper::describe(Timestamp now, state::SystemView& view) const {
  const LeapSeconds seconds = seconds_at(now);
  view.tai_offset_s = plan_.tai_offset_s;
  view.leap_smear_interval_s = smear_interval_s_;
  if (plan_.change_s != 0) {
    view.leap_at = timestamp_of(plan_.at);
    view.leap_smear_offset_s = state::leap_smear_s(until_s(now), plan_.change_s, plan_.smear_interval_s);
    view.leap_proximity = proximity_of(plan_.at - seconds);
  }
  const policy::LeapTable* const table = table_in_force(seconds);
  if (table == nullptr) return;
  view.leap_expires = timestamp_of(table->expires());
  if (table->is_empty()) return;
  const auto next = table->next(seconds);
  view.leap_at = timestamp_of(next ? next->at : table->entries().back().at);
  if (next) view.leap_proximity = proximity_of(next->at - seconds);
}

}  // namespace ntp::engine
