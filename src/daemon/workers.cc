// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/workers.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "daemon/listeners.h"
#include "net/poll_loop.h"

namespace ntp::daemon {

std::uint64_t answered_by(const server::WorkerState& counters) {
  const auto count = [&](server::Outcome outcome) { return counters.counts.at(static_cast<std::size_t>(outcome)); };
  return count(server::Outcome::answered) + count(server::Outcome::answered_unsynchronized) + count(server::Outcome::answered_nak);
}

class Workers::Worker {
 public:
  Worker(const server::Snapshot& snapshot, std::uint16_t port)
      : loop_({}), listeners_(loop_, snapshot, net::UdpSocket::Port::shared), port_(port) {
    loop_.set_hooks({.next_deadline = [this] { return next_count_; },
                     .on_deadline = [this](MonoTime now) { publish_count(now); },
                     .on_wake = [this] { reconcile(); },
                     .on_signal = {}});
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }

  std::optional<net::NetError> open(const std::vector<Address>& addresses) {
    wanted_ = addresses;
    return listeners_.reconcile(addresses, port_);
  }
  void start() {
    publish_count(net::monotonic_now());
    thread_ = std::thread([this] { static_cast<void>(loop_.run()); });
  }
  void listen_on(const std::vector<Address>& addresses) {
    {
      const std::lock_guard lock(mutex_);
      wanted_ = addresses;
    }
    loop_.wake();
  }
  [[nodiscard]] std::uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }

 private:
  static constexpr double kCountInterval_s = 1;

  void reconcile() {
    std::vector<Address> wanted;
    {
      const std::lock_guard lock(mutex_);
      wanted = wanted_;
    }
    static_cast<void>(listeners_.reconcile(wanted, port_));
    publish_count(net::monotonic_now());
  }
  /// The counters are the thread's own; what others see of them is copied here.
  void publish_count(MonoTime now) {
    const std::uint64_t count = answered_by(listeners_.counters());
    answered_.store(count, std::memory_order_relaxed);
    next_count_ = now + kCountInterval_s;
  }

  net::PollLoop loop_;
  Listeners listeners_;
  std::uint16_t port_;
  std::mutex mutex_;
  std::vector<Address> wanted_;  ///< guarded by mutex_
  std::atomic<std::uint64_t> answered_{0};
  MonoTime next_count_ = MonoTime::never();
  std::thread thread_;
};

Workers::Workers(int count, const server::Snapshot& snapshot, std::uint16_t port) {
  for (int i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>(snapshot, port));
}

Workers::~Workers() = default;

std::optional<net::NetError> Workers::open(const std::vector<Address>& addresses) {
  for (const auto& worker : workers_)
    if (auto error = worker->open(addresses)) return error;
  return std::nullopt;
}

void Workers::start() {
  for (const auto& worker : workers_) worker->start();
}

void Workers::listen_on(const std::vector<Address>& addresses) {
  for (const auto& worker : workers_) worker->listen_on(addresses);
}

std::uint64_t Workers::answered() const {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->answered();
  return sum;
}

}  // namespace ntp::daemon
