// SPDX-License-Identifier: BSD-2-Clause
#include "net/udp_socket.h"

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <poll.h>

#include <gtest/gtest.h>

#include "net/control_messages.h"
#include "net/socket_address.h"

namespace ntp::net {
namespace {

using state::StampSource;

const Address kLoopback4 = Address::v4(0x7f000001);
const Address kOtherLoopback4 = Address::v4(0x7f000a07);  // 127.0.10.7
const Address kLoopback6 = *Address::parse("::1");
constexpr int kPatience_ms = 5000;

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
std::string text_of(Bytes bytes) {
  std::string text;
  for (const std::byte octet : bytes) text.push_back(static_cast<char>(octet));
  return text;
}

UdpSocket server_on(const Address& local, UdpSocket::TransmitStamps stamps = UdpSocket::TransmitStamps::off) {
  auto opened = UdpSocket::open_server({.local = local, .transmit_stamps = stamps});
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
  return std::move(*opened);
}

UdpSocket client_of(const Endpoint& remote) {
  auto opened = UdpSocket::open_client({.remote = remote});
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
  return std::move(*opened);
}

Endpoint end_of(const UdpSocket& socket, const Address& address) { return {address, socket.local()->port}; }

/// Waits until poll() says that something of `events` is there.
short wait_for(const UdpSocket& socket, short events) {
  pollfd watch{.fd = socket.fd(), .events = events, .revents = 0};
  EXPECT_EQ(::poll(&watch, 1, kPatience_ms), 1);
  return watch.revents;
}

Datagram receive_one(UdpSocket& socket, ReceiveBuffers& buffers) {
  wait_for(socket, POLLIN);
  const auto got = socket.receive(buffers);
  EXPECT_TRUE(got);
  EXPECT_EQ(got->size(), 1U);
  return got->empty() ? Datagram{} : got->front();
}

class UdpSocketFamily : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!UdpSocket::open_server({.local = loopback_})) GTEST_SKIP() << "no " << GetParam() << " on this host";
    stamped_.emplace(server_on(loopback_));
    await_kernel_stamps();
  }

  const Address loopback_ = *Address::parse(GetParam());
  const Address any_ = loopback_.is_v4() ? Address() : Address::v6({});

 private:
  /// The kernel begins to take stamps some time after the first socket has asked for them (the work is put off, and on a busy
  /// machine for long), and ends when the last one has gone: one is kept until the test is over.
  void await_kernel_stamps() {
    UdpSocket client = client_of(end_of(*stamped_, loopback_));
    ReceiveBuffers buffers;
    constexpr int kPause_ms = 2;
    for (int waited_ms = 0; waited_ms < kPatience_ms; waited_ms += kPause_ms) {
      ASSERT_TRUE(client.send({.payload = bytes_of("is it stamped?")}));
      if (receive_one(*stamped_, buffers).source == StampSource::kernel) return;
      ::poll(nullptr, 0, kPause_ms);
    }
    FAIL() << "the kernel gave no stamp in " << kPatience_ms << " ms";
  }

  std::optional<UdpSocket> stamped_;
};
INSTANTIATE_TEST_SUITE_P(Both, UdpSocketFamily, testing::Values("127.0.0.1", "::1"),
                         [](const auto& family) { return family.param[0] == ':' ? "IPv6" : "IPv4"; });

TEST_P(UdpSocketFamily, DatagramComesWithItsAddressesAndAKernelStamp) {
  UdpSocket server = server_on(any_);
  UdpSocket client = client_of(end_of(server, loopback_));
  ReceiveBuffers buffers;
  const Timestamp before = real_now();
  ASSERT_TRUE(client.send({.payload = bytes_of("what time is it?")}));
  const Datagram got = receive_one(server, buffers);

  EXPECT_EQ(text_of(got.payload), "what time is it?");
  EXPECT_EQ(got.remote, *client.local());
  EXPECT_EQ(got.local, loopback_);
  EXPECT_NE(got.interface_index, 0U);
  EXPECT_EQ(got.source, StampSource::kernel);
  EXPECT_GE((got.at - before).seconds(), -1e-6);
  EXPECT_GE((real_now() - got.at).seconds(), 0);
  EXPECT_FALSE(got.is_truncated);
  EXPECT_FALSE(got.is_to_group);
}

TEST_P(UdpSocketFamily, ReplyReachesTheConnectedClientWithAKernelStamp) {
  UdpSocket server = server_on(any_);
  UdpSocket client = client_of(end_of(server, loopback_));
  ReceiveBuffers buffers;
  ASSERT_TRUE(client.send({.payload = bytes_of("request")}));
  const Datagram request = receive_one(server, buffers);

  const auto sent = server.send({.remote = request.remote, .local = request.local, .payload = bytes_of("reply")});
  ASSERT_TRUE(sent) << sent.error().text();
  ReceiveBuffers single(1);
  const Datagram reply = receive_one(client, single);

  EXPECT_EQ(text_of(reply.payload), "reply");
  EXPECT_EQ(reply.remote, end_of(server, loopback_));
  EXPECT_EQ(reply.local, loopback_);
  EXPECT_EQ(reply.source, StampSource::kernel);
}

TEST_P(UdpSocketFamily, TransmitStampOfTheKernelComesThroughTheErrorQueue) {
  UdpSocket server = server_on(loopback_);
  UdpSocket client = client_of(end_of(server, loopback_));
  ASSERT_TRUE(client.has_transmit_stamps());
  ASSERT_TRUE(client.send({.payload = bytes_of("first")}));
  const auto second = client.send({.payload = bytes_of("second")});
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->is_better_stamp_expected);

  std::array<TransmitStamp, 8> stamps;
  std::size_t found = 0;
  while (found < 2) {
    ASSERT_NE(wait_for(client, POLLPRI) & (POLLERR | POLLPRI), 0);
    found += client.read_transmit_stamps(std::span(stamps).subspan(found));
  }

  EXPECT_EQ(found, 2U);
  EXPECT_EQ(stamps[0].id, 0U);
  EXPECT_EQ(stamps[1].id, second->id);
  EXPECT_EQ(stamps[1].source, StampSource::kernel);
  EXPECT_LE(std::abs((stamps[1].at - second->at).seconds()), second->error_s + 1e-6);
}

TEST_P(UdpSocketFamily, BatchOfThirtyTwoIsSentAndReceivedWhole) {
  UdpSocket server = server_on(any_);
  UdpSocket sender = server_on(loopback_);
  std::array<std::string, kMaxBatch> texts;
  std::array<Outgoing, kMaxBatch> batch;
  for (std::size_t i = 0; i < kMaxBatch; ++i) {
    texts[i] = "datagram " + std::to_string(i);
    batch[i] = {.remote = end_of(server, loopback_), .local = loopback_, .payload = bytes_of(texts[i])};
  }

  const BatchOutcome outcome = sender.send_batch(batch);
  ReceiveBuffers buffers;
  std::size_t got = 0;
  while (got < kMaxBatch) {
    ASSERT_NE(wait_for(server, POLLIN) & POLLIN, 0);
    const auto datagrams = server.receive(buffers);
    ASSERT_TRUE(datagrams);
    for (const Datagram& datagram : *datagrams) {
      EXPECT_EQ(text_of(datagram.payload), texts[got++]);
      EXPECT_EQ(datagram.source, StampSource::kernel);
      EXPECT_EQ(datagram.remote, *sender.local());
    }
  }

  EXPECT_EQ(outcome.sent, kMaxBatch);
  EXPECT_EQ(outcome.failed, 0U);
}

TEST_P(UdpSocketFamily, RefusedConnectionIsAValueAndTheSocketStaysUsable) {
  std::optional<UdpSocket> server(server_on(loopback_));
  UdpSocket client = client_of(end_of(*server, loopback_));
  server.reset();
  ASSERT_TRUE(client.send({.payload = bytes_of("anyone there?")}));
  ReceiveBuffers buffers(1);
  wait_for(client, POLLIN);

  const auto refused = client.receive(buffers);
  const auto after = client.receive(buffers);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().os_error, ECONNREFUSED);
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->empty());
}

TEST_P(UdpSocketFamily, ConnectedClientHearsNobodyElse) {
  UdpSocket server = server_on(loopback_);
  UdpSocket stranger = server_on(loopback_);
  UdpSocket client = client_of(end_of(server, loopback_));

  ASSERT_TRUE(stranger.send({.remote = *client.local(), .payload = bytes_of("lies")}));
  ASSERT_TRUE(server.send({.remote = *client.local(), .payload = bytes_of("truth")}));
  ReceiveBuffers buffers(1);

  EXPECT_EQ(text_of(receive_one(client, buffers).payload), "truth");
}

TEST(UdpSocket, AnswersFromTheAddressThatWasAsked) {
  UdpSocket server = server_on(Address());
  UdpSocket client = client_of(end_of(server, kOtherLoopback4));
  ReceiveBuffers buffers;
  ASSERT_TRUE(client.send({.payload = bytes_of("request")}));
  const Datagram request = receive_one(server, buffers);
  EXPECT_EQ(request.local, kOtherLoopback4);

  // The client is connected: a reply from 127.0.0.1 would never reach it.
  std::array<Outgoing, 2> replies;
  replies.fill({.remote = request.remote, .local = request.local, .payload = bytes_of("reply")});
  ASSERT_TRUE(server.send(replies[0]));
  EXPECT_EQ(server.send_batch(replies).sent, 2U);

  ReceiveBuffers single(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receive_one(client, single).remote, end_of(server, kOtherLoopback4));
}

TEST(UdpSocket, TooLongDatagramIsMarkedTruncated) {
  UdpSocket server = server_on(kLoopback4);
  UdpSocket client = client_of(end_of(server, kLoopback4));
  const std::vector<std::byte> fits(kMaxDatagramLength);
  const std::vector<std::byte> too_long(kMaxDatagramLength + 1);
  ReceiveBuffers buffers;

  ASSERT_TRUE(client.send({.payload = fits}));
  EXPECT_FALSE(receive_one(server, buffers).is_truncated);
  ASSERT_TRUE(client.send({.payload = too_long}));
  const Datagram cut = receive_one(server, buffers);

  EXPECT_TRUE(cut.is_truncated);
  EXPECT_EQ(cut.payload.size(), kMaxDatagramLength);
}

TEST(UdpSocket, EmptyDatagramIsADatagram) {
  UdpSocket server = server_on(kLoopback4);
  UdpSocket client = client_of(end_of(server, kLoopback4));
  ReceiveBuffers buffers;

  ASSERT_TRUE(client.send({}));

  EXPECT_TRUE(receive_one(server, buffers).payload.empty());
}

TEST(UdpSocket, NothingToReceiveIsNoError) {
  UdpSocket server = server_on(kLoopback4);
  ReceiveBuffers buffers;

  const auto got = server.receive(buffers);

  ASSERT_TRUE(got);
  EXPECT_TRUE(got->empty());
}

TEST(UdpSocket, SecondServerOnThePortIsRefused) {
  const UdpSocket first = server_on(kLoopback4);

  const auto second = UdpSocket::open_server({.local = kLoopback4, .port = first.local()->port});

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().os_error, EADDRINUSE);
  EXPECT_EQ(second.error().text(), "bind: Address already in use");
}

TEST(UdpSocket, SharedPortTakesSeveralSockets) {
  const auto first = UdpSocket::open_server({.local = kLoopback4, .port_use = UdpSocket::Port::shared});
  ASSERT_TRUE(first);

  const auto second =
      UdpSocket::open_server({.local = kLoopback4, .port = first->local()->port, .port_use = UdpSocket::Port::shared});

  EXPECT_TRUE(second);
}

TEST(UdpSocket, ClientStartsFromTheLocalAddressItIsGiven) {
  UdpSocket server = server_on(Address());
  const auto client = UdpSocket::open_client({.remote = end_of(server, kLoopback4), .local = kOtherLoopback4});

  ASSERT_TRUE(client);
  EXPECT_EQ(client->local()->address, kOtherLoopback4);
}

TEST(UdpSocket, Cve2016_7429_ConnectedClientHearsNothingThatCameToAnotherAddressOfThisHost) {
  UdpSocket server = server_on(kLoopback4);
  UdpSocket client = client_of(end_of(server, kLoopback4));
  const Endpoint asked_from = *client.local();

  ASSERT_TRUE(server.send({.remote = {kOtherLoopback4, asked_from.port}, .payload = bytes_of("elsewhere")}));
  ASSERT_TRUE(server.send({.remote = asked_from, .payload = bytes_of("here")}));
  ReceiveBuffers buffers(1);

  EXPECT_EQ(text_of(receive_one(client, buffers).payload), "here");
}

TEST(UdpSocket, FailedDatagramsOfABatchAreSkippedAndCounted) {
  UdpSocket server = server_on(kLoopback4);
  UdpSocket sender = server_on(kLoopback4);
  const Outgoing good{.remote = end_of(server, kLoopback4), .payload = bytes_of("good")};
  const Outgoing to_port_0{.remote = {kLoopback4, 0}, .payload = bytes_of("bad")};
  const std::array batch{good, to_port_0, good, to_port_0};

  const BatchOutcome outcome = sender.send_batch(batch);

  EXPECT_EQ(outcome.sent, 2U);
  EXPECT_EQ(outcome.failed, 2U);
  EXPECT_EQ(outcome.last_error, EINVAL);
}

TEST(UdpSocket, TransmitStampsStillMatchAfterASendThatFailed) {
  UdpSocket server = server_on(kLoopback4);
  UdpSocket sender = server_on(kLoopback4, UdpSocket::TransmitStamps::on);
  const std::vector<std::byte> too_long(70'000);
  ASSERT_TRUE(sender.send({.remote = end_of(server, kLoopback4), .payload = bytes_of("one")}));
  std::array<TransmitStamp, 4> stamps;
  wait_for(sender, POLLPRI);
  ASSERT_EQ(sender.read_transmit_stamps(stamps), 1U);
  EXPECT_FALSE(sender.send({.remote = end_of(server, kLoopback4), .payload = too_long}));

  const auto sent = sender.send({.remote = end_of(server, kLoopback4), .payload = bytes_of("two")});
  ASSERT_TRUE(sent);
  wait_for(sender, POLLPRI);

  ASSERT_EQ(sender.read_transmit_stamps(stamps), 1U);
  EXPECT_EQ(stamps[0].id, sent->id);
}

TEST(UdpSocket, EmptyErrorQueueGivesNoStamp) {
  UdpSocket server = server_on(kLoopback4);
  UdpSocket client = client_of(end_of(server, kLoopback4));
  std::array<TransmitStamp, 4> stamps;

  EXPECT_EQ(client.read_transmit_stamps(stamps), 0U);
}

TEST(SocketAddress, EndpointsSurviveTheWayThere) {
  for (const char* const text : {"192.0.2.1", "2001:db8::1", "fe80::1%7", "::", "0.0.0.0"}) {
    const Endpoint endpoint{*Address::parse(text), 123};
    const SocketAddress address(endpoint);

    EXPECT_EQ(endpoint_from(address.get(), address.length), endpoint) << text;
  }
}

TEST(SocketAddress, GlobalAddressHasNoScope) {
  SocketAddress address(Endpoint{*Address::parse("2001:db8::1%7"), 123});

  EXPECT_EQ(endpoint_from(address.get(), address.length)->address.scope(), 0U);
}

TEST(SocketAddress, OtherFamiliesAndShortOnesAreNothing) {
  SocketAddress address(Endpoint{kLoopback6, 123});

  EXPECT_FALSE(endpoint_from(address.get(), sizeof(sockaddr_in)));
  EXPECT_FALSE(endpoint_from(nullptr, 0));
  address.storage.ss_family = AF_UNIX;
  EXPECT_FALSE(endpoint_from(address.get(), address.length));
}

}  // namespace
}  // namespace ntp::net
