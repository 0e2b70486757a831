// SPDX-License-Identifier: BSD-2-Clause
#include "net/poll_loop.h"

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ntp::net {
namespace {

/// Two ends of a socket; what is written to `near` makes `far` readable.
struct Pair {
  Descriptor near;
  Descriptor far;
  Pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
    near.reset(ends[0]);
    far.reset(ends[1]);
  }
  void write() const { EXPECT_EQ(::send(near.get(), "x", 1, 0), 1); }
  void drain() const {
    char octet = 0;
    EXPECT_EQ(::recv(far.get(), &octet, 1, 0), 1);
  }
};

MonoTime at_once() { return MonoTime::from_nanoseconds(0); }

TEST(PollLoop, EmptyPipePollsAsEmptySoThereIsASelfPipe) {
  const PollLoop loop({});

  EXPECT_TRUE(loop.has_self_pipe());
}

TEST(PollLoop, CallsBackWhatIsReadableAndNothingElse) {
  PollLoop loop({});
  const Pair ready;
  const Pair silent;
  int calls = 0;
  int silent_calls = 0;
  loop.add(ready.far.get(), [&](Ready what) {
    EXPECT_TRUE(what.readable);
    EXPECT_FALSE(what.error_queue);
    ++calls;
    ready.drain();
  });
  loop.add(silent.far.get(), [&](Ready) { ++silent_calls; });
  ready.write();

  ASSERT_TRUE(loop.run_once());

  EXPECT_EQ(calls, 1);
  EXPECT_EQ(silent_calls, 0);
}

TEST(PollLoop, ReadyDescriptorThatIsRemovedByAnEarlierCallbackIsNotCalled) {
  PollLoop loop({});
  const Pair a;
  const Pair b;
  int calls = 0;
  loop.add(a.far.get(), [&](Ready) {
    ++calls;
    loop.remove(b.far.get());
  });
  loop.add(b.far.get(), [&](Ready) {
    ++calls;
    loop.remove(a.far.get());
  });
  a.write();
  b.write();

  ASSERT_TRUE(loop.run_once());

  EXPECT_EQ(calls, 1);
}

TEST(PollLoop, CallbackMayRemoveItselfAndStillUseWhatItCaptured) {
  PollLoop loop({});
  const Pair pair;
  const std::string text = "long enough to live on the heap, where a freed copy would be seen";
  std::string seen;
  loop.add(pair.far.get(), [&loop, &pair, &seen, text](Ready) {
    loop.remove(pair.far.get());
    seen = text;
  });
  pair.write();

  ASSERT_TRUE(loop.run_once());

  EXPECT_EQ(seen, text);
}

TEST(PollLoop, SameNumberAddedAgainInACallbackIsNotCalledForTheOldOne) {
  PollLoop loop({});
  const Pair a;
  const Pair b;
  int new_calls = 0;
  loop.add(a.far.get(), [&](Ready) {
    a.drain();
    loop.remove(b.far.get());
    loop.add(b.far.get(), [&](Ready) { ++new_calls; });
  });
  loop.add(b.far.get(), [](Ready) { FAIL(); });
  a.write();
  b.write();

  ASSERT_TRUE(loop.run_once());

  EXPECT_EQ(new_calls, 0);
}

TEST(PollLoop, DeadlineThatHasPassedIsCalledWithTheTime) {
  std::optional<MonoTime> called_at;
  PollLoop loop({.next_deadline = at_once, .on_deadline = [&](MonoTime now) { called_at = now; }});

  ASSERT_TRUE(loop.run_once());

  ASSERT_TRUE(called_at);
  EXPECT_LE(*called_at, monotonic_now());
}

TEST(PollLoop, WaitsForItsDeadlineInsteadOfSpinning) {
  const MonoTime deadline = monotonic_now() + 0.02;
  int rounds = 0;
  PollLoop loop({});
  loop.set_hooks({.next_deadline =
                      [&] {
                        ++rounds;
                        return deadline;
                      },
                  .on_deadline =
                      [&](MonoTime now) {
                        EXPECT_GE(now, deadline);
                        loop.stop();
                      }});

  ASSERT_TRUE(loop.run());

  EXPECT_LE(rounds, 6);
}

TEST(PollLoop, WakeFromAnotherThreadEndsTheWait) {
  int wakes = 0;
  PollLoop loop({});
  loop.set_hooks({.on_wake = [&] {
    ++wakes;
    loop.stop();
  }});
  std::thread other([&] { loop.wake(); });

  const auto done = loop.run();
  other.join();

  EXPECT_TRUE(done);
  EXPECT_EQ(wakes, 1);
}

TEST(PollLoop, StopFromAnotherThreadEndsTheRun) {
  PollLoop loop({});
  std::thread other([&] { loop.stop(); });

  EXPECT_TRUE(loop.run());
  other.join();
}

TEST(PollLoop, SignalsComeAsCallbacksOnceEach) {
  std::vector<int> seen;
  PollLoop loop({.on_signal = [&](int signal) { seen.push_back(signal); }});
  ASSERT_TRUE(loop.catch_signals());
  ::raise(SIGTERM);
  ::raise(SIGHUP);
  ::raise(SIGUSR1);
  ::raise(SIGUSR2);

  ASSERT_TRUE(loop.run_once());

  EXPECT_EQ(seen, (std::vector<int>{SIGHUP, SIGTERM}));
}

TEST(PollLoop, SignalDuringTheWaitEndsIt) {
  int seen = 0;
  PollLoop loop({});
  loop.set_hooks({.on_signal = [&](int signal) {
    seen = signal;
    loop.stop();
  }});
  ASSERT_TRUE(loop.catch_signals());
  const pthread_t self = ::pthread_self();
  std::thread other([self] { ::pthread_kill(self, SIGINT); });

  ASSERT_TRUE(loop.run());
  other.join();

  EXPECT_EQ(seen, SIGINT);
}

TEST(PollLoop, SignalHandlersAreRestored) {
  struct sigaction before{};
  struct sigaction after{};
  ::sigaction(SIGHUP, nullptr, &before);
  {
    PollLoop loop({});
    ASSERT_TRUE(loop.catch_signals());
    ::sigaction(SIGHUP, nullptr, &after);
    EXPECT_NE(after.sa_handler, before.sa_handler);
  }

  ::sigaction(SIGHUP, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

TEST(OpenSocket, NeitherBlocksNorSurvivesExec) {
  const auto socket = open_socket(AF_INET, SOCK_DGRAM, 0);

  ASSERT_TRUE(socket);
  EXPECT_NE(::fcntl(socket->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(socket->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(OpenSocket, UnknownFamilyIsAValueThatSaysWhatFailed) {
  const auto socket = open_socket(AF_MAX, SOCK_DGRAM, 0);

  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().os_error, EAFNOSUPPORT);
  EXPECT_EQ(socket.error().text(), "socket: Address family not supported by protocol");
}

}  // namespace
}  // namespace ntp::net
