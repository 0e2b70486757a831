// SPDX-License-Identifier: BSD-2-Clause
#include "net/poll_loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include "base/assert.h"

namespace ntp::net {
namespace {

constexpr std::array kCaughtSignals{SIGHUP, SIGTERM, SIGINT};
constexpr std::array kIgnoredSignals{SIGUSR1, SIGUSR2, SIGPIPE};
constexpr std::size_t kSignals = kCaughtSignals.size() + kIgnoredSignals.size();

// What a signal handler may touch: one flag a signal, and the pipe of the loop that catches them. A handler has no argument of ours.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): for that reason
std::array<volatile std::sig_atomic_t, kCaughtSignals.size()> pending_signals{};
volatile std::sig_atomic_t signal_pipe = -1;
std::array<struct sigaction, kSignals> previous_actions{};
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

void write_to_pipe(int fd) {
  const char octet = 0;
  // A full pipe wakes the loop as well as one octet more.
  [[maybe_unused]] const ssize_t ignored = ::write(fd, &octet, 1);
}

extern "C" void on_caught_signal(int signal) {
  const int saved_errno = errno;
  for (std::size_t i = 0; i < kCaughtSignals.size(); ++i)
    if (kCaughtSignals[i] == signal) pending_signals[i] = 1;
  if (signal_pipe >= 0) write_to_pipe(signal_pipe);
  errno = saved_errno;
}

}  // namespace

MonoTime monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return MonoTime::from_nanoseconds(std::int64_t{now.tv_sec} * kNanosecondsPerSecond + now.tv_nsec);
}

PollLoop::PollLoop(Hooks hooks) : hooks_(std::move(hooks)) { open_self_pipe(); }

PollLoop::~PollLoop() {
  if (!catches_signals_) return;
  for (std::size_t i = 0; i < kSignals; ++i) {
    const int signal = i < kCaughtSignals.size() ? kCaughtSignals[i] : kIgnoredSignals[i - kCaughtSignals.size()];
    ::sigaction(signal, &previous_actions[i], nullptr);
  }
  signal_pipe = -1;
}

void PollLoop::open_self_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  pollfd probe{.fd = reader.get(), .events = POLLIN, .revents = 0};
  // Nothing was written yet: a pipe that polls as readable would make the loop spin.
  if (::poll(&probe, 1, 0) != 0) return;
  pipe_reader_ = std::move(reader);
  pipe_writer_ = std::move(writer);
}

void PollLoop::drain_self_pipe() const {
  std::array<char, 64> octets{};
  while (::read(pipe_reader_.get(), octets.data(), octets.size()) > 0) {
  }
}

void PollLoop::add(int fd, OnReady on_ready) {
  NTP_ASSERT(fd >= 0);
  NTP_ASSERT(std::ranges::none_of(watches_, [fd](const auto& watch) { return watch->fd == fd; }));
  watches_.push_back(std::make_unique<Watch>(Watch{fd, std::move(on_ready)}));
}

void PollLoop::remove(int fd) {
  const auto found = std::ranges::find_if(watches_, [fd](const auto& watch) { return watch->fd == fd; });
  if (found == watches_.end()) return;
  (*found)->fd = -1;
  removed_.push_back(std::move(*found));
  watches_.erase(found);
}

std::expected<void, NetError> PollLoop::catch_signals() {
  NTP_ASSERT(!catches_signals_);
  signal_pipe = pipe_writer_.get();
  catches_signals_ = true;
  struct sigaction action{};
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals; ++i) {
    const bool is_caught = i < kCaughtSignals.size();
    // No SA_RESTART: poll() must come back with EINTR where there is no pipe.
    action.sa_handler = is_caught ? on_caught_signal : SIG_IGN;
    const int signal = is_caught ? kCaughtSignals[i] : kIgnoredSignals[i - kCaughtSignals.size()];
    if (::sigaction(signal, &action, &previous_actions[i]) != 0) return std::unexpected(NetError{errno, "sigaction"});
  }
  return {};
}

int PollLoop::wait_ms() const {
  if (stopping_.load() || woken_.load()) return 0;
  const double longest_s = has_self_pipe() ? 3600.0 : kLongestBlindWait_s;
  double wait_s = longest_s;
  if (hooks_.next_deadline) {
    const MonoTime deadline = hooks_.next_deadline();
    if (deadline != MonoTime::never()) wait_s = std::clamp(deadline - monotonic_now(), 0.0, longest_s);
  }
  // Rounded up: a loop that wakes before its deadline would spin until it.
  return static_cast<int>(std::ceil(wait_s * 1e3));
}

std::expected<void, NetError> PollLoop::run_once() {
  polled_.clear();
  round_.clear();
  for (const auto& watch : watches_) {
    polled_.push_back({.fd = watch->fd, .events = POLLIN | POLLPRI, .revents = 0});
    round_.push_back(watch.get());
  }
  if (has_self_pipe()) polled_.push_back({.fd = pipe_reader_.get(), .events = POLLIN, .revents = 0});

  const int ready = ::poll(polled_.data(), polled_.size(), wait_ms());
  if (ready < 0 && errno != EINTR) return std::unexpected(NetError{errno, "poll"});
  // After EINTR revents hold what was there before: nothing.
  if (ready > 0) {
    if (has_self_pipe() && polled_.back().revents != 0) drain_self_pipe();
    dispatch_ready();
  }
  if (woken_.exchange(false) && hooks_.on_wake) hooks_.on_wake();
  dispatch_signals();
  if (hooks_.next_deadline && hooks_.on_deadline && !stopping_.load()) {
    const MonoTime now = monotonic_now();
    if (hooks_.next_deadline() <= now) {
      ++deadlines_;
      hooks_.on_deadline(now);
    }
  }
  removed_.clear();
  return {};
}

void PollLoop::dispatch_ready() {
  for (std::size_t i = 0; i < round_.size(); ++i) {
    const auto events = static_cast<unsigned>(polled_[i].revents);
    const bool was_removed = round_[i]->fd != polled_[i].fd;
    if (events == 0 || was_removed || stopping_.load()) continue;
    NTP_ASSERT((events & unsigned{POLLNVAL}) == 0);  // closed without remove()
    const Ready ready{.readable = (events & unsigned{POLLIN | POLLERR | POLLHUP}) != 0,
                      .error_queue = (events & unsigned{POLLERR | POLLPRI}) != 0};
    round_[i]->on_ready(ready);
  }
}

void PollLoop::dispatch_signals() const {
  if (!catches_signals_) return;
  for (std::size_t i = 0; i < kCaughtSignals.size(); ++i) {
    if (pending_signals[i] == 0) continue;
    pending_signals[i] = 0;
    if (hooks_.on_signal) hooks_.on_signal(kCaughtSignals[i]);
  }
}

std::expected<void, NetError> PollLoop::run() {
  while (!stopping_.load()) {
    if (const auto done = run_once(); !done) return done;
  }
  stopping_.store(false);
  return {};
}

void PollLoop::stop() {
  stopping_.store(true);
  if (pipe_writer_.is_open()) write_to_pipe(pipe_writer_.get());
}

void PollLoop::wake() {
  woken_.store(true);
  if (pipe_writer_.is_open()) write_to_pipe(pipe_writer_.get());
}

}  // namespace ntp::net
