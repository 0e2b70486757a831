// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/traffic.h"

#include <algorithm>

namespace ntp::daemon {

TrafficCounts& TrafficCounts::operator+=(const TrafficCounts& other) {
  received += other.received;
  sent += other.sent;
  send_failed += other.send_failed;
  ignored += other.ignored;
  wakeups += other.wakeups;
  useful_wakeups += other.useful_wakeups;
  return *this;
}

TrafficCounts TrafficCounts::since(const TrafficCounts& earlier) const {
  return {.received = received - earlier.received,
          .sent = sent - earlier.sent,
          .send_failed = send_failed - earlier.send_failed,
          .ignored = ignored - earlier.ignored,
          .wakeups = wakeups - earlier.wakeups,
          .useful_wakeups = useful_wakeups - earlier.useful_wakeups};
}

Traffic::Row* Traffic::find(const Address& local) {
  const std::size_t used = used_.load(std::memory_order_relaxed);
  if (last_ < used && rows_[last_].local == local) return &rows_[last_];
  for (last_ = 0; last_ < used; ++last_)
    if (rows_[last_].local == local) return &rows_[last_];
  if (used == kMostAddresses) return nullptr;
  rows_[used].local = local;
  used_.store(used + 1, std::memory_order_release);
  return &rows_[used];
}

void Traffic::woken(bool is_useful) {
  add(wakeups_);
  if (is_useful) add(useful_wakeups_);
}

void Traffic::received(const Address& local) {
  add(received_);
  if (Row* row = find(local); row != nullptr) add(row->received);
}

void Traffic::sent(const Address& local, bool is_done) {
  add(is_done ? sent_ : send_failed_);
  if (Row* row = find(local); row != nullptr) add(is_done ? row->sent : row->send_failed);
}

TrafficCounts Traffic::counts() const {
  const auto read = [](const Counter& counter) { return counter.load(std::memory_order_relaxed); };
  return {.received = read(received_),
          .sent = read(sent_),
          .send_failed = read(send_failed_),
          .ignored = read(ignored_),
          .wakeups = read(wakeups_),
          .useful_wakeups = read(useful_wakeups_)};
}

void Traffic::add_to(std::vector<AddressTraffic>& rows) const {
  const std::size_t used = used_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < used; ++i) {
    const Row& row = rows_[i];
    auto known = std::ranges::find(rows, row.local, &AddressTraffic::local);
    if (known == rows.end()) known = rows.insert(rows.end(), AddressTraffic{.local = row.local});
    known->received += row.received.load(std::memory_order_relaxed);
    known->sent += row.sent.load(std::memory_order_relaxed);
    known->send_failed += row.send_failed.load(std::memory_order_relaxed);
  }
}

}  // namespace ntp::daemon
