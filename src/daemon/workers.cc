// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/workers.h"

#include <mutex>
#include <thread>

#include "net/poll_loop.h"

namespace ntp::daemon {

class Workers::Worker {
 public:
  Worker(const Published& published, std::uint16_t port, std::size_t number)
      : loop_({}), listeners_(loop_, published, net::UdpSocket::Port::shared, number), port_(port) {
    loop_.set_hooks({.next_deadline = [] { return MonoTime::never(); },
                     .on_deadline = [](MonoTime) {},
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
    thread_ = std::thread([this] { static_cast<void>(loop_.run()); });
  }
  void listen_on(const std::vector<Address>& addresses) {
    {
      const std::lock_guard lock(mutex_);
      wanted_ = addresses;
    }
    loop_.wake();
  }
  [[nodiscard]] std::uint64_t answered() const { return listeners_.answered(); }
  [[nodiscard]] state::PacketCounts packet_counts() const { return listeners_.packet_counts(); }
  void add_to(Served& served) const { listeners_.add_to(served); }

 private:
  void reconcile() {
    std::vector<Address> wanted;
    {
      const std::lock_guard lock(mutex_);
      wanted = wanted_;
    }
    static_cast<void>(listeners_.reconcile(wanted, port_));
  }
  net::PollLoop loop_;
  Listeners listeners_;
  std::uint16_t port_;
  std::mutex mutex_;
  std::vector<Address> wanted_;  ///< guarded by mutex_
  std::thread thread_;
};

Workers::Workers(int count, const Published& published, std::uint16_t port) {
  for (int i = 0; i < count; ++i)
    workers_.push_back(std::make_unique<Worker>(published, port, static_cast<std::size_t>(i)));
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

state::PacketCounts Workers::packet_counts() const {
  state::PacketCounts sum;
  for (const auto& worker : workers_) sum += worker->packet_counts();
  return sum;
}

void Workers::add_to(Served& served) const {
  for (const auto& worker : workers_) worker->add_to(served);
}

std::uint64_t Workers::answered() const {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->answered();
  return sum;
}

}  // namespace ntp::daemon
