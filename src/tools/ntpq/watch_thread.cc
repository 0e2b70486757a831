// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_thread.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "client/control_transport.h"
#include "client/hosts.h"
#include "net/descriptor.h"
#include "tools/ntpq/watch_asker.h"

namespace ntp::ntpq {
namespace {

/// So long a question goes on after the end was wanted.
constexpr double kLongestNap_s = 0.1;
/// The screen is drawn far oftener than so many samples come; beyond that they are dropped.
constexpr std::size_t kMostWaiting = 4096;

double steady_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// ------------------------------------------------------------------------------------------------- between the threads

class Mailbox {
 public:
  Mailbox(const WatchWishes& wishes, net::Descriptor bell) : bell_(std::move(bell)), wishes_(wishes) {}

  void post(Sample sample) {
    const std::lock_guard lock(mutex_);
    if (samples_.size() >= kMostWaiting) return;
    samples_.emplace_back(std::move(sample), moment_now());
    if (samples_.size() > 1) return;
    const char ring = 0;
    // A full pipe rings already.
    [[maybe_unused]] const ssize_t written = ::write(bell_.get(), &ring, 1);
  }
  std::vector<std::pair<Sample, Moment>> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(samples_, {});
  }

  void set_wishes(const WatchWishes& wishes) {
    const std::lock_guard lock(mutex_);
    if (wishes == wishes_) return;
    wishes_ = wishes;
    changed_.notify_one();
  }
  WatchWishes wishes() {
    const std::lock_guard lock(mutex_);
    return wishes_;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    has_stopped_ = true;
    changed_.notify_one();
  }
  bool has_stopped() {
    const std::lock_guard lock(mutex_);
    return has_stopped_;
  }
  /// Until other wishes than `known` are there, or the end, or `deadline_s` of the steady clock.
  void wait(const WatchWishes& known, double deadline_s) {
    std::unique_lock lock(mutex_);
    const auto until = std::chrono::duration<double>(std::clamp(deadline_s - steady_s(), 0.0, 3600.0));
    changed_.wait_for(lock, until, [&] { return has_stopped_ || wishes_ != known; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  net::Descriptor bell_;
  std::vector<std::pair<Sample, Moment>> samples_;
  WatchWishes wishes_;
  bool has_stopped_ = false;
};

/// Waits in short naps, so that the end of the program needn't wait for a server.
class NappingTransport final : public client::ControlTransport {
 public:
  NappingTransport(std::unique_ptr<client::ControlTransport> transport, Mailbox& mailbox)
      : transport_(std::move(transport)), mailbox_(mailbox) {}

  std::optional<client::TransportFailure> send(Bytes datagram) override { return transport_->send(datagram); }
  std::expected<Bytes, client::TransportFailure> receive(double wait_s) override {
    const double deadline = now_s() + wait_s;
    for (;;) {
      if (mailbox_.has_stopped())
        return std::unexpected(client::TransportFailure{.fault = client::TransportFault::interrupted});
      const double left = deadline - now_s();
      auto received = transport_->receive(std::clamp(left, 0.0, kLongestNap_s));
      if (received || received.error().fault != client::TransportFault::nothing || left <= kLongestNap_s)
        return received;
    }
  }
  [[nodiscard]] double now_s() const override { return transport_->now_s(); }

 private:
  std::unique_ptr<client::ControlTransport> transport_;
  Mailbox& mailbox_;
};

// ---------------------------------------------------------------------------------------------------------- the thread

class Watcher {
 public:
  Watcher(client::ControlSession session, bool is_proven, Mailbox& mailbox)
      : session_(std::move(session)),
        mailbox_(mailbox),
        asker_({.ask =
                    [this, is_proven](client::ControlRequest request) {
                      request.is_proven = is_proven;
                      auto answer = session_.ask(request);
                      if (answer) octets_ += static_cast<double>(answer->data.size());
                      return answer;
                    },
                .tell = [this](Sample sample) { mailbox_.post(std::move(sample)); },
                .now_s = steady_s,
                .wishes = [this] { return mailbox_.wishes(); },
                .has_stopped = [this] { return mailbox_.has_stopped(); }}) {}

  void run() {
    double due_s = 0;
    WatchWishes known;
    while (!mailbox_.has_stopped()) {
      const WatchWishes wishes = mailbox_.wishes();
      if (!wishes.is_paused && steady_s() >= due_s) {
        const double begin_s = steady_s();
        octets_ = 0;
        asker_.run_round();
        due_s = begin_s + std::max(mailbox_.wishes().interval_s, fair_interval_s());
      } else if (wishes.selected != known.selected) {
        asker_.tell_reason();
      } else if (wishes.interval_s < known.interval_s) {
        due_s = std::min(due_s, steady_s() + std::max(wishes.interval_s, fair_interval_s()));
      }
      known = wishes;
      if (wishes.wants_names) tell_names(due_s);
      mailbox_.wait(known, wishes.is_paused ? steady_s() + 3600 : due_s);
    }
  }

 private:
  /// What the last round took, at half the octets a second that our servers spend on one prefix.
  [[nodiscard]] double fair_interval_s() const {
    constexpr double kFairOctets_per_s = 2048;
    return session_.server().address.is_loopback() ? 0 : octets_ / kFairOctets_per_s;
  }

  /// As long as there is time before the next round: a name may take a second.
  void tell_names(double due_s) {
    for (const std::string& text : asker_.addresses()) {
      if (mailbox_.has_stopped() || steady_s() >= due_s) return;
      const auto address = Address::parse(text);
      if (!address || !named_.insert(text).second) continue;
      const std::string name = client::printable(client::name_of(*address));
      if (name != text) mailbox_.post(NameSample{.address = text, .name = name});
    }
  }

  client::ControlSession session_;
  Mailbox& mailbox_;
  WatchAsker asker_;
  std::set<std::string> named_;
  double octets_ = 0;  ///< of the last round's answers
};

/// Signals are for the thread that owns the terminal: threads that are started while one of these lives get none.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Moment moment_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {.steady_s = steady_s(), .unix_s = std::chrono::duration_cast<std::chrono::seconds>(since_1970).count()};
}

class WatchThread::Impl {
 public:
  Impl(net::Descriptor reads, net::Descriptor writes, const WatchWishes& wishes)
      : reads_end(std::move(reads)), mailbox(wishes, std::move(writes)) {}

  net::Descriptor reads_end;
  Mailbox mailbox;
  std::thread thread;
};

std::expected<std::unique_ptr<WatchThread>, std::string> WatchThread::start(const WatchedServer& server,
                                                                            const WatchWishes& wishes) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    return std::unexpected("no pipe between threads: " + std::generic_category().message(errno));
  auto impl = std::make_unique<Impl>(net::Descriptor(ends[0]), net::Descriptor(ends[1]), wishes);

  auto transport = client::open_udp_transport(server.endpoint, nullptr);
  if (!transport) return std::unexpected(transport.error());
  client::ControlSession session(std::make_unique<NappingTransport>(std::move(*transport), impl->mailbox),
                                 server.endpoint, server.options);
  session.set_credentials(server.credentials);
  try {
    const NoSignals no_signals;
    impl->thread = std::thread(
        [&mailbox = impl->mailbox, is_proven = server.credentials.has_value(), session = std::move(session)]() mutable {
          try {
            Watcher(std::move(session), is_proven, mailbox).run();
          } catch (const std::exception& error) {
            mailbox.post(Trouble{error.what()});
          }
        });
  } catch (const std::system_error& error) {
    return std::unexpected(std::string("no thread: ") + error.what());
  }
  return std::unique_ptr<WatchThread>(new WatchThread(std::move(impl)));
}

WatchThread::WatchThread(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WatchThread::~WatchThread() {
  impl_->mailbox.stop();
  impl_->thread.join();
}

int WatchThread::fd() const { return impl_->reads_end.get(); }

std::vector<std::pair<Sample, Moment>> WatchThread::take() {
  std::array<char, 64> rings{};
  while (::read(impl_->reads_end.get(), rings.data(), rings.size()) > 0) {
  }
  return impl_->mailbox.take();
}

void WatchThread::set_wishes(const WatchWishes& wishes) { impl_->mailbox.set_wishes(wishes); }

}  // namespace ntp::ntpq
