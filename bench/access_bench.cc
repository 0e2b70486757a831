// SPDX-License-Identifier: BSD-2-Clause
//
// What the restrict lines cost: a look-up in the tree (targets: 40 ns with 10 rules, 120 ns with 100,000, nothing allocated) and the
// building of it.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "allocation_counter.h"
#include "base/random.h"
#include "policy/access_list.h"

namespace {

using namespace ntp;
using policy::Access;
using policy::AccessRule;

Address random_address(Random& random, Family family) {
  if (family == Family::ipv4) return Address::v4(static_cast<std::uint32_t>(random.next64()));
  // 2001:db8::/32 and random bits below: what a site's networks look like.
  std::array<std::uint8_t, 16> octets{0x20, 0x01, 0x0d, 0xb8};
  for (std::size_t i = 4; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(random.next64());
  return Address::v6(octets);
}

/// Networks and hosts of all usual lengths, with the lines that every configuration has.
std::vector<AccessRule> random_rules(Random& random, Family family, std::size_t count) {
  constexpr auto kLengths4 = std::to_array<unsigned>({8, 16, 20, 22, 23, 24, 24, 24, 28, 32});
  constexpr auto kLengths6 = std::to_array<unsigned>({40, 44, 48, 48, 48, 52, 56, 64, 64, 128});
  const Address any = family == Family::ipv4 ? Address::v4(0) : Address::v6({});
  const Address loopback =
      family == Family::ipv4 ? Address::v4(0x7f000001) : Address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  const unsigned most = family == Family::ipv4 ? 32 : 128;
  std::vector<AccessRule> rules = {
      {.address = any, .mask = any, .flags = Access::kod | Access::limited | Access::noquery},
      {.address = loopback, .mask = policy::prefix_mask(family, most)}};
  while (rules.size() < count) {
    const unsigned length = family == Family::ipv4 ? kLengths4[random.next64() % kLengths4.size()]
                                                   : kLengths6[random.next64() % kLengths6.size()];
    rules.push_back({.address = random_address(random, family),
                     .mask = policy::prefix_mask(family, length),
                     .flags = random.next64() % 2 == 0 ? Access::ignore : Access::nomodify});
  }
  return rules;
}

/// A power of two: the division would be part of what is measured.
constexpr std::size_t kClients = 1U << 14U;

/// Half of the clients are in a network that a rule names, half come from anywhere.
std::vector<Endpoint> clients_of(Random& random, Family family, const std::vector<AccessRule>& rules) {
  std::vector<Endpoint> clients(kClients);
  for (Endpoint& client : clients) {
    client = {random_address(random, family), static_cast<std::uint16_t>(1024 + random.next64() % 60000)};
    if (random.next64() % 2 == 0) client.address = rules[random.next64() % rules.size()].address;
  }
  return clients;
}

void look_up(benchmark::State& state, Family family) {
  SeededRandom random(42);
  const auto rules = random_rules(random, family, static_cast<std::size_t>(state.range(0)));
  const auto clients = clients_of(random, family, rules);
  const policy::AccessList list(rules);
  std::size_t next = 0;
  const std::uint64_t before = bench::allocation_count();
  for (auto _ : state) benchmark::DoNotOptimize(list.match(clients[next++ % kClients]));
  const std::uint64_t allocations = bench::allocation_count() - before;
  if (allocations == 0) return;
  fmt::print(stderr, "access_bench: {} heap allocations in {} look-ups, expected none\n", allocations,
             state.iterations());
  std::exit(EXIT_FAILURE);
}

void look_up_ipv4(benchmark::State& state) { look_up(state, Family::ipv4); }
void look_up_ipv6(benchmark::State& state) { look_up(state, Family::ipv6); }

void build(benchmark::State& state, Family family) {
  SeededRandom random(42);
  const auto rules = random_rules(random, family, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const policy::AccessList list(rules);
    benchmark::DoNotOptimize(list.rules().size());
  }
}

void build_ipv4(benchmark::State& state) { build(state, Family::ipv4); }
void build_ipv6(benchmark::State& state) { build(state, Family::ipv6); }

// The argument is the number of rules.
BENCHMARK(look_up_ipv4)->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK(look_up_ipv6)->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK(build_ipv4)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(build_ipv6)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
