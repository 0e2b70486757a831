// SPDX-License-Identifier: BSD-2-Clause
//
// Queries (modes 6 and 7) on their way from the threads that receive them to the one that answers them: bounded, in lanes, so
// that a flood of strangers keeps nobody else waiting; what finds its lane full is dropped and counted.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "policy/access_list.h"
#include "policy/key_ring.h"
#include "server/respond.h"

namespace ntp::daemon {

/// A query, and what its socket and the restrict lines say of its sender.
struct ReceivedQuery {
  Endpoint remote;
  Address local;
  std::uint32_t interface_index = 0;
  Timestamp received;
  policy::Access access = policy::Access::none;
  bool has_own_line = false;
  bool names_key = false;  ///< of the operator: see names_operators_key()
  Bytes payload;
};

class ControlQueue {
 public:
  /// In the order in which they are served.
  enum class Lane : std::uint8_t {
    this_host,  ///< as far as addresses tell
    named,      ///< has a restrict line of its own
    keyed,      ///< names the control or the request key, which nobody has checked yet
    strangers,
  };
  static constexpr std::size_t kLanes = 4;
  /// Queries that a lane holds.
  static constexpr std::array<std::size_t, kLanes> kRoom{64, 64, 32, 128};

  ControlQueue();
  ControlQueue(const ControlQueue&) = delete;
  ControlQueue& operator=(const ControlQueue&) = delete;

  /// Called, from the thread that offers, when there is something in the queue again. Set before any thread offers.
  void on_filled(std::function<void()> wake) { wake_ = std::move(wake); }

  /// Copies the query; false, and it is counted, if its lane is full. Takes nothing from the heap. From any thread.
  bool offer(const ReceivedQuery& query);

  /// One query, with room for its octets.
  struct Place {
    ReceivedQuery query;
    std::array<std::byte, server::kMaxQueryLength> octets{};
  };
  /// Moves the next query to `out`; false if there is none.
  bool take(Place& out);

  [[nodiscard]] bool is_empty() const { return waiting_.load(std::memory_order_relaxed) == 0; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Ring {
    std::vector<Place> places;
    std::size_t first = 0;
    std::size_t size = 0;
  };

  std::mutex mutex_;
  std::array<Ring, kLanes> lanes_;  ///< guarded by mutex_
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> are_strangers_full_{false};  ///< so that a flood doesn't even take the lock
  std::atomic<std::uint64_t> dropped_{0};
  std::function<void()> wake_;
};

/// True if the number of the control or the request key stands where a MAC would begin, and a digest's worth of octets follows. Proves
/// nothing: only so that the operator's queries don't wait among strangers'.
[[nodiscard]] bool names_operators_key(Bytes payload, const policy::KeyRing* keys);

/// Which lane a query goes by.
[[nodiscard]] ControlQueue::Lane lane_of(const ReceivedQuery& query);

}  // namespace ntp::daemon
