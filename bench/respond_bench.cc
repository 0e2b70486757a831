// SPDX-License-Identifier: BSD-2-Clause
//
// What one packet costs in the data plane: decode and respond. Target: at most 150 ns, and no heap allocation.
#include "server/respond.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "allocation_counter.h"
#include "server/authentication.h"
#include "wire/datagram.h"

namespace {

using namespace ntp;

/// Restrict lines as distributions ship them, and one for each of `networks` client networks.
policy::AccessList access_list(std::uint32_t networks) {
  using policy::Access;
  const Access usual = Access::kod | Access::nomodify | Access::nopeer | Access::noquery | Access::limited;
  const Address none4 = Address::v4(0);
  const Address none6 = Address::v6({});
  const Address loopback6 = Address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  std::vector<policy::AccessRule> rules = {
      {.address = none4, .mask = none4, .flags = usual},
      {.address = none6, .mask = none6, .flags = usual},
      {.address = Address::v4(0x7f000001), .mask = policy::prefix_mask(Family::ipv4, 32)},
      {.address = loopback6, .mask = policy::prefix_mask(Family::ipv6, 128)},
  };
  for (std::uint32_t i = 0; i < networks; ++i)
    rules.push_back({.address = Address::v4(0x0a000000 + (i << 8U)), .mask = policy::prefix_mask(Family::ipv4, 24)});
  return policy::AccessList(std::move(rules));
}

struct Server {
  explicit Server(std::uint32_t networks) : policy{.access = access_list(networks)} {
    clock.publish({.leap = wire::Leap::none, .stratum = 2, .root_delay_s = 0.01, .dispersion_rate = 15e-6});
    policy.hits = std::make_shared<policy::RuleHits>(policy.access.rules().size(), 1);
  }

  state::ClockState clock;
  policy::Policy policy;
  std::array<Address, 4> own_addresses = {Address::v4(0x7f000001), Address::v4(0xc0000201), Address::v6({1}),
                                          Address::v6({2})};
  server::WorkerState worker;
};

/// An allocation that is always there, so that a counter which counts nothing is noticed.
bool counter_works() {
  const std::uint64_t before = bench::allocation_count();
  auto probe = std::make_unique<std::uint64_t>(before);
  benchmark::DoNotOptimize(probe);
  return bench::allocation_count() > before;
}

void report_allocations(benchmark::State& state, std::uint64_t allocations) {
  if (!bench::counts_allocations()) {
    state.SetLabel("heap not counted under a sanitizer");
    return;
  }
  state.counters["allocations_per_packet"] = static_cast<double>(allocations) / static_cast<double>(state.iterations());
  if (allocations == 0 && counter_works()) return;
  fmt::print(stderr, "respond_bench: {} heap allocations in {} packets, expected none (and a working counter)\n",
             allocations, state.iterations());
  std::exit(EXIT_FAILURE);
}

void run(benchmark::State& state, const std::vector<std::byte>& payload, std::uint16_t port,
         std::shared_ptr<const policy::KeyRing> keys = nullptr) {
  Server server(static_cast<std::uint32_t>(state.range(0)));
  server.policy.keys = std::move(keys);
  const server::Snapshot snapshot{
      .clock = server.clock, .policy = server.policy, .own_addresses = server.own_addresses};
  server::Request request{.remote = {.address = Address::v4(0xc6336402), .port = port},
                          .local = Address::v4(0xc0000201),
                          .received = Timestamp::from_parts(0xeeab3759, 1),
                          .payload = payload};
  server::Instant now{.mono = MonoTime::from_nanoseconds(1), .real = Timestamp::from_parts(0xeeab3759, 2)};
  std::array<std::byte, server::kMaxReplyLength> reply{};

  const std::uint64_t before = bench::allocation_count();
  for (auto _ : state) {
    now.mono = MonoTime::from_nanoseconds(now.mono.nanoseconds() + 1000);
    benchmark::DoNotOptimize(request);
    const server::Verdict verdict = server::respond(snapshot, server.worker, request, now, reply);
    if (!server::finish(server.worker, verdict, now.real, reply)) std::abort();
    benchmark::DoNotOptimize(reply);
    benchmark::ClobberMemory();
  }
  const std::uint64_t allocations = bench::allocation_count() - before;
  report_allocations(state, allocations);
  state.SetItemsProcessed(state.iterations());
}

std::vector<std::byte> request_of(std::size_t tail) {
  std::vector<std::byte> payload(wire::kHeaderLength + tail);
  wire::encode_header({.poll_log2s = 6, .transmit = Timestamp::from_bits(0x1234567890abcdefU)}, payload);
  return payload;
}

void plain_request(benchmark::State& state) { run(state, request_of(0), 40000); }

void plain_request_from_port_123(benchmark::State& state) { run(state, request_of(0), 123); }

void request_with_unknown_key(benchmark::State& state) { run(state, request_of(20), 40000); }

/// Verified, answered and signed.
void authenticated(benchmark::State& state, const char* type) {
  constexpr std::string_view kSecret = "sixteen octets..";
  std::vector<policy::Key> keys;
  keys.push_back({.id = 1,
                  .mac = crypto::MacKey::make(type, std::as_bytes(std::span(kSecret))).value(),
                  .addresses = {},
                  .is_trusted = true});
  const auto ring = std::make_shared<const policy::KeyRing>(std::move(keys));
  auto payload = request_of(server::mac_length(*ring->find(1)));
  crypto::MacWorkspace macs;
  if (!server::sign(*ring->find(1), macs, payload, wire::kHeaderLength)) std::abort();
  run(state, payload, 40000, ring);
}

void request_with_md5(benchmark::State& state) { authenticated(state, "MD5"); }
void request_with_sha1(benchmark::State& state) { authenticated(state, "SHA1"); }
void request_with_aes_cmac(benchmark::State& state) { authenticated(state, "AES128CMAC"); }

void request_with_extension_field(benchmark::State& state) {
  auto payload = request_of(32);
  store_big_endian(MutableBytes(payload), wire::kHeaderLength, std::uint32_t{0xf000'0020});
  run(state, payload, 40000);
}

// The argument is the number of restrict lines besides the usual four.
BENCHMARK(plain_request)->Arg(0)->Arg(16)->Arg(256);
BENCHMARK(plain_request_from_port_123)->Arg(0);
BENCHMARK(request_with_unknown_key)->Arg(0);
BENCHMARK(request_with_extension_field)->Arg(0);
BENCHMARK(request_with_md5)->Arg(0);
BENCHMARK(request_with_sha1)->Arg(0);
BENCHMARK(request_with_aes_cmac)->Arg(0);

}  // namespace
