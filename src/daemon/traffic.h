// SPDX-License-Identifier: BSD-2-Clause
//
// What went through a thread's sockets, in all and by the local address: for iostats and ifstats.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/address.h"

namespace ntp::daemon {

struct TrafficCounts {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t send_failed = 0;
  std::uint64_t ignored = 0;  ///< too long, or for a group
  std::uint64_t wakeups = 0;  ///< calls that a socket is ready
  std::uint64_t useful_wakeups = 0;

  TrafficCounts& operator+=(const TrafficCounts& other);
  /// What came since `earlier`.
  [[nodiscard]] TrafficCounts since(const TrafficCounts& earlier) const;
  friend bool operator==(const TrafficCounts&, const TrafficCounts&) = default;
};

/// What went through one local address.
struct AddressTraffic {
  Address local;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t send_failed = 0;
};

/// One thread counts, any thread reads: numbers are whole, and nearly of the same moment.
class Traffic {
 public:
  /// Of more local addresses only the totals are counted. Few hosts have so many.
  static constexpr std::size_t kMostAddresses = 64;

  // The counting thread's.
  void woken(bool is_useful);
  void received(const Address& local);
  void ignored() { add(ignored_); }
  void sent(const Address& local, bool is_done);

  // Any thread's.
  [[nodiscard]] TrafficCounts counts() const;
  /// Adds to those of `rows` that have the same address; appends the others.
  void add_to(std::vector<AddressTraffic>& rows) const;

 private:
  using Counter = std::atomic<std::uint64_t>;
  struct Row {
    Address local;  ///< never changes once the row counts as one
    Counter received{0};
    Counter sent{0};
    Counter send_failed{0};
  };
  static void add(Counter& counter) {
    // One writer: no need for the processor to lock the line.
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  Row* find(const Address& local);

  Counter received_{0};
  Counter sent_{0};
  Counter send_failed_{0};
  Counter ignored_{0};
  Counter wakeups_{0};
  Counter useful_wakeups_{0};
  std::atomic<std::size_t> used_{0};
  std::size_t last_ = 0;  ///< the row found last: packets come in runs
  std::array<Row, kMostAddresses> rows_;
};

}  // namespace ntp::daemon
