// SPDX-License-Identifier: BSD-2-Clause
#include "server/packet_counts.h"

namespace ntp::server {

state::PacketCounts packet_counts(const WorkerCounts& worker) {
  state::PacketCounts sum{.current_version = worker.current_version, .older_version = worker.older_version};
  for (std::size_t i = 0; i < worker.counts.size(); ++i) {
    const std::uint64_t count = worker.counts[i];
    sum.received += count;
    switch (static_cast<Outcome>(i)) {
      case Outcome::answered:
      case Outcome::answered_unsynchronized:
      case Outcome::answered_authenticated:
      case Outcome::to_control:
        sum.processed += count;
        break;
      case Outcome::answered_nak:
      case Outcome::bad_mac:
        sum.bad_auth += count;
        break;
      case Outcome::kissed:
        sum.kisses += count;
        sum.limited += count;
        break;
      case Outcome::limited:
        sum.limited += count;
        break;
      case Outcome::denied:
        sum.denied += count;
        break;
      case Outcome::bad_length:
      case Outcome::bad_version:
        sum.bad_format += count;
        break;
      case Outcome::bad_source:
      case Outcome::not_a_request:
        sum.declined += count;
        break;
      case Outcome::count:
        break;
    }
  }
  return sum;
}

}  // namespace ntp::server
