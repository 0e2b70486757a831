// SPDX-License-Identifier: BSD-2-Clause
//
// For tests of control replies: facts that can be set, commands that are written down, requests and keys.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "control/facts.h"
#include "control/service.h"
#include "crypto/mac.h"
#include "policy/key_ring.h"
#include "wire/control_packet.h"

namespace ntp::control::test {

using Octets = std::vector<std::byte>;

class FakeFacts final : public Facts {
 public:
  state::View the_view;
  state::HostView the_host;
  std::vector<state::InterfaceView> the_interfaces;
  state::VariableSet the_variables;
  policy::Policy the_policy;
  std::vector<std::uint64_t> the_hits;
  std::unique_ptr<policy::ClientTable> the_clients;
  policy::ListedClients the_listed;

  const state::View& view() override { return the_view; }
  const state::HostView& host() override { return the_host; }
  std::span<const state::InterfaceView> interfaces() override { return the_interfaces; }
  const state::VariableSet& variables() override { return the_variables; }
  const policy::Policy& policy() override { return the_policy; }
  std::uint64_t rule_hits(std::size_t rule) override { return rule < the_hits.size() ? the_hits[rule] : 0; }
  const policy::ClientTable* clients() override { return the_clients.get(); }
  policy::ListedClients listed_clients() override { return the_listed; }
};

class FakeCommands final : public Commands {
 public:
  std::string reply = "Config Succeeded";
  bool is_taken = true;
  std::vector<std::string> configured;
  std::vector<std::string> saved;
  std::vector<std::string> others;

  std::string configure(std::string_view text, const Orderer&) override {
    configured.emplace_back(text);
    return reply;
  }
  [[nodiscard]] bool did_configure() const override { return is_taken; }
  std::string save_configuration(std::string_view name, const Orderer&) override {
    saved.emplace_back(name);
    return "Configuration saved to '" + std::string(name) + "'";
  }
  bool reset_source(const Endpoint& source) override {
    others.push_back("reset " + source.text());
    return true;
  }
  void reset_counts(ResetWhat) override { others.emplace_back("reset counts"); }
  bool read_keys() override {
    others.emplace_back("read keys");
    return true;
  }
  void read_interfaces() override { others.emplace_back("read interfaces"); }
};

inline Instant instant(double seconds, std::uint32_t ntp_seconds = 0xeeab38c4) {
  return {.mono = MonoTime::from_nanoseconds(static_cast<std::int64_t>((1000 + seconds) * 1e9)),
          .real = Timestamp::from_parts(ntp_seconds, 0) + Span::from_seconds(seconds)};
}

inline policy::Key make_key(std::uint32_t id, std::string_view type = "SHA1",
                            std::string_view secret = "a secret of twenty o") {
  return {.id = id,
          .mac = crypto::MacKey::make(type, std::as_bytes(std::span(secret))).value(),
          .addresses = {},
          .is_trusted = true};
}

/// One reply, taken apart.
struct Reply {
  Endpoint to;
  wire::ControlHeader header;
  std::string data;
  std::size_t length = 0;
  Octets octets;

  [[nodiscard]] bool is_error(wire::ControlError error) const {
    return header.is_error && header.status == static_cast<unsigned>(error) << 8U && header.count == 0;
  }
};

inline std::vector<Reply> taken_apart(const Replies& replies) {
  std::vector<Reply> out;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const Bytes payload = replies[i].payload;
    Reply reply{.to = replies[i].to,
                .header = wire::decode_control_header(payload).value(),
                .length = payload.size(),
                .octets = Octets(payload.begin(), payload.end())};
    for (const std::byte b : payload.subspan(wire::kControlHeaderLength, reply.header.count))
      reply.data += static_cast<char>(b);
    out.push_back(std::move(reply));
  }
  return out;
}

/// The data of all of them, one behind the other.
inline std::string whole_data(const std::vector<Reply>& replies) {
  std::string data;
  for (const Reply& reply : replies) {
    if (reply.header.offset != data.size()) return "gap";
    data += reply.data;
  }
  return data;
}

/// What a request is made from.
struct Ask {
  wire::ControlOpcode opcode = wire::ControlOpcode::read_variables;
  std::string_view data;
  std::uint16_t association_id = 0;
  std::uint16_t offset = 0;
  const policy::Key* key = nullptr;
  std::size_t mac_alignment = wire::kControlMacAlignment;
  std::uint16_t sequence = 1;
};

inline Octets request(const Ask& ask) {
  constexpr std::size_t kWord = 4;
  const std::size_t alignment = ask.key != nullptr ? ask.mac_alignment : kWord;
  const std::size_t end = wire::kControlHeaderLength + ask.data.size();
  Octets out((end + alignment - 1) / alignment * alignment);
  wire::encode_control_header({.opcode = static_cast<std::uint8_t>(ask.opcode),
                               .sequence = ask.sequence,
                               .association_id = ask.association_id,
                               .offset = ask.offset,
                               .count = static_cast<std::uint16_t>(ask.data.size())},
                              out);
  std::transform(ask.data.begin(), ask.data.end(), out.begin() + wire::kControlHeaderLength,
                 [](char c) { return static_cast<std::byte>(c); });
  if (ask.key == nullptr) return out;
  crypto::MacWorkspace macs;
  crypto::MacWorkspace::Digest digest{};
  const std::size_t digest_length = macs.sign(ask.key->mac, out, digest);
  std::array<std::byte, 4> id{};
  store_big_endian(MutableBytes(id), 0, ask.key->id);
  out.insert(out.end(), id.begin(), id.end());
  out.insert(out.end(), digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(digest_length));
  return out;
}

/// As our tools ask strangers: the data is filled up with blanks.
inline std::string padded(std::string_view data) {
  std::string out(data);
  out.resize(464, ' ');
  return out;
}

inline const Endpoint kThisHost = {Address::v4(0x7f000001), 40000};
inline const Endpoint kStranger = {Address::v4(0xc6336407), 40000};

/// A service, its world, and who asks: a stranger, unless something else is said.
class Bench {
 public:
  explicit Bench(ServiceOptions options = {}) : service(facts, commands, random, std::move(options)) {
    facts.the_view.system.leap = wire::Leap::none;
    facts.the_view.system.stratum = 2;
    facts.the_view.system.status = 0x0615;
    use_keys({make_key(1), make_key(2, "MD5", "another secret")}, 1);
  }

  void use_keys(std::vector<policy::Key> keys, std::optional<std::uint32_t> control_key) {
    ring = std::make_shared<const policy::KeyRing>(std::move(keys), control_key, std::nullopt);
    facts.the_policy.keys = ring;
  }
  [[nodiscard]] const policy::Key* key(std::uint32_t id) const { return ring->find(id); }

  std::vector<Reply> send(const Octets& payload) {
    replies.clear();
    service.answer({.remote = remote,
                    .local = Address::v4(0xc0000201),
                    .received = now.real,
                    .payload = payload,
                    .access = access,
                    .is_this_host = is_this_host,
                    .has_own_line = has_own_line},
                   now, replies);
    return taken_apart(replies);
  }
  std::vector<Reply> ask(const Ask& what) { return send(request(what)); }
  void be_this_host() {
    remote = kThisHost;
    is_this_host = true;
  }
  void wait(double seconds) {
    now.mono = now.mono + seconds;
    now.real = now.real + Span::from_seconds(seconds);
  }
  /// For whoever asks.
  std::string nonce() {
    const auto answer = ask({.opcode = wire::ControlOpcode::request_nonce, .data = padded("")});
    const std::string text = answer.empty() ? std::string() : answer[0].data;
    return text.starts_with("nonce=") ? text.substr(6, 24) : std::string();
  }

  FakeFacts facts;
  FakeCommands commands;
  SeededRandom random{1};
  std::shared_ptr<const policy::KeyRing> ring;
  Service service;
  Replies replies;
  Endpoint remote = kStranger;
  policy::Access access = policy::Access::none;
  bool is_this_host = false;
  bool has_own_line = false;
  Instant now = instant(0);
};

}  // namespace ntp::control::test
