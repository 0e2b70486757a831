// SPDX-License-Identifier: BSD-2-Clause
#include "server/packet_counts.h"

#include <gtest/gtest.h>

namespace ntp::server {
namespace {

TEST(WorkerPacketCounts, EveryOutcomeHasAPlace) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Outcome::count); ++i) {
    WorkerCounts worker;
    worker.counts[i] = 3;
    const state::PacketCounts counts = packet_counts(worker);
    EXPECT_EQ(counts.received, 3U) << i;
    EXPECT_EQ(counts.processed + counts.denied + counts.bad_format + counts.bad_auth + counts.declined + counts.limited,
              3U)
        << i;
  }
}

TEST(WorkerPacketCounts, NaksAreFailedAuthentication) {
  WorkerCounts worker;
  worker.counts.at(static_cast<std::size_t>(Outcome::answered_nak)) = 2;
  worker.counts.at(static_cast<std::size_t>(Outcome::answered)) = 5;
  worker.older_version = 4;
  worker.current_version = 3;

  EXPECT_EQ(
      packet_counts(worker),
      (state::PacketCounts{.received = 7, .processed = 5, .current_version = 3, .older_version = 4, .bad_auth = 2}));
}

TEST(WorkerPacketCounts, AKissIsALimitedPacketThatWasTold) {
  WorkerState worker;
  worker.counts.at(static_cast<std::size_t>(Outcome::limited)) = 3;
  worker.counts.at(static_cast<std::size_t>(Outcome::kissed)) = 2;

  EXPECT_EQ(packet_counts(worker), (state::PacketCounts{.received = 5, .limited = 5, .kisses = 2}));
}

}  // namespace
}  // namespace ntp::server
