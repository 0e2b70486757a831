// SPDX-License-Identifier: BSD-2-Clause
//
// A world for tests of mode 7: facts that are set by hand, commands that are written down, and requests.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "control/facts.h"
#include "control/private_service.h"
#include "control/service.h"
#include "crypto/mac.h"
#include "policy/client_table.h"
#include "policy/key_ring.h"
#include "wire/private_items.h"
#include "wire/private_packet.h"

namespace ntp::control::private_test {

using Octets = std::vector<std::byte>;

class FakeFacts final : public Facts {
 public:
  const state::View& view() override { return view_; }
  const state::HostView& host() override { return host_; }
  std::span<const state::InterfaceView> interfaces() override { return interfaces_; }
  const state::VariableSet& variables() override { return variables_; }
  const policy::Policy& policy() override { return policy_; }
  std::uint64_t rule_hits(std::size_t rule) override {
    ++hits_asked_;
    return rule < hits_.size() ? hits_[rule] : 0;
  }
  const policy::ClientTable* clients() override { return clients_.get(); }
  policy::ListedClients listed_clients() override { return {}; }

  state::View view_;
  state::HostView host_;
  std::vector<state::InterfaceView> interfaces_;
  state::VariableSet variables_;
  policy::Policy policy_;
  std::vector<std::uint64_t> hits_;
  std::size_t hits_asked_ = 0;
  std::unique_ptr<policy::ClientTable> clients_;
};

class FakeCommands final : public Commands {
 public:
  std::string configure(std::string_view text, const Orderer&) override {
    done_ += text;
    return {};
  }
  [[nodiscard]] bool did_configure() const override { return takes_configuration_; }
  std::string save_configuration(std::string_view, const Orderer&) override { return {}; }
  bool reset_source(const Endpoint& source) override {
    done_ += "reset " + source.address.text() + "\n";
    return true;
  }
  void reset_counts(ResetWhat what) override {
    done_ += "reset counts " + std::to_string(static_cast<int>(what)) + "\n";
  }
  bool read_keys() override {
    done_ += "read keys\n";
    return reads_keys_;
  }
  bool change_trust(std::span<const std::uint32_t> ids, bool is_trusted, const Orderer&) override {
    done_ += is_trusted ? "trust" : "untrust";
    for (const std::uint32_t id : ids) done_ += " " + std::to_string(id);
    done_ += "\n";
    return true;
  }
  void read_interfaces() override { done_ += "read interfaces\n"; }

  std::string done_;
  bool takes_configuration_ = true;
  bool reads_keys_ = true;
};

class FakeState final : public ControlState {
 public:
  [[nodiscard]] state::ControlCounts counts(MonoTime) const override { return counts_; }
  void reset_counts(MonoTime) override { counts_ = {}; }
  [[nodiscard]] std::vector<TrapView> traps(MonoTime) const override { return traps_; }
  bool set_trap(const Endpoint& remote, MonoTime) override {
    traps_.push_back({.remote = remote, .sequence = 1, .is_configured = true});
    return true;
  }
  bool clear_trap(const Endpoint& remote, MonoTime) override {
    return std::erase_if(traps_, [&](const TrapView& trap) { return trap.remote == remote; }) != 0;
  }
  bool may_send(const Address&, std::size_t octets, MonoTime) override {
    if (octets > budget_) return false;
    budget_ -= octets;
    return true;
  }

  state::ControlCounts counts_;
  std::vector<TrapView> traps_;
  std::size_t budget_ = 1'000'000;
};

enum class Asker : std::uint8_t { this_host, own_line, stranger };

/// Key 1 is MD5, key 5 SHA-1 and the request key, as in tests/data/classic/symkey-ntp.keys.
inline crypto::MacKey key_of(std::uint32_t id) {
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  return id == 1 ? crypto::MacKey::make("MD5", bytes("asciiMD5key")).value()
                 : crypto::MacKey::make("SHA1", bytes("asciiSHA1key")).value();
}

inline std::shared_ptr<const policy::KeyRing> ring(std::uint32_t request_key = 5) {
  std::vector<policy::Key> keys;
  for (const std::uint32_t id : {1U, 2U, 5U, 11U})
    keys.push_back({.id = id, .mac = key_of(id), .is_trusted = id != 11});
  return std::make_shared<const policy::KeyRing>(std::move(keys), 1, request_key);
}

inline constexpr Timestamp kNow = Timestamp::from_parts(0xeeab38be, 0);

/// One service and its world. Replies are kept until the next request.
class Desk {
 public:
  Desk() { facts_.policy_.keys = ring(); }

  std::vector<Octets> ask(Bytes request, Asker asker = Asker::this_host, Timestamp now = kNow) {
    Replies out;
    service_.answer({.remote = remote_,
                     .local = Address::v4(0x0a4d0005),
                     .received = now,
                     .payload = request,
                     .access = access_,
                     .is_this_host = asker == Asker::this_host,
                     .has_own_line = asker == Asker::own_line},
                    {.mono = MonoTime::from_nanoseconds(1'000'000'000), .real = now}, out);
    std::vector<Octets> replies;
    for (std::size_t i = 0; i < out.size(); ++i) {
      replies.emplace_back(out[i].payload.begin(), out[i].payload.end());
      to_ = out[i].to;
    }
    return replies;
  }
  std::vector<Octets> ask(wire::PrivateCode code, Asker asker = Asker::this_host) { return ask(request(code), asker); }

  /// A question as ntpdc sends it: 192 octets.
  static Octets request(wire::PrivateCode code, Bytes items = {}, std::uint16_t count = 0) {
    Octets datagram(wire::kPrivateRequestLength);
    write(datagram, code, items, count, false);
    return datagram;
  }
  /// With a proof by the key, in the layout that goes with its digest.
  static Octets proven(wire::PrivateCode code, Bytes items = {}, std::uint16_t count = 0, std::uint32_t key_id = 5,
                       Timestamp stamp = kNow) {
    const crypto::MacKey key = key_of(key_id);
    const std::size_t at = key.digest_length() == 16 ? 184 : 8 + items.size();
    Octets datagram(at + 12 + key.digest_length());
    write(datagram, code, items, count, true);
    store_big_endian(datagram, at, stamp.bits());
    store_big_endian(datagram, at + 8, key_id);
    crypto::MacWorkspace mac;
    crypto::MacWorkspace::Digest digest{};
    const std::size_t length = mac.sign(key, Bytes(datagram).first(at + 8), digest);
    std::copy_n(digest.begin(), length, datagram.begin() + static_cast<std::ptrdiff_t>(at) + 12);
    return datagram;
  }
  template <class Item>
  static Octets item(const Item& value, std::size_t length) {
    Octets octets(length);
    wire::encode_item(value, octets);
    return octets;
  }

  FakeFacts facts_;
  FakeCommands commands_;
  FakeState state_;
  PrivateService service_{{facts_, commands_, state_}};
  Endpoint remote_{Address::v4(0x0a4d000c), 40000};
  Endpoint to_;
  policy::Access access_ = policy::Access::none;

 private:
  static void write(MutableBytes out, wire::PrivateCode code, Bytes items, std::uint16_t count, bool is_proven) {
    wire::encode_private_header({.is_authenticated = is_proven,
                                 .code = static_cast<std::uint8_t>(code),
                                 .item_count = count,
                                 .item_length = static_cast<std::uint16_t>(count == 0 ? 0 : items.size() / count)},
                                out);
    std::copy(items.begin(), items.end(), out.begin() + wire::kPrivateHeaderLength);
  }
};

inline wire::PrivateHeader header_of(const Octets& reply) { return wire::decode_private_header(reply).value(); }
inline wire::PrivateError error_of(const std::vector<Octets>& replies) {
  return replies.size() == 1 ? static_cast<wire::PrivateError>(header_of(replies.front()).error)
                             : wire::PrivateError::none;
}
/// All items of an answer, of whichever datagram.
template <class Item>
std::vector<Item> items_of(const std::vector<Octets>& replies) {
  std::vector<Item> items;
  for (const Octets& reply : replies) {
    const wire::PrivateHeader header = header_of(reply);
    for (std::size_t i = 0; i < header.item_count; ++i)
      items.push_back(wire::decode_item<Item>(Bytes(reply).subspan(8 + i * header.item_length, header.item_length)));
  }
  return items;
}
inline std::size_t octets_of(const std::vector<Octets>& replies) {
  std::size_t octets = 0;
  for (const Octets& reply : replies) octets += reply.size();
  return octets;
}

}  // namespace ntp::control::private_test
