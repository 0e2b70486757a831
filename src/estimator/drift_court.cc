// SPDX-License-Identifier: BSD-2-Clause
#include "estimator/drift_court.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace ntp::estimator {
namespace {

/// What two honest sources may drift apart: servers steer their clocks too.
constexpr double kToleratedDrift = 2e-8;
constexpr double kDoubt = 6;  ///< standard deviations
/// A record is kept each so often; 64 of them reach back an hour.
constexpr double kRecordEvery_s = 64;
/// After its last offence a source stays out this long.
constexpr double kSentence_s = 7200;
constexpr std::size_t kMostWitnesses = 16;

}  // namespace

bool DriftCourt::is_steady(RawTime now, const Witness& a, const Witness& b) const {
  const auto find = [](const Record& record, SourceId id) -> const Witness* {
    for (const Witness& w : record.said)
      if (w.id == id) return &w;
    return nullptr;
  };
  // The oldest record tells most, younger ones tell earlier.
  for (const std::size_t part : {std::size_t{1}, std::size_t{2}, std::size_t{4}}) {
    if (records_.size() < part) break;
    const Record& then = records_[records_.size() - records_.size() / part];
    const Witness* old_a = find(then, a.id);
    const Witness* old_b = find(then, b.id);
    if (old_a == nullptr || old_b == nullptr) continue;
    const double moved = (a.offset_s - b.offset_s) - (old_a->offset_s - old_b->offset_s);
    const double doubt = std::sqrt(a.variance + b.variance + old_a->variance + old_b->variance);
    if (std::abs(moved) > kDoubt * doubt + kToleratedDrift * (now - then.at)) return false;
  }
  return true;
}

void DriftCourt::hear(RawTime now, std::span<const Witness> witnesses) {
  const std::size_t n = std::min(witnesses.size(), kMostWitnesses);
  if (n > 2 && !records_.empty()) {
    // The largest set in which nobody drifts against anybody; with a majority behind it, the others are the drifting ones,
    // as soon as each of them is seen to drift against most: while the doubt shrinks, a drifting source still agrees with
    // some honest ones and already not with others.
    std::array<std::uint32_t, kMostWitnesses> agrees{};
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (i == j || is_steady(now, witnesses[i], witnesses[j])) agrees[i] |= 1U << j;
    std::uint32_t best = 0;
    for (std::uint32_t set = 1; set < (1U << n); ++set) {
      if (std::popcount(set) <= std::popcount(best)) continue;
      bool is_clique = true;
      for (std::size_t i = 0; i < n && is_clique; ++i)
        if ((set >> i & 1U) != 0) is_clique = (set & ~agrees[i]) == 0;
      if (is_clique) best = set;
    }
    if (2 * static_cast<std::size_t>(std::popcount(best)) > n)
      for (std::size_t i = 0; i < n; ++i)
        if ((best >> i & 1U) == 0 && 2 * (n - static_cast<std::size_t>(std::popcount(agrees[i]))) > n - 1)
          sentence(witnesses[i].id, now + kSentence_s);
  }
  if (records_.empty() || now - records_.newest().at >= kRecordEvery_s)
    records_.push({now, {witnesses.begin(), witnesses.end()}});
}

void DriftCourt::sentence(SourceId id, RawTime until) {
  for (Sentence& s : sentences_)
    if (s.id == id) {
      s.until = until;
      return;
    }
  sentences_.push_back({id, until});
}

bool DriftCourt::is_convicted(SourceId id, RawTime now) const {
  return std::any_of(sentences_.begin(), sentences_.end(),
                     [&](const Sentence& s) { return s.id == id && s.until > now; });
}

void DriftCourt::forget(SourceId id) {
  std::erase_if(sentences_, [&](const Sentence& s) { return s.id == id; });
  for (std::size_t i = 0; i < records_.size(); ++i)
    std::erase_if(records_[i].said, [&](const Witness& w) { return w.id == id; });
}

void DriftCourt::forget_all() {
  records_.clear();
  sentences_.clear();
}

}  // namespace ntp::estimator
