// SPDX-License-Identifier: BSD-2-Clause
//
// Over loopback, with servers that the tests play themselves.
#include "client/time_exchange.h"

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include <poll.h>

#include <gtest/gtest.h>

#include "net/poll_loop.h"
#include "net/udp_socket.h"

namespace ntp::client {
namespace {

using Octets = std::vector<std::byte>;
using Datagrams = std::vector<Octets>;

/// Answers each request with what a function makes of it, in a thread of its own.
class PlayedServer {
 public:
  using Answers = std::function<Datagrams(const wire::Header& request, int number)>;

  explicit PlayedServer(Answers answers)
      : socket_(net::UdpSocket::open_server({.local = Address::v4(0x7f000001)}).value()),
        answers_(std::move(answers)),
        thread_([this] { serve(); }) {}
  PlayedServer(const PlayedServer&) = delete;
  PlayedServer& operator=(const PlayedServer&) = delete;
  ~PlayedServer() {
    is_ended_ = true;
    thread_.join();
  }

  [[nodiscard]] TimeServer server(std::string name = "played") const {
    return {std::move(name), socket_.local().value()};
  }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void serve() {
    net::ReceiveBuffers buffers;
    while (!is_ended_) {
      pollfd wait{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, 5);
      const auto got = socket_.receive(buffers);
      if (!got) continue;
      for (const auto& datagram : *got) {
        const auto header = wire::decode_header(datagram.payload);
        if (!header) continue;
        for (const Octets& answer : answers_(*header, ++requests_))
          (void)socket_.send({.remote = datagram.remote, .payload = answer});
      }
    }
  }

  net::UdpSocket socket_;
  Answers answers_;
  std::atomic<int> requests_ = 0;
  std::atomic<bool> is_ended_ = false;
  std::thread thread_;
};

Octets reply_to(const wire::Header& request, double ahead_s = 100, std::uint8_t stratum = 2) {
  const Timestamp now = Timestamp::from_parts(0xeeab391eU, 0) + Span::from_seconds(ahead_s);
  const wire::Header header{.leap = stratum == 0 ? wire::Leap::unsynchronized : wire::Leap::none,
                            .mode = wire::Mode::server,
                            .stratum = stratum,
                            .precision_log2s = -20,
                            .refid = stratum == 0 ? wire::kKissDeny : wire::Refid{0x7f000001},
                            .origin = request.transmit,
                            .receive = now,
                            .transmit = now};
  Octets octets(wire::kHeaderLength);
  wire::encode_header(header, octets);
  return octets;
}

PlayedServer good() {
  return PlayedServer([](const wire::Header& request, int) { return Datagrams{reply_to(request)}; });
}

const TimeQuestions kQuick{.samples = 1, .timeout_s = 0.15, .spacing_s = 0.01};

TEST(TimeExchange, AsksSeveralServersAtOnce) {
  const auto server = good();
  const PlayedServer mute([](const wire::Header&, int) { return Datagrams{}; });
  const MonoTime start = net::monotonic_now();

  const auto outcomes =
      ask_time({mute.server("m1"), server.server("good"), mute.server("m2"), mute.server("m3")}, kQuick);

  ASSERT_TRUE(outcomes) << outcomes.error();
  ASSERT_EQ(outcomes->size(), 4U);
  EXPECT_LT(net::monotonic_now() - start, 0.4) << "one after another takes 0.45 s";
  EXPECT_EQ((*outcomes)[1].server.name, "good");
  ASSERT_NE((*outcomes)[1].best(), nullptr);
  EXPECT_LT((*outcomes)[1].best()->sample->delay_s, 0.15);
  EXPECT_EQ((*outcomes)[0].best(), nullptr);
  EXPECT_EQ((*outcomes)[0].failure_text(), "no answer");
}

TEST(TimeExchange, TakesAsManySamplesAsWereAskedFor) {
  const auto server = good();
  TimeQuestions questions = kQuick;
  questions.samples = 4;

  const auto outcomes = ask_time({server.server()}, questions);

  ASSERT_TRUE(outcomes);
  EXPECT_EQ((*outcomes)[0].answers.size(), 4U);
  EXPECT_EQ(server.requests(), 4);
}

TEST(TimeExchange, ALostSampleCostsOnlyItself) {
  const PlayedServer server(
      [](const wire::Header& request, int number) { return number == 2 ? Datagrams{} : Datagrams{reply_to(request)}; });
  TimeQuestions questions = kQuick;
  questions.samples = 3;

  const auto outcomes = ask_time({server.server()}, questions);

  ASSERT_TRUE(outcomes);
  ASSERT_EQ((*outcomes)[0].answers.size(), 3U);
  EXPECT_EQ((*outcomes)[0].answers[1].fault, TimeFault::timeout);
  EXPECT_NE((*outcomes)[0].best(), nullptr);
}

TEST(TimeExchange, ATrueAnswerCountsBehindForgedOnes) {
  const PlayedServer server([](const wire::Header& request, int) {
    wire::Header foreign = request;
    foreign.transmit = request.transmit + Span::from_units(1);
    return Datagrams{reply_to(foreign, 5000), Octets(7), Octets(200), reply_to(request, 100)};
  });

  const auto outcomes = ask_time({server.server()}, kQuick);

  ASSERT_TRUE(outcomes);
  ASSERT_NE((*outcomes)[0].best(), nullptr);
  EXPECT_EQ((*outcomes)[0].best()->header.transmit.seconds(), 0xeeab391eU + 100);
}

TEST(TimeExchange, AFloodOfForgedAnswersEndsInTime) {
  const PlayedServer server([](const wire::Header& request, int) {
    wire::Header foreign = request;
    foreign.transmit = request.transmit + Span::from_units(1);
    return Datagrams(400, reply_to(foreign));
  });
  TimeQuestions questions = kQuick;
  questions.samples = 3;
  const MonoTime start = net::monotonic_now();

  const auto outcomes = ask_time({server.server()}, questions);

  ASSERT_TRUE(outcomes);
  EXPECT_LT(net::monotonic_now() - start, 2.0);
  EXPECT_EQ((*outcomes)[0].failure_text(), "no answer: what came answers no request of ours");
}

TEST(TimeExchange, AKissEndsTheQuestionsToThatServer) {
  const PlayedServer server([](const wire::Header& request, int) { return Datagrams{reply_to(request, 0, 0)}; });
  TimeQuestions questions = kQuick;
  questions.samples = 4;

  const auto outcomes = ask_time({server.server()}, questions);

  ASSERT_TRUE(outcomes);
  EXPECT_EQ(server.requests(), 1);
  EXPECT_EQ((*outcomes)[0].failure_text(), "the server says that it denies access (kiss code DENY)");
}

TEST(TimeExchange, AClosedPortIsToldAtOnce) {
  Endpoint closed;
  {
    const auto socket = net::UdpSocket::open_server({.local = Address::v4(0x7f000001)}).value();
    closed = socket.local().value();
  }
  TimeQuestions questions = kQuick;
  questions.timeout_s = 5;
  const MonoTime start = net::monotonic_now();

  const auto outcomes = ask_time({{"closed", closed}}, questions);

  ASSERT_TRUE(outcomes);
  EXPECT_EQ((*outcomes)[0].failure_text(), "no time server listens there (connection refused)");
  EXPECT_LT(net::monotonic_now() - start, 1.0);
}

TEST(TimeExchange, OneGoodAnswerMayEndEverything) {
  const auto server = good();
  const PlayedServer mute([](const wire::Header&, int) { return Datagrams{}; });
  TimeQuestions questions = kQuick;
  questions.timeout_s = 5;
  questions.on_answer = [](const TimeServer&, const TimeAnswer& answer) { return !answer.fault; };
  const MonoTime start = net::monotonic_now();

  const auto outcomes = ask_time({mute.server(), server.server()}, questions);

  ASSERT_TRUE(outcomes);
  EXPECT_LT(net::monotonic_now() - start, 1.0);
  EXPECT_NE((*outcomes)[1].best(), nullptr);
  EXPECT_EQ((*outcomes)[0].failure_text(), "not asked") << "nothing is known of it";
}

TEST(TimeExchange, TheSampleOfTheLeastDelayIsTheBest) {
  TimeOutcome outcome;
  for (const double delay_s : {0.3, 0.1, 0.2})
    outcome.answers.push_back({.sample = TimeSample{.offset_s = delay_s, .delay_s = delay_s}});
  outcome.answers.push_back({.fault = TimeFault::unsynchronized, .sample = TimeSample{.delay_s = 0.01}});

  EXPECT_EQ(outcome.best()->sample->delay_s, 0.1);
}

TEST(TimeExchange, NothingToAskIsNoError) { EXPECT_TRUE(ask_time({}, kQuick)); }

}  // namespace
}  // namespace ntp::client
