// SPDX-License-Identifier: BSD-2-Clause
//
// What a reply to a control message costs. Target: at most 10 us; a list of 100,000 clients well below a second.
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "base/random.h"
#include "control/service.h"
#include "wire/control_packet.h"

namespace {

using namespace ntp;
using wire::ControlOpcode;

constexpr std::size_t kClients = 100'000;

class Facts final : public control::Facts {
 public:
  Facts() {
    for (std::uint16_t id = 1; id <= 10; ++id) {
      state::SourceView source{.association_id = id, .name = "ntp.example"};
      source.remote = {Address::v4(0xc0000200U + id), 123};
      source.local = {Address::v4(0xc0000201), 123};
      source.reference = source.received_at = Timestamp::from_parts(0xeeab38b9, 0xa909301d);
      source.offset_s = 0.000025;
      view_.sources.push_back(source);
    }
    host_.version = "ntpd meridian 0.1.0";
    host_.processor = "x86_64";
    host_.system = "Linux/6.1.0";
  }
  const state::View& view() override { return view_; }
  const state::HostView& host() override { return host_; }
  std::span<const state::InterfaceView> interfaces() override { return {}; }
  const state::VariableSet& variables() override { return variables_; }
  const policy::Policy& policy() override { return policy_; }
  std::uint64_t rule_hits(std::size_t) override { return 0; }
  const policy::ClientTable* clients() override { return clients_.get(); }
  policy::ListedClients listed_clients() override { return {}; }

  void hear(std::size_t clients) {
    clients_ = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = clients + clients / 4},
                                                     std::array<std::uint64_t, 2>{1, 2});
    for (std::uint32_t i = 0; i < clients; ++i)
      clients_->update({.remote = {Address::v4(0x0a000000U + i), 123},
                        .at = MonoTime::from_nanoseconds(std::int64_t{i} * 10'000),
                        .mode = 3,
                        .version = 4},
                       {});
  }

 private:
  state::View view_;
  state::HostView host_;
  state::VariableSet variables_;
  policy::Policy policy_;
  std::unique_ptr<policy::ClientTable> clients_;
};

class NoCommands final : public control::Commands {
 public:
  std::string configure(std::string_view, const control::Orderer&) override { return {}; }
  [[nodiscard]] bool did_configure() const override { return false; }
  std::string save_configuration(std::string_view, const control::Orderer&) override { return {}; }
  bool reset_source(const Endpoint&) override { return false; }
  void reset_counts(control::ResetWhat) override {}
  bool read_keys() override { return false; }
  void read_interfaces() override {}
};

struct Server {
  Facts facts;
  NoCommands commands;
  SeededRandom random{1};
  control::Service service{facts, commands, random, {.has_budget = false}};
  control::Replies replies;
  control::Instant now{.mono = MonoTime::from_nanoseconds(2'000'000'000), .real = Timestamp::from_parts(0xeeab3759, 2)};
};

std::vector<std::byte> request(ControlOpcode opcode, std::string_view data, std::uint16_t association_id = 0) {
  std::vector<std::byte> out(wire::kControlHeaderLength + (data.size() + 3) / 4 * 4);
  wire::encode_control_header({.opcode = static_cast<std::uint8_t>(opcode),
                               .association_id = association_id,
                               .count = static_cast<std::uint16_t>(data.size())},
                              out);
  for (std::size_t i = 0; i < data.size(); ++i) out[wire::kControlHeaderLength + i] = static_cast<std::byte>(data[i]);
  return out;
}

enum class Asker : std::uint8_t { this_host, own_line, stranger };

control::Query query(Bytes payload, Asker asker) {
  return {.remote = {Address::v4(0xc6336402), 40000},
          .local = Address::v4(0xc0000201),
          .received = {},
          .payload = payload,
          .is_this_host = asker == Asker::this_host,
          .has_own_line = asker == Asker::own_line};
}

void run(benchmark::State& state, const std::vector<std::byte>& payload, Asker asker) {
  Server server;
  std::size_t datagrams = 0;
  for (auto _ : state) {
    server.replies.clear();
    server.service.answer(query(payload, asker), server.now, server.replies);
    datagrams += server.replies.size();
    benchmark::ClobberMemory();
  }
  if (datagrams < static_cast<std::size_t>(state.iterations())) std::abort();
  state.SetItemsProcessed(static_cast<std::int64_t>(datagrams));
}

void variables_of_the_system(benchmark::State& state) {
  run(state, request(ControlOpcode::read_variables, ""), Asker::own_line);
}
void variables_of_a_peer(benchmark::State& state) {
  run(state, request(ControlOpcode::read_variables, "", 5), Asker::own_line);
}
void named_variables(benchmark::State& state) {
  run(state,
      request(ControlOpcode::read_variables,
              "ss_uptime,ss_reset,ss_received,ss_thisver,ss_oldver,ss_badformat,ss_badauth,ss_declined,ss_restricted,"
              "ss_limited,ss_kodsent,ss_processed"),
      Asker::own_line);
}
/// Parts come from memory.
void strangers_part(benchmark::State& state) {
  run(state, request(ControlOpcode::read_variables, std::string(464, ' '), 5), Asker::stranger);
}
void strangers_error(benchmark::State& state) {
  run(state, request(ControlOpcode::read_variables, ""), Asker::stranger);
}
void strangers_unknown_name(benchmark::State& state) {
  run(state, request(ControlOpcode::read_variables, std::string(460, 'x') + ",leap"), Asker::stranger);
}

std::string item(std::string_view text, std::string_view name) {
  const std::size_t at = text.rfind(name);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size();
  return std::string(text.substr(begin, text.find_first_of(",\r", begin) - begin));
}

/// The whole list, as tools fetch it: one iteration.
void list_of_clients(benchmark::State& state) {
  Server server;
  server.facts.hear(kClients);
  std::size_t rows = 0;
  std::size_t requests = 0;
  for (auto _ : state) {
    std::string position;
    for (bool is_complete = false; !is_complete; ++requests) {
      server.replies.clear();
      const auto ask_nonce = request(ControlOpcode::request_nonce, "");
      server.service.answer(query(ask_nonce, Asker::this_host), server.now, server.replies);
      const Bytes nonce_reply = server.replies[0].payload;
      std::string data;
      for (const std::byte b : nonce_reply.subspan(wire::kControlHeaderLength, 30)) data += static_cast<char>(b);
      const auto ask_clients =
          request(ControlOpcode::read_clients, fmt::format("{}, frags={}{}", data, state.range(0), position));
      server.replies.clear();
      server.service.answer(query(ask_clients, Asker::this_host), server.now, server.replies);
      std::string text;
      for (std::size_t i = 0; i < server.replies.size(); ++i) {
        const Bytes reply = server.replies[i].payload;
        const std::size_t count = wire::decode_control_header(reply)->count;
        for (const std::byte b : reply.subspan(wire::kControlHeaderLength, count)) text += static_cast<char>(b);
      }
      is_complete = text.find("now=0x") != std::string::npos;
      const std::size_t last_row = text.rfind("rs.");
      if (last_row == std::string::npos) {
        if (!is_complete) std::abort();
        break;
      }
      const std::string number = text.substr(last_row + 3, text.find('=', last_row) - last_row - 3);
      rows += std::stoul(number) + 1;
      position =
          fmt::format(", addr.0={}, last.0={}", item(text, "addr." + number + "="), item(text, "last." + number + "="));
    }
  }
  if (rows < static_cast<std::size_t>(state.iterations()) * kClients / 10 * 9) std::abort();
  state.counters["requests"] = static_cast<double>(requests) / static_cast<double>(state.iterations());
}

BENCHMARK(variables_of_the_system);
BENCHMARK(variables_of_a_peer);
BENCHMARK(named_variables);
BENCHMARK(strangers_part);
BENCHMARK(strangers_error);
BENCHMARK(strangers_unknown_name);
// Most datagrams an answer: what NTPsec's and the reference implementation's tools ask for, and the most.
BENCHMARK(list_of_clients)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond);

}  // namespace
