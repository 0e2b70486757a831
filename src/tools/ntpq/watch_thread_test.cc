// SPDX-License-Identifier: BSD-2-Clause
//
// A real socket on loopback that nobody answers from, or the test itself.
#include "tools/ntpq/watch_thread.h"

#include <chrono>

#include <poll.h>

#include <gtest/gtest.h>

#include "net/udp_socket.h"

namespace ntp::ntpq {
namespace {

double steady_s() { return moment_now().steady_s; }

/// A socket that is bound and never read: questions to it are not refused, and not answered.
class SilentServer {
 public:
  SilentServer() : socket_(net::UdpSocket::open_server({.local = Address::v4(0x7f000001)}).value()) {}
  [[nodiscard]] Endpoint endpoint() const { return socket_.local().value(); }

 private:
  net::UdpSocket socket_;
};

TEST(WatchThread, EndsWhileItWaitsForAServer) {
  const SilentServer server;
  const double begin_s = steady_s();
  {
    const auto thread = WatchThread::start({.endpoint = server.endpoint(), .options = {.timeout_s = 30}}, {});
    ASSERT_TRUE(thread) << thread.error();
    ::poll(nullptr, 0, 50);
  }

  EXPECT_LT(steady_s() - begin_s, 5.0);
}

TEST(WatchThread, TellsThatNobodyAnswers) {
  const SilentServer server;
  const auto thread =
      WatchThread::start({.endpoint = server.endpoint(), .options = {.timeout_s = 0.2, .retries = 0}}, {});
  ASSERT_TRUE(thread) << thread.error();

  pollfd waiting{.fd = (*thread)->fd(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&waiting, 1, 10000), 1);
  const auto samples = (*thread)->take();

  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(std::get<Trouble>(samples[0].first).text, "Request timed out");
  waiting.revents = 0;
  EXPECT_EQ(::poll(&waiting, 1, 0), 0) << "the bell is silent once all was taken";
}

TEST(WatchThread, PausedThreadAsksNothing) {
  const SilentServer server;
  const auto thread = WatchThread::start({.endpoint = server.endpoint(), .options = {.timeout_s = 0.05, .retries = 0}},
                                         {.is_paused = true});
  ASSERT_TRUE(thread) << thread.error();

  pollfd waiting{.fd = (*thread)->fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&waiting, 1, 300), 0);
  (*thread)->set_wishes({.is_paused = false});
  EXPECT_EQ(::poll(&waiting, 1, 10000), 1) << "it goes on when it may";
}

}  // namespace
}  // namespace ntp::ntpq
