// SPDX-License-Identifier: BSD-2-Clause
//
// What became of the packets that came in, in the words of sysstats and of the control variables ss_*.
#pragma once

#include <cstdint>

namespace ntp::state {

struct PacketCounts {
  std::uint64_t received = 0;
  std::uint64_t processed = 0;  ///< used: a request for the time, a query, an answer that was measured
  std::uint64_t current_version = 0;
  std::uint64_t older_version = 0;
  std::uint64_t denied = 0;      ///< by restrict lines
  std::uint64_t bad_format = 0;  ///< length or format
  std::uint64_t bad_auth = 0;
  std::uint64_t declined = 0;  ///< of no use: nobody asked for it, or it is none of our business
  std::uint64_t limited = 0;   ///< came too fast
  std::uint64_t kisses = 0;    ///< of those, were told so

  PacketCounts& operator+=(const PacketCounts& other) {
    received += other.received;
    processed += other.processed;
    current_version += other.current_version;
    older_version += other.older_version;
    denied += other.denied;
    bad_format += other.bad_format;
    bad_auth += other.bad_auth;
    declined += other.declined;
    limited += other.limited;
    kisses += other.kisses;
    return *this;
  }
  /// What came since `earlier`.
  [[nodiscard]] PacketCounts since(const PacketCounts& earlier) const {
    return {.received = received - earlier.received,
            .processed = processed - earlier.processed,
            .current_version = current_version - earlier.current_version,
            .older_version = older_version - earlier.older_version,
            .denied = denied - earlier.denied,
            .bad_format = bad_format - earlier.bad_format,
            .bad_auth = bad_auth - earlier.bad_auth,
            .declined = declined - earlier.declined,
            .limited = limited - earlier.limited,
            .kisses = kisses - earlier.kisses};
  }
  friend bool operator==(const PacketCounts&, const PacketCounts&) = default;
};

}  // namespace ntp::state
