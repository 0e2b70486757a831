// SPDX-License-Identifier: BSD-2-Clause
//
// Where the policy in force hangs: replaced whole by one thread, read by any number of others without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "policy/policy.h"

namespace ntp::policy {

/// One thread publishes. Each reader holds a policy for one batch of packets; what is held is named in the reader's slot (a
/// hazard pointer), and the publisher frees an old policy once no slot names it.
///
///   reader                                 publisher
///   p = current                            old = exchange(current, next)
///   slot = p                               for each retired one:
///   if current != p: again                   is it in a slot? keep it : free it
///   ... uses *p ...
///   slot = null
///
/// Either the reader sees the new pointer when it looks again, or the publisher sees the reader's slot: all of these are
/// sequentially consistent. (No fences, and no atomic<shared_ptr>: the thread sanitizer understands the first, and the second
/// has a lock in libstdc++ 12.)
class PolicyBoard {
 public:
  /// As many readers as there can be workers, the main thread, and some in reserve.
  static constexpr std::size_t kMostReaders = 320;

  explicit PolicyBoard(Policy first);
  PolicyBoard(const PolicyBoard&) = delete;
  PolicyBoard& operator=(const PolicyBoard&) = delete;
  /// All readers are gone by then.
  ~PolicyBoard();

  /// The next batch of every reader goes by `next`. Frees what nobody holds any more.
  void publish(Policy next);
  /// Frees what nobody holds any more; gives how many old policies are still held. The publisher's.
  std::size_t collect();

 private:
  struct alignas(64) Slot {  // a cache line each, so that readers don't take each other's
    std::atomic<bool> is_taken{false};
    std::atomic<const Policy*> held{nullptr};
  };

 public:
  /// A policy that stays until this goes.
  class Hold {
   public:
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() { slot_.held.store(nullptr, std::memory_order_release); }

    const Policy& operator*() const { return policy_; }
    const Policy* operator->() const { return &policy_; }

   private:
    friend class PolicyBoard;
    Hold(Slot& slot, const Policy& policy) : slot_(slot), policy_(policy) {}
    Slot& slot_;
    const Policy& policy_;
  };

  /// One thread's place at the board; taken once, given back at the end.
  class Reader {
   public:
    /// `board` outlives the reader. There is no room for more than kMostReaders.
    explicit Reader(const PolicyBoard& board);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    /// The policy in force now. At most one hold at a time. Takes nothing from the heap and never waits.
    [[nodiscard]] Hold hold() const;

   private:
    const PolicyBoard& board_;
    Slot& slot_;
  };

 private:
  [[nodiscard]] Slot& take_slot() const;
  [[nodiscard]] bool is_held(const Policy* policy) const;

  std::atomic<const Policy*> current_;
  mutable std::array<Slot, kMostReaders> slots_;        ///< written by readers, which don't change the board
  std::vector<std::unique_ptr<const Policy>> retired_;  ///< the publisher's
};

}  // namespace ntp::policy
