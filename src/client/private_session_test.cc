// SPDX-License-Identifier: BSD-2-Clause
#include "client/private_session.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/capture_test_kit.h"

namespace ntp::client {
namespace {

using Octets = std::vector<std::byte>;
using wire::PrivateCode;
using wire::PrivateError;
using wire::PrivateHeader;

/// A server that is made of a function; time passes only while the session waits.
class FakePrivateServer final : public ControlTransport {
 public:
  using Server = std::function<std::vector<Octets>(const Octets&)>;
  struct Log {
    std::vector<Octets> requests;
    double now_s = 0;
  };
  FakePrivateServer(Server server, Log& log) : server_(std::move(server)), log_(log) {}

  std::optional<TransportFailure> send(Bytes datagram) override {
    log_.requests.emplace_back(datagram.begin(), datagram.end());
    for (Octets& reply : server_(log_.requests.back())) waiting_.push_back(std::move(reply));
    return std::nullopt;
  }
  std::expected<Bytes, TransportFailure> receive(double wait_s) override {
    if (waiting_.empty()) {
      log_.now_s += wait_s;
      return std::unexpected(TransportFailure{});
    }
    current_ = std::move(waiting_.front());
    waiting_.pop_front();
    log_.now_s += 1e-3;
    return Bytes(current_);
  }
  [[nodiscard]] double now_s() const override { return log_.now_s; }

 private:
  Server server_;
  Log& log_;
  std::deque<Octets> waiting_;
  Octets current_;
};

/// A datagram of an answer: `count` items of four octets, each of which is `mark`.
Octets part(std::uint8_t sequence, bool has_more, std::size_t count, std::uint8_t mark = 0) {
  Octets octets(wire::kPrivateHeaderLength + 4 * count, static_cast<std::byte>(mark));
  wire::encode_private_header({.is_response = true,
                               .has_more = has_more,
                               .sequence = sequence,
                               .code = static_cast<std::uint8_t>(PrivateCode::peer_list),
                               .item_count = static_cast<std::uint16_t>(count),
                               .item_length = static_cast<std::uint16_t>(count == 0 ? 0 : 4)},
                              octets);
  return octets;
}
Octets error(PrivateError code, wire::Implementation implementation = wire::Implementation::current) {
  Octets octets(wire::kPrivateHeaderLength);
  wire::encode_private_header({.is_response = true,
                               .implementation = static_cast<std::uint8_t>(implementation),
                               .code = static_cast<std::uint8_t>(PrivateCode::peer_list),
                               .error = static_cast<std::uint8_t>(code)},
                              octets);
  return octets;
}

class Asking {
 public:
  explicit Asking(FakePrivateServer::Server server)
      : session_(std::make_unique<FakePrivateServer>(std::move(server), log_), {},
                 [this](const std::string& text) { notices_ += text; }) {}

  std::expected<PrivateItems, PrivateFailure> ask(const PrivateRequest& request = {}) { return session_.ask(request); }
  PrivateFault fault_of(const PrivateRequest& request = {}) {
    const auto answer = ask(request);
    EXPECT_FALSE(answer.has_value());
    return answer ? PrivateFault::timeout : answer.error().fault;
  }

  FakePrivateServer::Log log_;
  std::string notices_;
  PrivateSession session_;
};

FakePrivateServer::Server with(std::vector<Octets> parts) {
  return [parts = std::move(parts)](const Octets&) { return parts; };
}

TEST(PrivateSession, PutsDatagramsTogetherInTheirOrder) {
  Asking asking(with({part(2, false, 1, 3), part(0, true, 2, 1), part(0, true, 2, 9), part(1, true, 1, 2)}));

  const auto answer = asking.ask();

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->count, 4U);
  EXPECT_EQ(answer->length, 4U);
  EXPECT_EQ((*answer)[0][0], std::byte{1});  // not the repeated one
  EXPECT_EQ((*answer)[2][0], std::byte{2});
  EXPECT_EQ((*answer)[3][0], std::byte{3});
  EXPECT_EQ(asking.log_.requests.size(), 1U);
}

TEST(PrivateSession, SaysWhatIsMissing) {
  Asking gap(with({part(0, true, 1), part(2, false, 1)}));
  EXPECT_EQ(gap.fault_of(), PrivateFault::incomplete);
  EXPECT_LT(gap.log_.now_s, 5.0);
  Asking nothing(with({}));
  EXPECT_EQ(nothing.fault_of(), PrivateFault::timeout);
  EXPECT_EQ(nothing.log_.requests.size(), 2U);  // asked once more in the middle
  EXPECT_NEAR(nothing.log_.now_s, 5.0, 0.01);
}

TEST(PrivateSession, TakesTheFirstDatagramAloneAndSaysSo) {
  Asking asking(with({part(0, true, 3, 7)}));
  const auto answer = asking.ask();
  ASSERT_TRUE(answer.has_value()) << to_text(answer.error());
  EXPECT_EQ(answer->count, 3U);
  EXPECT_EQ((*answer)[2][0], std::byte{7});
  EXPECT_EQ(asking.notices_, "***Warning only the first 3 items came (a server tells strangers one datagram alone)");

  Asking lost(with({part(0, true, 1), part(1, true, 1)}));  // no stranger is told two
  EXPECT_EQ(lost.fault_of(), PrivateFault::incomplete);
  EXPECT_EQ(Asking(with({part(1, true, 1)})).fault_of(), PrivateFault::incomplete);
  EXPECT_EQ(Asking(with({part(1, false, 1)})).fault_of(), PrivateFault::incomplete);
}

TEST(PrivateSession, TakesNoAnswerThatContradictsItself) {
  EXPECT_EQ(Asking(with({part(1, false, 1), part(2, true, 1)})).fault_of(), PrivateFault::malformed);
  EXPECT_EQ(Asking(with({part(2, true, 1), part(1, false, 1)})).fault_of(), PrivateFault::malformed);
  EXPECT_EQ(Asking(with({part(1, false, 1), part(0, false, 1)})).fault_of(), PrivateFault::malformed);
  Octets longer = part(1, false, 2);
  wire::encode_private_header({.is_response = true, .sequence = 1, .code = 0, .item_count = 1, .item_length = 8},
                              longer);
  EXPECT_EQ(Asking(with({part(0, true, 1), longer})).fault_of(), PrivateFault::malformed);
  Octets beyond = part(0, false, 1);
  wire::encode_private_header({.is_response = true, .code = 0, .item_count = 100, .item_length = 4}, beyond);
  EXPECT_EQ(Asking(with({beyond})).fault_of(), PrivateFault::malformed);
}

TEST(PrivateSession, IsNotHeldUpForEverByAnEndlessAnswer) {
  // CVE-2015-8158's kind: datagrams without end, each of which could be part of it.
  std::vector<Octets> endless;
  for (int i = 0; i < 5000; ++i) endless.push_back(part(static_cast<std::uint8_t>(i % 128), true, 1));
  Asking asking(with(endless));
  EXPECT_EQ(asking.fault_of(), PrivateFault::malformed);
  EXPECT_LT(asking.log_.now_s, 3.0);
}

TEST(PrivateSession, PassesOverDatagramsThatAnswerSomethingElse) {
  Octets other = part(0, false, 1);
  other[3] = std::byte{9};
  Octets request = part(0, false, 1);
  request[0] = std::byte{0x17};
  Octets mode6 = part(0, false, 1);
  mode6[0] = std::byte{0x96};
  Asking asking(with({other, request, mode6, Octets(3), part(0, false, 1, 7)}));
  const auto answer = asking.ask();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)[0][0], std::byte{7});
}

TEST(PrivateSession, AsksOldServersInTheirWayAndKeepsToIt) {
  Asking asking([](const Octets& request) {
    if (request[2] == std::byte{3}) return std::vector<Octets>{error(PrivateError::format)};
    return std::vector<Octets>{error(PrivateError::no_data, wire::Implementation::old)};
  });

  const auto answer = asking.ask();

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(to_text(answer.error()), "***Server reports data not found");
  EXPECT_EQ(asking.notices_, "***Warning changing to older implementation");
  EXPECT_TRUE(asking.session_.is_old());
  (void)asking.ask();
  EXPECT_EQ(asking.log_.requests.size(), 3U);
}

TEST(PrivateSession, HasTheWordsOfTheReferenceImplementation) {
  EXPECT_EQ(to_text({.fault = PrivateFault::told, .code = 7}), "***Permission denied");
  EXPECT_EQ(to_text({.fault = PrivateFault::told, .code = 9}), "***Server returned unknown error code 9");
  EXPECT_EQ(to_text({.fault = PrivateFault::timeout}), "***Request timed out");
}

TEST(PrivateSession, NeedsAKeyForAProof) {
  Asking asking(with({part(0, false, 0)}));
  EXPECT_EQ(asking.fault_of({.is_proven = true}), PrivateFault::no_key);
  EXPECT_TRUE(asking.log_.requests.empty());
}

/// What a capture of the reference implementation's ntpdc sent, sent again at the same moment with the same key: the same
/// octets, proof and all. (Those whose items the reference implementation filled up with what lay about are left out.)
TEST(PrivateSession, SendsWhatTheReferenceImplementationSent) {
  const auto capture = wire::capture::read_capture("ntpdc-all-commands.pcap");
  const std::string secret = "asciiSHA1key";
  const auto key =
      std::make_shared<const crypto::MacKey>(crypto::MacKey::make("SHA1", std::as_bytes(std::span(secret))).value());
  int compared = 0;
  for (const auto& [number, request] : std::vector<std::pair<std::size_t, PrivateRequest>>{
           {1, make_private_request<wire::WordItem>(PrivateCode::peer_list, {})},
           {44, make_private_request<wire::WordItem>(PrivateCode::interface_stats, {})},
           {48, make_private_request(PrivateCode::clock_info, std::span<const wire::WordItem>({{0x7f7f0100}}))},
           {56, make_private_request(PrivateCode::configure,
                                     std::span<const wire::ConfigureItem>({{.remote = Address::v4(0x0a4d0006),
                                                                            .mode = 3,
                                                                            .version = 4,
                                                                            .min_poll_log2s = 6,
                                                                            .max_poll_log2s = 10,
                                                                            .flags = 2}}))},
           {74, make_private_request(PrivateCode::set_flags, std::span<const wire::WordItem>({{0x20}}))},
           {94, make_private_request(PrivateCode::reset_stats, std::span<const wire::WordItem>({{0x7d}}))},
           {98, make_private_request<wire::WordItem>(PrivateCode::read_keys, {})},
           {100, make_private_request(PrivateCode::trust_key,
                                      std::span<const wire::KeyItem>({{.network_order = 0x0b000000}}))},
           {115, make_private_request(PrivateCode::set_fudge, std::span<const wire::FudgeItem>(
                                                                  {{.clock = Address::v4(0x7f7f0100), .what = 1}}))}}) {
    const Octets& captured = std::ranges::find(capture, number, &wire::capture::Datagram::number)->payload;
    const auto header = wire::decode_private_header(captured).value();
    const std::size_t stamp_at = 8 + std::size_t{header.item_count} * header.item_length;
    const auto stamp = Timestamp::from_bits(load_big_endian<std::uint64_t>(captured, stamp_at));
    FakePrivateServer::Log log;
    PrivateSession session(std::make_unique<FakePrivateServer>(with({}), log), {.clock = [&] { return stamp; }}, {});
    session.set_credentials(Credentials{.key_id = 5, .key = key});
    (void)session.ask(request);
    ASSERT_FALSE(log.requests.empty());
    EXPECT_EQ(log.requests[0], captured) << number;
    ++compared;
  }
  EXPECT_EQ(compared, 9);
}

RC_GTEST_PROP(PrivateAssembly, GivesItemsOfOneLengthWhateverComes,
              (const std::vector<std::array<std::uint8_t, 40>>& datagrams)) {
  PrivateAssembly assembly(3, 0);
  for (std::array<std::uint8_t, 40> octets : datagrams) {
    octets[0] = static_cast<std::uint8_t>(octets[0] | 0x87U);
    octets[1] &= 3;
    octets[2] = 3, octets[3] = 0, octets[4] = 0, octets[5] &= 7, octets[6] = 0, octets[7] &= 7;
    if (assembly.add(std::as_bytes(std::span(octets))) != PrivateAssembly::Added::complete) continue;
    const PrivateItems items = assembly.take();
    RC_ASSERT(items.octets.size() == items.count * items.length);
    break;
  }
}

}  // namespace
}  // namespace ntp::client
