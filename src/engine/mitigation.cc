// SPDX-License-Identifier: BSD-2-Clause
#include "engine/mitigation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/orphan.h"

namespace ntp::engine {
namespace {

using state::Selection;
using state::SourceReason;

struct Tested {
  std::vector<Candidate> candidates;
  std::size_t eligible = 0;   ///< sources that could become candidates
  std::size_t convicted = 0;  ///< fit, but the estimator found them drifting
  Association* local_clock = nullptr;
  Association* orphan_parent = nullptr;
};

/// The source with the least rank below our own.
void consider_parent(Tested& tested, Association& a, const SelectionSettings& settings) {
  if (!may_be_parent(a, settings)) return;
  const auto rank = [](const Association& parent) { return orphan_rank(parent.remote.address); };
  if (tested.orphan_parent == nullptr || rank(a) < rank(*tested.orphan_parent)) tested.orphan_parent = &a;
}

Candidate make_candidate(std::size_t index, Association& a, const MitigationContext& context) {
  const Candidate candidate{.index = index,
                            .offset_s = offset_now_s(a, context.correction),
                            .root_distance_s = std::max(root_distance_s(a, context.now, context.dispersion_rate),
                                                        context.selection->min_distance_s),
                            .jitter_s = a.peer.jitter_s,
                            .stratum = a.peer.stratum,
                            .is_preferred = a.settings.is_preferred,
                            .is_always_true = a.settings.is_always_true};
  a.judged.low_s = candidate.offset_s - candidate.root_distance_s;
  a.judged.high_s = candidate.offset_s + candidate.root_distance_s;
  a.judged.at = context.now;
  a.judged.reason = SourceReason::no_majority;
  return candidate;
}

Tested test_all(Associations associations, const MitigationContext& context) {
  Tested tested;
  const PeerTestContext tests{context.now, context.dispersion_rate, context.selection, context.own};
  for (std::size_t i = 0; i < associations.size(); ++i) {
    Association& a = *associations[i];
    a.selection = Selection::reject;
    a.judged.order = 0;
    a.judged.reason = SourceReason::spare;
    a.flash = (a.flash & ~kPeerTests) | test_peer(a, tests);
    const bool is_fit = (a.flash & kPeerTests) == 0;
    if (a.is_local_clock() && !a.settings.is_preferred) {
      if (is_fit && tested.local_clock == nullptr) tested.local_clock = &a;
      continue;
    }
    if (!a.settings.is_never_selected) ++tested.eligible;
    if (is_orphan(a, *context.selection)) {
      if (is_fit) consider_parent(tested, a, *context.selection);
      continue;
    }
    if (is_fit && a.is_convicted) {
      // It has a vote, but not a say.
      a.selection = Selection::falseticker;
      ++tested.convicted;
      continue;
    }
    if (is_fit) tested.candidates.push_back(make_candidate(i, a, context));
  }
  return tested;
}

wire::Leap vote(const std::vector<Association*>& survivors) {
  std::size_t insert = 0;
  std::size_t remove = 0;
  for (const Association* a : survivors) {
    if (a->peer.leap == wire::Leap::insert) ++insert;
    if (a->peer.leap == wire::Leap::remove) ++remove;
  }
  if (2 * insert > survivors.size()) return wire::Leap::insert;
  return 2 * remove > survivors.size() ? wire::Leap::remove : wire::Leap::none;
}

SystemChoice local_choice(Association& a) {
  a.selection = Selection::system_peer;
  return {.peer = &a, .offset_s = 0, .jitter_s = a.peer.jitter_s, .survivors = 1, .is_makeshift = true, .followed = {}};
}

SystemChoice orphan_choice(Association& a, const MitigationContext& context) {
  a.selection = Selection::system_peer;
  return {.peer = &a,
          .offset_s = offset_now_s(a, context.correction),
          .jitter_s = a.peer.jitter_s,
          .survivors = 1,
          .is_makeshift = true,
          .followed = {&a}};
}

/// Why the source is where it is, if it passed its tests; what failed them is told by its flash word.
SourceReason reason_of(const Association& a, bool is_decided, bool has_majority, SourceReason undecided) {
  if ((a.flash & kPeerTests) != 0) return SourceReason::few_samples;
  switch (a.selection) {
    case Selection::candidate:
    case Selection::backup:
    case Selection::system_peer:
    case Selection::pps_peer:
      return SourceReason::none;
    case Selection::reject:
      // Not even counted yet, or not to be counted.
      return a.judged.reason == SourceReason::spare ? SourceReason::spare : undecided;
    case Selection::excess:
      return SourceReason::outlier;
    case Selection::outlier:
      return is_decided ? SourceReason::outlier : undecided;
    case Selection::falseticker:
      if (a.is_convicted) return SourceReason::drifting;
      return has_majority && undecided != SourceReason::waiting ? SourceReason::outside : undecided;
  }
  return SourceReason::none;
}

}  // namespace

std::optional<SystemChoice> Mitigation::choose(Associations associations, const MitigationContext& context) {
  majority_ = {};
  undecided_ = SourceReason::no_majority;
  auto choice = decide(associations, context);
  const bool is_decided = choice && !choice->is_makeshift;
  for (const auto& a : associations)
    a->judged.reason = reason_of(*a, is_decided, majority_.interval.has_value(), undecided_);
  return choice;
}

std::optional<SystemChoice> Mitigation::decide(Associations associations, const MitigationContext& context) {
  reason_.clear();
  Tested tested = test_all(associations, context);
  const std::size_t fit = tested.candidates.size();
  const std::size_t expected = tested.eligible + context.unresolved;
  const auto give_up = [&](std::string why) -> std::optional<SystemChoice> {
    if (tested.local_clock != nullptr && context.is_orphaned) {
      last_peer_ = tested.local_clock->id;
      return local_choice(*tested.local_clock);
    }
    if (tested.orphan_parent != nullptr && context.is_orphaned) {
      last_peer_ = tested.orphan_parent->id;
      return orphan_choice(*tested.orphan_parent, context);
    }
    reason_ = std::move(why);
    return std::nullopt;
  };

  if (fit == 0) return give_up(tested.eligible == 0 ? "no source is configured" : "no source is fit to be followed");
  if (context.must_wait_for_more) undecided_ = SourceReason::waiting;
  if (context.must_wait_for_more && 2 * fit <= expected)
    return give_up(fmt::format("{} of {} sources can have a say", fit, expected));

  const std::optional<Interval> agreed = intersect(tested.candidates);
  std::vector<Candidate> truechimers;
  for (const Candidate& c : tested.candidates) {
    const bool is_true = c.is_always_true || (agreed && is_truechimer(c, *agreed));
    associations[c.index]->selection = is_true ? Selection::outlier : Selection::falseticker;
    if (is_true) truechimers.push_back(c);
  }
  majority_ = {agreed, agreed ? truechimers.size() : 0, fit + tested.convicted};
  // Two liars that are quicker than two others must not win by being counted first.
  if (context.must_wait_for_more && 2 * truechimers.size() <= expected)
    return give_up(fmt::format("{} of {} sources agree so far", truechimers.size(), expected));
  undecided_ = SourceReason::no_majority;
  if (truechimers.empty()) return give_up(fmt::format("the {} sources contradict each other", fit));
  if (tested.convicted > 0 && 2 * truechimers.size() <= fit + tested.convicted)
    return give_up(
        fmt::format("{} of {} sources agree, {} drift", truechimers.size(), fit + tested.convicted, tested.convicted));
  if (truechimers.size() < static_cast<std::size_t>(context.selection->min_sane))
    return give_up(
        fmt::format("{} sources agree, {} are wanted (tos minsane)", truechimers.size(), context.selection->min_sane));

  const std::size_t limit = static_cast<std::size_t>(std::max(1, context.selection->max_clock));
  if (truechimers.size() > limit) {
    const auto is_kept = [](const Candidate& c) { return c.is_preferred || c.is_always_true; };
    std::sort(truechimers.begin(), truechimers.end(), [&](const Candidate& a, const Candidate& b) {
      if (is_kept(a) != is_kept(b)) return is_kept(a);
      return a.root_distance_s != b.root_distance_s ? a.root_distance_s < b.root_distance_s : a.index < b.index;
    });
    for (std::size_t i = limit; i < truechimers.size(); ++i)
      associations[truechimers[i].index]->selection = Selection::excess;
    truechimers.resize(limit);
  }

  if (context.combining == Combining::joint) return choose_jointly(associations, truechimers, context);
  return choose_clustered(associations, truechimers, context);
}

SystemChoice Mitigation::choose_jointly(Associations associations, std::vector<Candidate>& truechimers,
                                        const MitigationContext& context) {
  std::sort(truechimers.begin(), truechimers.end(), [](const Candidate& a, const Candidate& b) {
    return a.root_distance_s != b.root_distance_s ? a.root_distance_s < b.root_distance_s : a.index < b.index;
  });
  SystemChoice choice;
  for (const Candidate& c : truechimers) {
    choice.followed.push_back(associations[c.index].get());
    choice.followed.back()->selection = Selection::candidate;
    choice.followed.back()->judged.order = static_cast<std::uint32_t>(choice.followed.size());
  }
  choice.leap = vote(choice.followed);
  choice.survivors = choice.followed.size();
  choice.peer = lead(choice.followed, context);
  choice.peer->selection = Selection::system_peer;
  last_peer_ = choice.peer->id;
  if (choice.peer->settings.is_preferred) choice.followed = {choice.peer};
  return choice;
}

SystemChoice Mitigation::choose_clustered(Associations associations, const std::vector<Candidate>& truechimers,
                                          const MitigationContext& context) {
  const Cluster clustered = cluster(truechimers, {context.selection->min_clock, context.selection->max_distance_s});
  std::vector<Association*> survivors;
  for (const Candidate& c : clustered.survivors) {
    survivors.push_back(associations[c.index].get());
    survivors.back()->selection = Selection::candidate;
    survivors.back()->judged.order = static_cast<std::uint32_t>(survivors.size());
  }
  const Combined combined = combine(clustered);
  Association* peer = lead(survivors, context);
  peer->selection = Selection::system_peer;
  last_peer_ = peer->id;
  const double offset_s = peer->settings.is_preferred ? offset_now_s(*peer, context.correction) : combined.offset_s;
  return {.peer = peer,
          .offset_s = offset_s,
          .jitter_s = combined.jitter_s,
          .leap = vote(survivors),
          .survivors = survivors.size(),
          .followed = {}};
}

Association* Mitigation::lead(const std::vector<Association*>& survivors, const MitigationContext& context) {
  for (Association* a : survivors)
    if (a->settings.is_preferred) return a;

  Association* first = survivors.front();
  const auto old =
      std::find_if(survivors.begin(), survivors.end(), [&](const Association* a) { return a->id == last_peer_; });
  if (old == survivors.end() || *old == first || (*old)->peer.stratum != first->peer.stratum) {
    hop_threshold_s_ = context.selection->min_distance_s;
    return first;
  }
  // The old leader stays while it is close to the new one; the bar is lowered each time, so that a better one wins in the end.
  const double apart_s = std::abs(offset_now_s(**old, context.correction) - offset_now_s(*first, context.correction));
  if (apart_s >= hop_threshold_s_) {
    hop_threshold_s_ = context.selection->min_distance_s;
    return first;
  }
  hop_threshold_s_ /= 2;
  return *old;
}

}  // namespace ntp::engine
