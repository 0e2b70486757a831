// SPDX-License-Identifier: BSD-2-Clause
//
// When to ask a source (RFC 5905 section 13): intervals, bursts, reachability, back-off.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/time.h"
#include "engine/settings.h"

namespace ntp::engine {

/// When the packets of the first burst leave.
enum class StartBurst : std::uint8_t {
  even,   ///< every 2 s
  sparse  ///< at 0, 2, 4, 6, 10, 18, 34, 66 s: the longer the base, the better the frequency
};
// A burst is over where its next gap would be no shorter than the interval: a source that dies is missed as soon as any.
// Intervals below 2 s, for a LAN: there are no bursts; no request leaves while the answer of the
// last one may still be under way (twice the last round trip); and a source that doesn't answer is asked every 2 s at most.

class PollProcess {
 public:
  explicit PollProcess(const SourceSettings& settings, StartBurst start_burst = StartBurst::even);

  /// Other options of its line, from now on: reach and the packets of a burst stay, a shorter interval is kept at once.
  void reconfigure(const SourceSettings& settings);
  /// Asks at `first`, as if nothing had been sent yet.
  void restart(MonoTime first);
  [[nodiscard]] MonoTime due() const { return due_; }

  struct Poll {
    bool is_new_interval = false;  ///< the reach register was shifted (not a packet inside a burst)
    bool is_filter_aged = false;   ///< three intervals without an answer: a stage of the filter is lost
    bool became_unreachable = false;
  };
  /// A packet goes out now; sets when the next one is due. `system_poll` is the discipline's interval; a source that can
  /// be selected may burst in each interval.
  Poll sent(MonoTime now, std::int8_t system_poll_log2s, bool is_fit, Random& random);

  /// A good reply arrived, so long after its request.
  void received(double round_trip_s = 0);
  /// RATE: the source wants to be asked less often. `asked_poll` is the packet's poll field.
  void slow_down(MonoTime now, std::int8_t asked_poll_log2s, Random& random);
  /// Not a packet for so long.
  void rest(MonoTime now, double duration_s);
  /// Spreads the first packets of many sources; a later tick() does the rest.
  void defer(MonoTime until) { wait_until(until); }

  [[nodiscard]] std::uint8_t reach() const { return reach_; }
  [[nodiscard]] std::int8_t poll_log2s() const { return poll_log2s_; }
  [[nodiscard]] int unreached_polls() const { return unreached_polls_; }
  [[nodiscard]] bool is_bursting() const { return burst_left_ > 0; }
  [[nodiscard]] double interval_s() const { return exp2_s(poll_log2s_); }
  /// So long no request may leave after the last one, whatever happens (0: any time).
  [[nodiscard]] double headway_s(MonoTime now) const;
  /// Floor of the interval; RATE raises it.
  [[nodiscard]] std::int8_t min_poll_log2s() const { return min_poll_log2s_; }
  [[nodiscard]] std::int8_t max_poll_log2s() const { return max_poll_log2s_; }
  friend bool operator==(const PollProcess&, const PollProcess&) = default;

 private:
  [[nodiscard]] double spread_interval_s(Random& random) const;
  [[nodiscard]] double burst_spacing_s() const;
  void begin_start_burst();
  /// Whatever comes: nothing is sent before.
  void wait_until(MonoTime due);

  std::int8_t configured_min_poll_log2s_;
  std::int8_t min_poll_log2s_;
  std::int8_t max_poll_log2s_;
  bool has_iburst_;
  bool has_burst_;
  StartBurst start_burst_;
  std::int8_t poll_log2s_;
  std::uint8_t reach_ = 0;
  int unreached_polls_ = 0;
  int burst_left_ = 0;
  int burst_sent_ = 0;  ///< packets of a sparse first burst, while it lasts
  MonoTime due_ = MonoTime::never();
  MonoTime sent_at_;
  double spacing_s_ = 0;            ///< wanted after the last packet
  double round_trip_s_ = 0;         ///< of the last answer
  bool is_answer_awaited_ = false;  ///< it may bring the next packet forward
};

}  // namespace ntp::engine
