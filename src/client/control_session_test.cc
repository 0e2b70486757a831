// SPDX-License-Identifier: BSD-2-Clause
#include "client/control_session.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "client/credentials.h"
#include "client/session_test_kit.h"
#include "net/udp_socket.h"

namespace ntp::client {
namespace {

using test::error_reply;
using test::FakeTransport;
using test::Octets;
using test::reply;
using test::Request;
using wire::ControlOpcode;
using Datagrams = std::vector<Octets>;

constexpr Endpoint kElsewhere{.address = Address::v4(0xc0000205), .port = 123};
constexpr Endpoint kLoopback{.address = Address::v4(0x7f000001), .port = 123};

ControlSession session_with(FakeTransport::Server server, const Endpoint& endpoint = kLoopback,
                            const ControlOptions& options = {}) {
  return {std::make_unique<FakeTransport>(std::move(server)), endpoint, options};
}

Datagrams none() { return {}; }

TEST(ControlSession, PutsFragmentsOfAnyOrderTogether) {
  const std::string text = std::string(468, 'a') + std::string(468, 'b') + "c";
  auto session = session_with([&](const Request& request) {
    const std::string_view all = text;
    return Datagrams{reply(request, all.substr(936), 936), reply(request, all.substr(0, 468), 0, true),
                     reply(request, all.substr(0, 468), 0, true), reply(request, all.substr(468, 468), 468, true)};
  });

  const auto answer = session.ask({.opcode = ControlOpcode::read_variables, .association_id = 7});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, text);
  EXPECT_EQ(answer->header.association_id, 7);
}

// The reference implementation and ours end a datagram early where an item ends and no comma would fit in.
TEST(ControlSession, FragmentsThatAreAlmostFullAreFollowedByOthers) {
  const std::string text = std::string(467, 'a') + std::string(466, 'b') + "c";
  int asked = 0;
  auto session = session_with([&](const Request& request) {
    ++asked;
    const std::string_view all = text;
    return Datagrams{reply(request, all.substr(0, 467), 0, true), reply(request, all.substr(467, 466), 467, true),
                     reply(request, all.substr(933), 933)};
  });

  const auto answer = session.ask({.opcode = ControlOpcode::read_variables});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, text);
  EXPECT_EQ(asked, 1);
}

// The reference implementation and ours refuse others: "bad format".
TEST(ControlSession, RequestsAreMultiplesOfFourOctets) {
  std::size_t length = 0;
  auto session = session_with([&](const Request& request) {
    length = request.datagram.size();
    return Datagrams{reply(request, "x")};
  });

  ASSERT_TRUE(session.ask({.data = "why"}).has_value());

  EXPECT_EQ(length, 16U);
}

TEST(ControlSession, TellsErrorsInTheReferenceImplementationsWords) {
  const std::pair<wire::ControlError, const char*> rows[] = {
      {wire::ControlError::unspecified, "***Server returned an unspecified error"},
      {wire::ControlError::permission, "***Server disallowed request (authentication?)"},
      {wire::ControlError::unknown_association, "***Association ID 9999 unknown to server"},
      {wire::ControlError::unknown_variable, "***A request variable unknown to the server"},
  };
  for (const auto& [code, words] : rows) {
    auto session = session_with([&](const Request& request) { return Datagrams{error_reply(request, code)}; });
    const auto answer = session.ask({.association_id = 9999});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().fault, ControlFault::told);
    EXPECT_EQ(to_text(answer.error()), words);
  }
}

TEST(ControlSession, SilenceIsATimeOutAfterOneMoreTry) {
  int asked = 0;
  auto session = session_with([&](const Request&) {
    ++asked;
    return none();
  });

  const auto answer = session.ask({});

  EXPECT_EQ(answer.error().fault, ControlFault::timeout);
  EXPECT_EQ(asked, 2);
}

TEST(ControlSession, AGapAtTheEndIsIncomplete) {
  auto session =
      session_with([](const Request& request) { return Datagrams{reply(request, std::string(468, 'a'), 0, true)}; });

  EXPECT_EQ(session.ask({}).error().fault, ControlFault::incomplete);
}

// CVE-2015-8158: a server that never stops sending.
TEST(ControlSession, EndlessFragmentsEnd) {
  auto session = session_with(
      [](const Request& request) {
        std::vector<Octets> all;
        for (int i = 0; i < 3000; ++i) all.push_back(reply(request, "x", static_cast<std::size_t>(i % 100), true));
        return all;
      },
      kLoopback, {.retries = 0});

  const auto answer = session.ask({});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().fault, ControlFault::malformed);
}

TEST(ControlSession, ASlowServerEndsToo) {
  int asked = 0;
  auto session = session_with(
      [&](const Request& request) {
        // Four octets for each request, for ever: what strangers are told, at its worst.
        ++asked;
        return Datagrams{reply(request, "four", request.header.offset, true)};
      },
      kElsewhere);

  const auto answer = session.ask({});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().fault, ControlFault::malformed);
  EXPECT_LE(asked, 2 * kMaxControlDatagrams);
}

/// Sends a part of an answer of 30 parts each time that a datagram is waited for, `pause_s` after the one before.
class Trickle final : public ControlTransport {
 public:
  Trickle(double pause_s, double& now_s) : pause_s_(pause_s), now_s_(now_s) {}

  std::optional<TransportFailure> send(Bytes datagram) override {
    request_ = {.header = *wire::decode_control_header(datagram), .datagram = {datagram.begin(), datagram.end()}};
    next_ = 0;
    return std::nullopt;
  }
  std::expected<Bytes, TransportFailure> receive(double wait_s) override {
    now_s_ += std::min(wait_s, pause_s_);
    if (wait_s < pause_s_) return std::unexpected(TransportFailure{});
    current_ = reply(request_, "x", next_++ % 30 * 468, true);
    return Bytes(current_);
  }
  [[nodiscard]] double now_s() const override { return now_s_; }

 private:
  double pause_s_;
  double& now_s_;
  Request request_;
  Octets current_;
  std::size_t next_ = 0;
};

TEST(ControlSession, ATrickledAnswerEndsAfterThreeTimeOuts) {
  double now_s = 100;
  ControlSession session(std::make_unique<Trickle>(2.4, now_s), kLoopback, {.timeout_s = 5});

  EXPECT_EQ(session.ask({}).error().fault, ControlFault::incomplete);

  EXPECT_LE(now_s - 100, 15.001);
  EXPECT_GE(now_s - 100, 14);
}

TEST(ControlSession, MoreRetriesThanUsualHaveTheirTime) {
  int asked = 0;
  auto session = session_with(
      [&](const Request&) {
        ++asked;
        return none();
      },
      kLoopback, {.retries = 5});

  EXPECT_EQ(session.ask({}).error().fault, ControlFault::timeout);
  EXPECT_EQ(asked, 6);
}

TEST(ControlSession, ContradictingFragmentsMakeNoSense) {
  auto session = session_with([](const Request& request) {
    return Datagrams{reply(request, std::string(468, 'a'), 0, true), reply(request, "bb", 467, false)};
  });

  EXPECT_EQ(session.ask({}).error().fault, ControlFault::malformed);
}

// CVE-2015-7848's kin on this side: counts that say more than there is, other modes, requests sent back.
TEST(ControlSession, IgnoresWhatIsNoAnswerToItsQuestion) {
  auto session = session_with([](const Request& request) {
    std::vector<Octets> all;
    for (int i = 0; i < 6; ++i) {
      Request other = request;
      if (i == 0) ++other.header.sequence;
      if (i == 1) other.header.opcode = 1;
      if (i == 2) ++other.header.association_id;
      all.push_back(reply(other, "wrong"));
    }
    all[3][0] = std::byte{0x14};   // mode 4
    all[4][1] &= std::byte{0x7f};  // a request
    all[5][11] = std::byte{6};     // counts an octet more than there is
    all.push_back(Octets(11));     // no header
    all.push_back(reply(request, "right"));
    return all;
  });

  const auto answer = session.ask({});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, "right");
}

TEST(ControlSession, JunkDoesNotProlongTheWait) {
  auto session = session_with([](const Request&) { return Datagrams(900, Octets(4)); }, kLoopback,
                              {.timeout_s = 0.5, .retries = 0});

  EXPECT_EQ(session.ask({}).error().fault, ControlFault::timeout);
}

TEST(ControlSession, PadsListsForOtherHostsAndAsksForTheRestByOffset) {
  const std::string text = std::string(464, 'a') + std::string(464, 'b') + "end";
  std::vector<Request> asked;
  auto session = session_with(
      [&](const Request& request) {
        asked.push_back(request);
        const std::size_t offset = request.header.offset;
        const std::string part = text.substr(offset, 464);
        return Datagrams{reply(request, part, offset, offset + part.size() < text.size())};
      },
      kElsewhere);

  const auto answer = session.ask({.association_id = 3, .data = "leap"});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, text);
  ASSERT_EQ(asked.size(), 3U);
  for (const Request& request : asked) {
    EXPECT_EQ(request.datagram.size(), 476U);
    EXPECT_EQ(request.data, "leap" + std::string(460, ' '));
    EXPECT_EQ(request.header.association_id, 3);
  }
  EXPECT_EQ(asked[2].header.offset, 928);
  EXPECT_NE(asked[0].header.sequence, asked[1].header.sequence);
}

TEST(ControlSession, ALostPartIsAskedForAgainAndTheOthersStayGood) {
  int asked = 0;
  auto session = session_with(
      [&](const Request& request) {
        ++asked;
        if (request.header.offset == 0) return Datagrams{reply(request, "abcd", 0, true)};
        return asked == 2 ? none() : Datagrams{reply(request, "ef", 4, false)};
      },
      kElsewhere);

  const auto answer = session.ask({});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, "abcdef");
  EXPECT_EQ(asked, 3);
}

// Classic servers drop what is no multiple of four octets; ntpq-all-commands.pcap has zeros there.
TEST(ControlSession, ADatagramIsAMultipleOfFourOctets) {
  std::vector<std::size_t> lengths;
  auto session = session_with([&](const Request& request) {
    lengths.push_back(request.datagram.size());
    return Datagrams{reply(request, "")};
  });

  for (const char* data : {"", "a", "abcd", "abcde"}) ASSERT_TRUE(session.ask({.data = data}).has_value());

  EXPECT_EQ(lengths, (std::vector<std::size_t>{12, 16, 16, 20}));
}

TEST(ControlSession, PadsNothingOnThisHostNorForChanges) {
  std::vector<std::size_t> lengths;
  const auto server = [&](const Request& request) {
    lengths.push_back(request.datagram.size());
    return Datagrams{reply(request, "")};
  };
  auto near = session_with(server);
  auto far = session_with(server, kElsewhere);
  far.set_credentials(*key_of_password(1, "MD5", "asciiMD5key"));

  ASSERT_TRUE(near.ask({.data = "leap"}).has_value());
  ASSERT_TRUE(far.ask({.opcode = ControlOpcode::read_clients, .data = "frags=32"}).has_value());
  ASSERT_TRUE(far.ask({.opcode = ControlOpcode::configure, .data = "tos minsane 1", .is_proven = true}).has_value());

  // 12 and 13 octets, padded to 32, key id and digest.
  EXPECT_EQ(lengths, (std::vector<std::size_t>{16, 20, 52}));
}

// mode6-traps-and-keytypes.pcap, request 1 and its digest.
TEST(ControlSession, ProvesARequestAsTheReferenceImplementationDoes) {
  Octets sent;
  auto session = session_with([&](const Request& request) {
    sent = request.datagram;
    return Datagrams{reply(request, "Config Succeeded\r\n")};
  });
  session.set_credentials(*key_of_password(1, "MD5", "asciiMD5key"));

  ASSERT_TRUE(
      session.ask({.opcode = ControlOpcode::configure, .data = "trap 10.77.0.12", .is_proven = true}).has_value());

  // The sequence number is ours; the captured digest is over number 1.
  sent[2] = std::byte{0};
  sent[3] = std::byte{1};
  crypto::MacWorkspace workspace;
  const auto key = key_of_password(1, "MD5", "asciiMD5key");
  constexpr std::array<unsigned, 16> kCaptured = {0x41, 0xdc, 0x02, 0xd2, 0x6c, 0x07, 0x89, 0xb6,
                                                  0x7c, 0x60, 0xfa, 0x33, 0x03, 0x05, 0xaa, 0x13};
  std::array<std::byte, 16> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::byte>(kCaptured[i]);
  ASSERT_EQ(sent.size(), 52U);
  EXPECT_TRUE(workspace.verify(*key->key, Bytes(sent).first(32), digest));
  EXPECT_EQ(load_big_endian<std::uint32_t>(sent, 32), 1U);
}

Octets with_mac(Octets datagram, const Credentials& credentials) {
  datagram.resize((datagram.size() + 7) / 8 * 8);
  crypto::MacWorkspace workspace;
  crypto::MacWorkspace::Digest digest{};
  const std::size_t length = workspace.sign(*credentials.key, datagram, digest);
  const std::size_t at = datagram.size();
  datagram.resize(at + 4);
  store_big_endian(MutableBytes(datagram), at, credentials.key_id);
  datagram.insert(datagram.end(), digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(length));
  return datagram;
}

TEST(ControlSession, ARepliesMacIsChecked) {
  const Credentials key = *key_of_password(1, "SHA1", "asciiSHA1key");
  auto session = session_with([&](const Request& request) {
    Octets forged = with_mac(reply(request, "forged"), key);
    forged.back() ^= std::byte{1};
    return Datagrams{forged, with_mac(reply(request, "genuine"), key)};
  });
  session.set_credentials(key);

  const auto answer = session.ask({.opcode = ControlOpcode::read_ordered_list, .data = "ifstats", .is_proven = true});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, "genuine");
}

TEST(ControlSession, WithoutAKeyNothingIsProvenAndNothingSent) {
  auto session = session_with([](const Request&) -> std::vector<Octets> { throw std::logic_error("asked"); });

  EXPECT_EQ(session.ask({.is_proven = true}).error().fault, ControlFault::no_key);
}

struct NonceServer {
  std::vector<std::string> changes;
  std::vector<Octets> operator()(const Request& request) {
    if (request.header.opcode == static_cast<std::uint8_t>(ControlOpcode::request_nonce))
      return {reply(request, "nonce=eeab38c503e0f375ca358996\r\n")};
    changes.push_back(request.data);
    if (request.data.starts_with("#nonce=eeab38c503e0f375ca358996\n")) return {reply(request, "Config Succeeded\r\n")};
    return {error_reply(request, wire::ControlError::permission)};
  }
};

TEST(ControlSession, AChangeFromAnotherHostGetsANonceOnceItIsRefused) {
  NonceServer server;
  auto session = session_with(std::ref(server), kElsewhere);
  session.set_credentials(*key_of_password(1, "MD5", "x"));

  const auto answer = session.ask({.opcode = ControlOpcode::configure, .data = "tos minsane 1", .is_proven = true});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->data, "Config Succeeded\r\n");
  EXPECT_EQ(server.changes,
            (std::vector<std::string>{"tos minsane 1", "#nonce=eeab38c503e0f375ca358996\ntos minsane 1"}));
}

TEST(ControlSession, AListForTheKeyFromAnotherHostGetsANonceOnceItIsRefused) {
  NonceServer server;
  auto session = session_with(std::ref(server), kElsewhere);
  session.set_credentials(*key_of_password(1, "MD5", "x"));

  EXPECT_TRUE(
      session.ask({.opcode = ControlOpcode::read_ordered_list, .data = "ifstats", .is_proven = true}).has_value());
  EXPECT_EQ(server.changes, (std::vector<std::string>{"ifstats", "#nonce=eeab38c503e0f375ca358996\nifstats"}));
}

TEST(ControlSession, AReadOrAChangeOnThisHostGetsNoNonce) {
  NonceServer server;
  auto near = session_with(std::ref(server));
  near.set_credentials(*key_of_password(1, "MD5", "x"));
  auto far = session_with(std::ref(server), kElsewhere);
  far.set_credentials(*key_of_password(1, "MD5", "x"));

  EXPECT_FALSE(near.ask({.opcode = ControlOpcode::configure, .data = "a", .is_proven = true}).has_value());
  EXPECT_FALSE(far.ask({.opcode = ControlOpcode::read_clients, .data = "b", .is_proven = true}).has_value());

  EXPECT_EQ(server.changes, (std::vector<std::string>{"a", "b"}));
}

TEST(ControlSession, ARequestThatIsTooLongIsNotSent) {
  auto session = session_with([](const Request&) -> std::vector<Octets> { throw std::logic_error("asked"); });

  EXPECT_EQ(session.ask({.data = std::string(469, 'a')}).error().fault, ControlFault::malformed);
}

TEST(ControlSession, TalksOverARealSocket) {
  auto server = net::UdpSocket::open_server({.local = Address::v4(0x7f000001)});
  ASSERT_TRUE(server.has_value());
  const Endpoint endpoint{.address = Address::v4(0x7f000001), .port = server->local()->port};
  std::thread answering([&] {
    pollfd descriptor{.fd = server->fd(), .events = POLLIN, .revents = 0};
    if (::poll(&descriptor, 1, 5000) != 1) return;
    net::ReceiveBuffers buffers;
    const auto datagrams = server->receive(buffers);
    if (!datagrams || datagrams->empty()) return;
    const net::Datagram& datagram = datagrams->front();
    const Request request{.header = *wire::decode_control_header(datagram.payload)};
    const std::array parts = {reply(request, "tail", 468), reply(request, std::string(468, 'h'), 0, true)};
    for (const Octets& part : parts)
      static_cast<void>(server->send({.remote = datagram.remote, .local = datagram.local, .payload = part}));
  });
  auto session = ControlSession::open(endpoint, {});
  ASSERT_TRUE(session.has_value());

  const auto answer = session->ask({});
  answering.join();

  ASSERT_TRUE(answer.has_value()) << to_text(answer.error());
  EXPECT_EQ(answer->data, std::string(468, 'h') + "tail");
}

TEST(ControlSession, APortWhereNobodyListensIsToldAtOnce) {
  Endpoint endpoint{.address = Address::v4(0x7f000001)};
  {
    const auto closed = net::UdpSocket::open_server({.local = endpoint.address});
    endpoint.port = closed->local()->port;
  }
  auto session = ControlSession::open(endpoint, {});
  ASSERT_TRUE(session.has_value());

  EXPECT_EQ(session->ask({}).error().fault, ControlFault::refused);
}

TEST(ControlSession, ASignalsFlagEndsTheWait) {
  const auto silent = net::UdpSocket::open_server({.local = Address::v4(0x7f000001)});
  const volatile std::sig_atomic_t flag = 1;
  auto session = ControlSession::open({.address = Address::v4(0x7f000001), .port = silent->local()->port}, {}, &flag);
  ASSERT_TRUE(session.has_value());

  EXPECT_EQ(session->ask({}).error().fault, ControlFault::interrupted);
}

}  // namespace
}  // namespace ntp::client
