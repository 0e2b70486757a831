// SPDX-License-Identifier: BSD-2-Clause
//
// What counting a client costs. Target: at most 60 ns, also where two threads count into one table, no heap allocation, and
// at most 75 MB for a million clients.
#include "policy/client_table.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include <sys/mman.h>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "allocation_counter.h"
#include "base/random.h"

namespace {

using namespace ntp;
using policy::ClientTable;

constexpr std::size_t kClients = 1'000'000;
constexpr std::size_t kQueue = 1U << 16U;

/// Half of them IPv6.
Endpoint client(std::uint64_t number) {
  const auto octet = [number](unsigned i) { return static_cast<std::uint8_t>(number >> (8U * i)); };
  return {.address = number % 2 == 0 ? Address::v4(0x0a000000U + static_cast<std::uint32_t>(number))
                                     : Address::v6({0x20, 1, 0xd, 0xb8, octet(2), octet(1), octet(0), 0, 1, 2, 3, 4}),
          .port = 40000};
}

/// Whoever comes next: clients in no order.
std::vector<Endpoint> senders(std::size_t clients, std::uint64_t seed) {
  SeededRandom random(seed);
  std::vector<Endpoint> queue(kQueue);
  for (Endpoint& remote : queue) remote = client(random.next64() % clients);
  return queue;
}

ClientTable::Packet packet_of(const Endpoint& remote, std::int64_t at_ns, bool is_limited) {
  return {.remote = remote,
          .at = MonoTime::from_nanoseconds(at_ns),
          .mode = 3,
          .version = 4,
          .is_limited = is_limited,
          .wants_kisses = is_limited};
}

/// One table for all threads, with the clients that will ask; filled once for each number of them.
std::unique_ptr<ClientTable> table;
std::size_t clients_in_table = 0;

void fill(const benchmark::State& state) {
  const auto clients = static_cast<std::size_t>(state.range(0));
  if (clients == clients_in_table) return;
  clients_in_table = clients;
  table = std::make_unique<ClientTable>(ClientTable::Sizes{.clients = kClients}, std::array<std::uint64_t, 2>{1, 2});
  // As the daemon does it with a table of that size.
  static_cast<void>(::madvise(table->memory().data(), table->memory().size(), MADV_HUGEPAGE));
  const policy::RateLimits limits;
  for (std::size_t i = 0; i < clients; ++i)
    table->update(packet_of(client(i), 1'000'000'000 + static_cast<std::int64_t>(i), false), limits);
}

void update(benchmark::State& state, bool is_limited, bool is_classic) {
  const auto queue =
      senders(static_cast<std::size_t>(state.range(0)), 1000 + static_cast<unsigned>(state.thread_index()));
  const policy::RateLimits limits{.is_classic = is_classic};
  std::int64_t now_ns = 100'000'000'000;
  std::size_t next = 0;

  const std::uint64_t before = bench::allocation_count();
  for (auto _ : state) {
    benchmark::DoNotOptimize(table->update(packet_of(queue[next], now_ns += 1000, is_limited), limits));
    next = (next + 1) % kQueue;
  }
  const std::uint64_t allocations = bench::allocation_count() - before;
  state.counters["megabytes"] =
      benchmark::Counter(static_cast<double>(table->octets()) / 1e6, benchmark::Counter::kAvgThreads);
  if (state.threads() == 1 && bench::counts_allocations() && allocations != 0) {
    fmt::print(stderr, "client_table_bench: {} heap allocations, expected none\n", allocations);
    std::exit(EXIT_FAILURE);
  }
}

void update_limited(benchmark::State& state) { update(state, true, false); }
void update_discard(benchmark::State& state) { update(state, true, true); }
void update_unlimited(benchmark::State& state) { update(state, false, false); }

// The argument is the number of clients. Real time: two threads share it.
#define CLIENT_BENCHMARK(function) \
  BENCHMARK(function)->Arg(1000)->Arg(kClients)->Setup(fill)->ThreadRange(1, 2)->UseRealTime()
CLIENT_BENCHMARK(update_limited);
CLIENT_BENCHMARK(update_discard);
CLIENT_BENCHMARK(update_unlimited);

/// As packets come from a socket: in batches, so that memory is fetched ahead.
void update_in_batches(benchmark::State& state) {
  constexpr std::size_t kBatch = 32;
  const auto queue =
      senders(static_cast<std::size_t>(state.range(0)), 1000 + static_cast<unsigned>(state.thread_index()));
  const policy::RateLimits limits;
  std::int64_t now_ns = 100'000'000'000;
  std::size_t next = 0;
  while (state.KeepRunningBatch(kBatch)) {
    for (std::size_t i = 0; i < kBatch; ++i) table->prepare(queue[next + i].address);
    for (std::size_t i = 0; i < kBatch; ++i)
      benchmark::DoNotOptimize(table->update(packet_of(queue[next + i], now_ns += 1000, true), limits));
    next = (next + kBatch) % kQueue;
  }
}
CLIENT_BENCHMARK(update_in_batches);

/// Clients that were never seen: each takes the place of another one.
void update_by_strangers(benchmark::State& state) {
  const policy::RateLimits limits;
  SeededRandom random(7);
  std::int64_t now_ns = 100'000'000'000;
  for (auto _ : state) {
    const Endpoint remote{.address = Address::v4(static_cast<std::uint32_t>(random.next64())), .port = 123};
    benchmark::DoNotOptimize(table->update(packet_of(remote, now_ns += 1000, true), limits));
  }
}
BENCHMARK(update_by_strangers)->Arg(kClients)->Setup(fill)->UseRealTime();

}  // namespace
