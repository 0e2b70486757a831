// SPDX-License-Identifier: BSD-2-Clause
//
// What the engine tells the data plane about the clock: a few words behind a sequence counter, read by any number of
// workers without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "wire/header.h"

namespace ntp::state {

/// The system variables that go into a reply (RFC 5905 section 11.1), and how long they may be believed.
struct ClockSummary {
  wire::Leap leap = wire::Leap::unsynchronized;
  std::uint8_t stratum = 0;
  std::int8_t precision_log2s = 0;
  wire::Refid refid = wire::kRefidInit;
  Timestamp reference;  ///< when the clock was last set or corrected
  double root_delay_s = 0;
  double root_dispersion_s = 0;  ///< at as_of
  double dispersion_rate = 0;    ///< growth of root_dispersion_s, seconds a second
  MonoTime as_of;
  Timestamp real_as_of;  ///< the system clock at as_of; unknown: nobody checks
  /// After this the summary is stale and a worker answers "unsynchronised": a hung engine leaves no lies behind.
  MonoTime valid_until = MonoTime::never();
  /// The midnight (UTC) at whose edge the next leap second is; unknown: none comes within a day or the smear interval.
  Timestamp leap_at;
  std::int8_t leap_change_s = 0;     ///< +1: a second is inserted before leap_at, -1: the last one is left out
  double leap_smear_interval_s = 0;  ///< clients get the leap second spread over so long before it; 0: as it is

  [[nodiscard]] constexpr bool is_synchronized() const { return leap != wire::Leap::unsynchronized; }
  /// Until the clock leaps, from a reading of it: it never shows the second that is left out.
  [[nodiscard]] constexpr Span until_leap(Timestamp reading) const {
    return leap_at - reading - (leap_change_s < 0 ? Span::from_seconds(1) : Span());
  }
  friend bool operator==(const ClockSummary&, const ClockSummary&) = default;
};

/// The answer of a host that knows no time: leap 3, stratum 0, refid INIT.
constexpr ClockSummary unsynchronized_summary(std::int8_t precision_log2s) {
  ClockSummary summary;
  summary.precision_log2s = precision_log2s;
  return summary;
}

/// One writer, any number of readers (a sequence lock over atomic words). Lock-free for both.
class ClockState {
 public:
  void publish(const ClockSummary& summary);
  /// A consistent summary; retries while the writer is inside.
  [[nodiscard]] ClockSummary read() const;

 private:
  static constexpr std::size_t kWords = 11;
  using Words = std::array<std::uint64_t, kWords>;
  static Words pack(const ClockSummary& summary);
  static ClockSummary unpack(const Words& words);

  std::atomic<std::uint64_t> sequence_{0};
  std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace ntp::state
