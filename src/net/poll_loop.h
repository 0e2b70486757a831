// SPDX-License-Identifier: BSD-2-Clause
//
// The event loop: poll(2), one deadline, signals, and a wake-up from other threads.
//
// poll, and not epoll, so that the same program runs under libraries that simulate libc's clocks and sockets: there only
// poll and select let time pass. There an empty pipe also polls as readable; the loop finds that out at its start and then
// works without a self-pipe, by never waiting longer than kLongestBlindWait_s.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include <poll.h>

#include "base/time.h"
#include "net/descriptor.h"

namespace ntp::net {

/// CLOCK_MONOTONIC now.
[[nodiscard]] MonoTime monotonic_now();

/// Why a descriptor's callback is called. On a socket error both are set: read the error queue first, then the socket,
/// which gives the error and clears it.
struct Ready {
  bool readable = false;
  bool error_queue = false;
};

class PollLoop {
 public:
  using OnReady = std::function<void(Ready)>;

  /// All are called from run() alone; any may be empty. Each may add and remove descriptors and call stop().
  struct Hooks {
    std::function<MonoTime()> next_deadline;    ///< asked before each wait
    std::function<void(MonoTime)> on_deadline;  ///< when next_deadline() is reached; gets the time
    std::function<void()> on_wake;              ///< after wake(); several calls of wake() may become one
    std::function<void(int)> on_signal;         ///< SIGHUP, SIGTERM, SIGINT, once catch_signals() was called
  };

  /// The longest wait where no self-pipe can end it.
  static constexpr double kLongestBlindWait_s = 1.0;

  explicit PollLoop(Hooks hooks);
  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;
  ~PollLoop();

  /// Replaces the hooks; not from inside a hook.
  void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

  /// Calls back whenever `fd` is readable or has something in its error queue. The fd stays the caller's, who removes it
  /// before closing it. An fd is watched once.
  void add(int fd, OnReady on_ready);
  /// No callback for `fd` comes after this, even if it is ready already. An fd that is not watched is fine.
  void remove(int fd);

  /// SIGHUP, SIGTERM and SIGINT come to on_signal from now on; SIGUSR1, SIGUSR2 and SIGPIPE are ignored. One loop of a
  /// process at a time; its destructor restores what was before.
  [[nodiscard]] std::expected<void, NetError> catch_signals();

  /// Runs until stop(). An error is poll's own (out of memory, too many descriptors).
  [[nodiscard]] std::expected<void, NetError> run();
  /// One wait and what became ready in it, for tests and for start-up.
  [[nodiscard]] std::expected<void, NetError> run_once();

  /// run() returns after the callback that is running. From any thread.
  void stop();
  /// on_wake is called soon (within kLongestBlindWait_s without a self-pipe). From any thread.
  void wake();

  /// How often on_deadline was called. From the loop's own thread.
  [[nodiscard]] std::uint64_t deadlines() const { return deadlines_; }

  [[nodiscard]] bool has_self_pipe() const { return pipe_reader_.is_open(); }

 private:
  struct Watch {
    int fd = -1;
    OnReady on_ready;
  };

  void open_self_pipe();
  void drain_self_pipe() const;
  [[nodiscard]] int wait_ms() const;
  void dispatch_ready();
  void dispatch_signals() const;

  Hooks hooks_;
  // Watches have stable addresses: a callback may remove itself, or others, while it runs.
  std::vector<std::unique_ptr<Watch>> watches_;
  std::vector<std::unique_ptr<Watch>> removed_;  // kept until the round of callbacks is over
  std::vector<pollfd> polled_;                   // the set of the current round, in the order of round_
  std::vector<Watch*> round_;
  Descriptor pipe_reader_;
  Descriptor pipe_writer_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> woken_{false};
  bool catches_signals_ = false;
  std::uint64_t deadlines_ = 0;
};

}  // namespace ntp::net
