// SPDX-License-Identifier: BSD-2-Clause
//
// The last changes of sources and clock, in words, for whoever asks why. What flaps is told a few times and then now and then, so
// that it doesn't push all else out.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "state/view.h"

namespace ntp::engine {

/// So many changes of one thing are told in so long a time.
inline constexpr std::size_t kToldChanges = 3;
inline constexpr double kToldChangesWindow_s = 600;

/// When the last changes of one thing were told.
class ToldTimes {
 public:
  [[nodiscard]] bool may_tell(MonoTime now) const {
    return count_ < kToldChanges || now - times_[count_ % kToldChanges] >= kToldChangesWindow_s;
  }
  void told(MonoTime now) { times_[count_++ % kToldChanges] = now; }

 private:
  std::array<MonoTime, kToldChanges> times_{};
  std::size_t count_ = 0;
};

/// What was told of a source last.
struct ToldSource {
  bool is_known = false;
  state::SourceReason reason = state::SourceReason::silent;
  Endpoint remote;
  ToldTimes times;
};

/// And of the clock. Good sources take turns, so that who leads has a limit of its own.
struct ToldClock {
  bool is_synchronized = false;
  std::uint16_t leader = 0;
  bool was_lead = false;  ///< the last change was one of the lead alone
  ToldTimes times;
  ToldTimes lead_times;
};

class ChangeLog {
 public:
  void add(Timestamp at, std::uint16_t association_id, std::string text);
  /// What is so of the clock now.
  void add_clock(Timestamp at, std::string text);
  /// The same, where that changes too often: in the place of what add_clock() wrote last, so that the last word is true and
  /// there are no more of them.
  void replace_clock(Timestamp at, std::string text);
  /// Oldest first.
  [[nodiscard]] const std::vector<state::Change>& changes() const { return changes_; }

  ToldClock clock;

 private:
  std::vector<state::Change> changes_;
  std::string clock_text_;  ///< that add_clock() wrote last
};

}  // namespace ntp::engine
