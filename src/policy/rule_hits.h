// SPDX-License-Identifier: BSD-2-Clause
//
// How often each restrict line decided: a row of counters a worker, so that none waits for another's cache lines.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ntp::policy {

/// Lives with the policy whose rules it counts. A row is written by one thread and read by any.
class RuleHits {
 public:
  RuleHits(std::size_t rules, std::size_t workers)
      : rules_(rules),
        workers_(workers),
        stride_((rules + 2 * kLine - 1) / kLine * kLine),
        counts_(stride_ * workers) {}

  /// From the worker's thread. A worker that has no row is not counted.
  void count(std::size_t worker, std::size_t rule) {
    if (worker >= workers_ || rule >= rules_) return;
    // One writer: no need for the processor to lock the line.
    std::atomic<std::uint64_t>& count = counts_[worker * stride_ + rule];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  /// What was counted before, for the rules in their order. From one thread, before the others count.
  void begin_with(std::vector<std::uint64_t> sums) { before_ = std::move(sums); }
  /// Of one rule, of all workers. From any thread.
  [[nodiscard]] std::uint64_t sum(std::size_t rule) const {
    std::uint64_t sum = rule < before_.size() ? before_[rule] : 0;
    for (std::size_t worker = 0; worker < workers_ && rule < rules_; ++worker)
      sum += counts_[worker * stride_ + rule].load(std::memory_order_relaxed);
    return sum;
  }
  /// Of all workers, in the order of the rules. From any thread.
  [[nodiscard]] std::vector<std::uint64_t> sums() const {
    std::vector<std::uint64_t> sums = before_;
    sums.resize(rules_);
    for (std::size_t worker = 0; worker < workers_; ++worker)
      for (std::size_t rule = 0; rule < rules_; ++rule)
        sums[rule] += counts_[worker * stride_ + rule].load(std::memory_order_relaxed);
    return sums;
  }

 private:
  static constexpr std::size_t kLine = 8;  ///< counters in a cache line

  std::size_t rules_;
  std::size_t workers_;
  std::size_t stride_;  ///< at least a line is free between the rows, wherever they begin
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::vector<std::uint64_t> before_;
};

}  // namespace ntp::policy
