// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "tools/ntpq/watch_layout.h"
#include "tools/ntpq/watch_terminal.h"

namespace ntp::ntpq {
namespace {

/// The screen shows how old things are: it is drawn at least so often, in milliseconds.
constexpr int kRedraw = 1000;
/// A server is gone after so long; the classic five seconds would be a long look at an old picture.
constexpr double kTimeout_s = 2;

std::atomic<int> signal_pipe = -1;

void on_signal(int number) {
  const int error = errno;
  const auto octet = static_cast<char>(number);
  [[maybe_unused]] const ssize_t written = ::write(signal_pipe.load(), &octet, 1);
  errno = error;
}

/// Turns signals into octets of a pipe, and back into what they were at the end.
class Signals {
 public:
  Signals() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
    reads_ = net::Descriptor(ends[0]);
    writes_ = net::Descriptor(ends[1]);
    signal_pipe = ends[1];
    for (std::size_t i = 0; i < kNumbers.size(); ++i) {
      struct sigaction action = {};
      action.sa_handler = on_signal;
      ::sigaction(kNumbers[i], &action, &before_[i]);
    }
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    if (reads_.get() < 0) return;
    for (std::size_t i = 0; i < kNumbers.size(); ++i) ::sigaction(kNumbers[i], &before_[i], nullptr);
    signal_pipe = -1;
  }

  [[nodiscard]] int fd() const { return reads_.get(); }
  /// The next one that came; 0: none.
  [[nodiscard]] int take() const {
    char octet = 0;
    return ::read(reads_.get(), &octet, 1) == 1 ? octet : 0;
  }

 private:
  static constexpr std::array kNumbers = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
  net::Descriptor reads_;
  net::Descriptor writes_;
  std::array<struct sigaction, kNumbers.size()> before_{};
};

class Watch {
 public:
  Watch(const WatchOptions& options, WatchTerminal terminal)
      : model_(options.host, WatchWishes{}.interval_s, options.shows_names), terminal_(std::move(terminal)) {}

  [[nodiscard]] WatchWishes wishes() const { return model_.wishes(); }
  /// The exit status. The terminal is as it was when this object is gone.
  int run(WatchThread& thread, const Signals& signals) {
    while (!model_.has_quit()) {
      draw();
      std::array<pollfd, 3> waiting = {pollfd{.fd = STDIN_FILENO, .events = POLLIN},
                                       pollfd{.fd = thread.fd(), .events = POLLIN},
                                       pollfd{.fd = signals.fd(), .events = POLLIN}};
      ::poll(waiting.data(), waiting.size(), kRedraw);
      if (const auto status = take_signals(signals)) return *status;
      // The terminal is gone: there is nobody to look.
      if ((waiting[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return 1;
      for (const WatchKey key : terminal_.keys()) press(key);
      thread.set_wishes(model_.wishes());
      for (const auto& [sample, at] : thread.take()) model_.take(sample, at);
      // The first list selects a source.
      thread.set_wishes(model_.wishes());
    }
    return 0;
  }

 private:
  void draw() {
    const Screen screen = lay_out(model_, terminal_.size(), terminal_.glyphs(), moment_now());
    model_.set_extent(screen.most_scroll, screen.page_lines);
    terminal_.draw(screen);
  }

  /// Keys that come at once still each see what the one before did to the page.
  void press(WatchKey key) {
    model_.press(key);
    const Screen screen = lay_out(model_, terminal_.size(), terminal_.glyphs(), moment_now());
    model_.set_extent(screen.most_scroll, screen.page_lines);
  }

  std::optional<int> take_signals(const Signals& signals) {
    for (int number = signals.take(); number != 0; number = signals.take()) {
      if (number == SIGWINCH)
        terminal_.resize();
      else
        return number == SIGINT ? 0 : 1;
    }
    return std::nullopt;
  }

  WatchModel model_;
  WatchTerminal terminal_;
};

}  // namespace

int watch(const WatchOptions& options) {
  const auto fail = [](const std::string& text) {
    std::fputs(("ntpq: " + text + "\n").c_str(), stderr);
    return 1;
  };
  WatchedServer server = options.server;
  server.options.timeout_s = std::min(server.options.timeout_s, kTimeout_s);
  server.options.retries = std::min(server.options.retries, 1);

  // Before ncurses: it leaves signals alone that have a handler.
  const Signals signals;
  std::string refused;
  {
    auto terminal = WatchTerminal::open();
    if (!terminal) return fail(terminal.error());
    Watch screen(options, std::move(*terminal));
    auto thread = WatchThread::start(server, screen.wishes());
    if (thread) return screen.run(**thread, signals);
    refused = thread.error();
  }
  return fail(refused);
}

}  // namespace ntp::ntpq
