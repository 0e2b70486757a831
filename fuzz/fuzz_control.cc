// SPDX-License-Identifier: BSD-2-Clause
//
// Control messages: the first octet chooses who asks, the rest is the datagram. Whatever comes, a stranger gets one datagram at
// most, no longer than its own; replies are well formed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/assert.h"
#include "base/random.h"
#include "control/service.h"
#include "wire/control_packet.h"

namespace {

using namespace ntp;

class Facts final : public control::Facts {
 public:
  Facts() {
    state::SourceView source{.association_id = 1, .name = "a.example"};
    source.clock = state::ClockView{.device = "Undisciplined local clock"};
    view_.sources = {source, state::SourceView{.association_id = 2}};
    variables_.set({.name = "foo", .value = "bar, baz", .is_default = true});
    constexpr std::string_view kSecret = "a secret of twenty o";
    policy::Key key{.id = 1,
                    .mac = crypto::MacKey::make("MD5", std::as_bytes(std::span(kSecret))).value(),
                    .addresses = {},
                    .is_trusted = true};
    policy_.keys = std::make_shared<const policy::KeyRing>(std::vector{key}, 1);
    for (std::uint32_t i = 0; i < 20; ++i)
      clients_.update({.remote = {Address::v4(0x0a000000U + i), 123}, .at = MonoTime::from_nanoseconds(i)}, {});
  }
  const state::View& view() override { return view_; }
  const state::HostView& host() override { return host_; }
  std::span<const state::InterfaceView> interfaces() override { return {}; }
  const state::VariableSet& variables() override { return variables_; }
  const policy::Policy& policy() override { return policy_; }
  std::uint64_t rule_hits(std::size_t) override { return 0; }
  const policy::ClientTable* clients() override { return &clients_; }
  policy::ListedClients listed_clients() override { return {}; }

 private:
  state::View view_;
  state::HostView host_;
  state::VariableSet variables_;
  policy::Policy policy_;
  policy::ClientTable clients_{policy::ClientTable::Sizes{.clients = 100}, {1, 2}};
};

class Commands final : public control::Commands {
 public:
  std::string configure(std::string_view text, const control::Orderer&) override { return std::string(text); }
  [[nodiscard]] bool did_configure() const override { return true; }
  std::string save_configuration(std::string_view name, const control::Orderer&) override {
    for (const char c : name) NTP_ASSERT(c != '/' && c != '\\' && c > ' ' && c <= '~');
    NTP_ASSERT(!name.empty() && name.front() != '.');
    return std::string(name);
  }
  bool reset_source(const Endpoint&) override { return false; }
  void reset_counts(control::ResetWhat) override {}
  bool read_keys() override { return true; }
  void read_interfaces() override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostPayload = 1024;
  if (size < 1 || size > kMostPayload) return 0;
  static Facts facts;
  static Commands commands;
  SeededRandom random(1);
  control::Service service(facts, commands, random, {.save_folder = "/tmp"});
  const Bytes payload = std::as_bytes(std::span(data + 1, size - 1));
  const bool is_this_host = (data[0] & 1U) != 0;
  const bool has_own_line = (data[0] & 2U) != 0;
  const Endpoint remote = {Address::v4(0xc0000201), 40000};
  control::Replies replies;
  service.answer({.remote = remote,
                  .local = {},
                  .received = {},
                  .payload = payload,
                  .access = static_cast<policy::Access>((data[0] >> 2U) << 5U),
                  .is_this_host = is_this_host,
                  .has_own_line = has_own_line},
                 {.mono = MonoTime::from_nanoseconds(1'000'000'000), .real = Timestamp::from_parts(5, 0)}, replies);

  for (std::size_t i = 0; i < replies.size(); ++i) {
    const Bytes reply = replies[i].payload;
    const auto header = wire::decode_control_header(reply);
    NTP_ASSERT(header && header->is_response && wire::kControlHeaderLength + header->count <= reply.size());
    NTP_ASSERT(header->has_more == (i + 1 < replies.size()) || replies.size() == 1);
    NTP_ASSERT(replies[i].to == remote);
  }
  // The fuzzer would have to make a MAC to be more than a stranger.
  if (!is_this_host && !has_own_line) {
    NTP_ASSERT(replies.size() <= 1);
    for (std::size_t i = 0; i < replies.size(); ++i) NTP_ASSERT(replies[i].payload.size() <= payload.size());
  }
  return 0;
}
