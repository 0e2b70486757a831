// SPDX-License-Identifier: BSD-2-Clause
//
// A worker's counters as other threads may read them: published after each batch, each number whole, all of them nearly of
// the same moment.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "server/respond.h"

namespace ntp::daemon {

class SharedCounts {
 public:
  /// From the worker's thread.
  void publish(const server::WorkerCounts& worker) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i].store(worker.counts[i], std::memory_order_relaxed);
    current_version_.store(worker.current_version, std::memory_order_relaxed);
    older_version_.store(worker.older_version, std::memory_order_relaxed);
    lookups_.store(worker.keys.lookups, std::memory_order_relaxed);
    not_found_.store(worker.keys.not_found, std::memory_order_relaxed);
    signed_.store(worker.keys.signed_packets, std::memory_order_relaxed);
    verified_.store(worker.keys.verified_packets, std::memory_order_relaxed);
  }
  /// From any thread.
  [[nodiscard]] server::WorkerCounts read() const {
    server::WorkerCounts worker;
    for (std::size_t i = 0; i < counts_.size(); ++i) worker.counts[i] = counts_[i].load(std::memory_order_relaxed);
    worker.current_version = current_version_.load(std::memory_order_relaxed);
    worker.older_version = older_version_.load(std::memory_order_relaxed);
    worker.keys = {.lookups = lookups_.load(std::memory_order_relaxed),
                   .not_found = not_found_.load(std::memory_order_relaxed),
                   .signed_packets = signed_.load(std::memory_order_relaxed),
                   .verified_packets = verified_.load(std::memory_order_relaxed)};
    return worker;
  }

 private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(server::Outcome::count)> counts_{};
  std::atomic<std::uint64_t> current_version_{0};
  std::atomic<std::uint64_t> older_version_{0};
  std::atomic<std::uint64_t> lookups_{0};
  std::atomic<std::uint64_t> not_found_{0};
  std::atomic<std::uint64_t> signed_{0};
  std::atomic<std::uint64_t> verified_{0};
};

}  // namespace ntp::daemon
