// SPDX-License-Identifier: BSD-2-Clause
//
// What the tests of an exchange share: a source that has been asked, and replies with and without MACs.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "engine/exchange.h"
#include "engine/test_kit.h"

namespace ntp::engine::test {

using Octets = std::vector<std::byte>;

inline policy::Key key(std::uint32_t id, std::string_view type = "SHA1", std::string_view secret = "a secret",
                       std::vector<policy::KeyAddress> addresses = {}) {
  return {.id = id,
          .mac = crypto::MacKey::make(type, std::as_bytes(std::span(secret))).value(),
          .addresses = std::move(addresses),
          .is_trusted = true};
}

/// A ring of these keys.
template <class... Keys>
std::shared_ptr<const policy::KeyRing> ring(Keys... keys) {
  std::vector<policy::Key> all;
  (all.push_back(std::move(keys)), ...);
  return std::make_shared<const policy::KeyRing>(std::move(all));
}

inline Octets encoded(const wire::Header& header) {
  Octets octets(wire::kHeaderLength);
  wire::encode_header(header, octets);
  return octets;
}

/// The datagram with a MAC of this key behind it.
inline Octets with_mac(Octets octets, const policy::Key& key) {
  crypto::MacWorkspace macs;
  crypto::MacWorkspace::Digest digest{};
  const std::size_t length = macs.sign(key.mac, octets, digest);
  EXPECT_EQ(length, key.mac.digest_length());
  const std::size_t at = octets.size();
  octets.resize(at + sizeof key.id);
  store_big_endian(MutableBytes(octets), at, key.id);
  octets.insert(octets.end(), digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(length));
  return octets;
}

/// The datagram with a crypto-NAK's tail.
inline Octets with_nak(Octets octets) {
  octets.resize(octets.size() + wire::kCryptoNakLength);
  return octets;
}

/// A source that has been asked at t = 0 s; replies arrive at t = 0.02 s from a server 1 s ahead of us.
class Asked {
 public:
  explicit Asked(std::uint32_t key_id = 0, std::shared_ptr<const policy::KeyRing> keys = nullptr)
      : keys_(std::move(keys)) {
    a.remote = {address(1), 123};
    a.endpoint = 3;
    a.settings.key_id = key_id;
    ask();
    leave({});
  }
  void ask() {
    Effects out;
    ASSERT_TRUE(send_request(a, context(), random, out));
    sent = std::get<Send>(out.back());
  }
  void leave(PacketSent event) {
    event.token = sent.token;
    if (event.at.is_unknown()) event.at = real(0);
    request_left(a, event);
  }
  [[nodiscard]] wire::Header answer() const {
    wire::Header header = good_header();
    header.origin = a.request.transmit;
    // No two answers have the same stamps.
    header.receive = header.transmit = real(1.01) + Span::from_units(static_cast<std::int64_t>(a.counters.sent) - 1);
    return header;
  }
  Reply take(const wire::Header& header, Timestamp at = real(0.02)) { return take(encoded(header), at); }
  Reply take(Bytes octets, Timestamp at = real(0.02)) {
    return take_reply(a,
                      {.endpoint = 3,
                       .remote = a.remote,
                       .at = at,
                       .source = state::StampSource::kernel,
                       .error_s = 1e-5,
                       .payload = octets},
                      context());
  }
  [[nodiscard]] ExchangeContext context() {
    return {.now = &now,
            .dispersion_rate = 15e-6,
            .precision_log2s = -20,
            .record = &record,
            .authentication = {keys_.get(), &macs_}};
  }
  [[nodiscard]] const policy::Key& key_of(std::uint32_t id) const { return *keys_->find(id); }

  CorrectionRecord record = [] {
    CorrectionRecord started;
    started.start(test::now(0).raw, 0);
    return started;
  }();

  Now now = test::now(0);
  SeededRandom random{5};
  Association a{server()};
  Send sent;

 private:
  std::shared_ptr<const policy::KeyRing> keys_;
  crypto::MacWorkspace macs_;
};

}  // namespace ntp::engine::test
