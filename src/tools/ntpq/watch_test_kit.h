// SPDX-License-Identifier: BSD-2-Clause
//
// A server to look at, for the tests of ntpq --watch.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/ntpq/watch_model.h"

namespace ntp::ntpq::watch_kit {

/// 2026-11-21 19:45:42 UTC, `steady_s` later.
inline Moment at(double steady_s) {
  constexpr std::int64_t kBegin = 1795290342;
  return {.steady_s = steady_s, .unix_s = kBegin + static_cast<std::int64_t>(steady_s)};
}

inline ClockSample clock() {
  return {.version = "ntpd 0.1.0 (Meridian)",
          .refid = "192.0.2.1",
          .leap = 0,
          .stratum = 2,
          .offset_ms = 0.017404,
          .frequency_ppm = -12.25,
          .jitter_ms = 0.023176,
          .bound_ms = 4.1,
          .why = "following 192.0.2.1 (system peer) with 1 other: +17.4 us, bound 4.1 ms"};
}

inline constexpr std::uint16_t kFirstId = 1981;

/// Selection in the status word (RFC 9327 section 3.2.2), configured and reachable.
inline std::uint16_t status(unsigned selection) { return static_cast<std::uint16_t>(0x9014U | (selection << 8U)); }

inline SourceSample source(std::uint16_t id, const std::string& address, double offset_ms) {
  return {.association_id = id,
          .address = address,
          .refid = ".GPS.",
          .type = 'u',
          .stratum = 1,
          .since_received_s = 12,
          .poll_s = 64,
          .reach = 0377,
          .delay_ms = 8.25,
          .offset_ms = offset_ms,
          .jitter_ms = 0.5,
          .received_at = "1",
          .filter_offsets_ms = {offset_ms, offset_ms + 1, offset_ms - 1, offset_ms + 2, offset_ms - 2},
          .variables = {{"srcadr", address}, {"stratum", "1"}, {"filtoffset", "+0.01 +1.01 -0.99 +2.01 -1.99"}}};
}

inline ClientsSample clients(std::size_t count) {
  ClientsSample sample;
  for (std::size_t i = 0; i < count; ++i)
    sample.newest_first.push_back({.address = fmt::format("198.51.100.{}", i + 1),
                                   .port = static_cast<std::uint16_t>(40000 + i),
                                   .count = 3 * i + 1,
                                   .since_last_s = static_cast<double>(i),
                                   .interval_s = 64,
                                   .restrictions = 0x1d0,
                                   .mode = 3,
                                   .version = 4});
  return sample;
}

/// A leader, one more that agrees, a falseticker, and one that doesn't answer.
inline WatchModel model() {
  WatchModel model("127.0.0.1");
  model.take(Sample(clock()), at(0));
  model.take(
      std::vector<ListedSource>{
          {kFirstId, status(6)}, {kFirstId + 1, status(4)}, {kFirstId + 2, status(1)}, {kFirstId + 3, 0x8011}},
      at(0));
  model.take(source(kFirstId, "192.0.2.1", 0.017), at(0));
  model.take(source(kFirstId + 1, "192.0.2.24", -0.25), at(0));
  model.take(source(kFirstId + 2, "2001:db8:1234:5678::17", 12.2), at(0));
  SourceSample silent = source(kFirstId + 3, "203.0.113.7", 0);
  silent.stratum = 16;
  silent.refid = ".INIT.";
  silent.reach = 0;
  silent.since_received_s.reset();
  silent.delay_ms.reset();
  silent.offset_ms.reset();
  silent.jitter_ms.reset();
  silent.filter_offsets_ms.clear();
  model.take(silent, at(0));
  model.take(NameSample{.address = "192.0.2.24", .name = "time.example.net"}, at(0));
  model.take(ReasonSample{.association_id = kFirstId, .text = "system peer: it agrees with the majority and leads"},
             at(0));
  model.take(ReasonSample{.association_id = kFirstId + 2,
                          .text = "falseticker: its interval +12.1 to +12.3 ms misses the majority's -0.4 to +0.6 ms"},
             at(0));
  model.take(RoundDone{}, at(0));
  return model;
}

}  // namespace ntp::ntpq::watch_kit
