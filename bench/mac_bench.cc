// SPDX-License-Identifier: BSD-2-Clause
//
// What authentication costs: the MAC of a request verified and that of the reply made, a key found, a keys file read.
// Targets: MD5 450 ns, SHA1 270 ns and AES128CMAC 290 ns a pair, without the heap; a keys file of 65,534 keys 200 ms.
#include "crypto/mac.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "allocation_counter.h"
#include "crypto/secret.h"
#include "policy/keys_file.h"
#include "wire/header.h"

namespace {

using namespace ntp;

constexpr std::uint32_t kMostKeys = 65534;

using Packet = std::array<std::byte, wire::kHeaderLength>;

crypto::MacKey key_of(const char* type, unsigned number) {
  std::array<std::byte, 20> secret{};
  store_big_endian(secret, 0, std::uint32_t{number});
  return crypto::MacKey::make(type, secret).value();
}

void report_allocations(benchmark::State& state, std::uint64_t allocations, bool may_allocate) {
  if (!bench::counts_allocations()) {
    state.SetLabel("heap not counted under a sanitizer");
    return;
  }
  state.counters["allocations"] = static_cast<double>(allocations) / static_cast<double>(state.iterations());
  if (allocations == 0 || may_allocate) return;
  fmt::print(stderr, "mac_bench: {} heap allocations in {} pairs, expected none\n", allocations, state.iterations());
  std::exit(EXIT_FAILURE);
}

/// Each pair with the next one of `count` keys.
void pairs(benchmark::State& state, const char* type, unsigned count, bool may_allocate = false) {
  std::vector<crypto::MacKey> keys;
  for (unsigned i = 0; i < count; ++i) keys.push_back(key_of(type, i));
  crypto::MacWorkspace workspace;
  Packet request{};
  Packet reply{};
  reply.fill(std::byte{0x24});
  std::vector<crypto::MacWorkspace::Digest> digests(count);
  for (unsigned i = 0; i < count; ++i)
    if (workspace.sign(keys[i], request, digests[i]) == 0) std::exit(EXIT_FAILURE);

  std::size_t next = 0;
  bool is_right = true;
  const std::uint64_t before = bench::allocation_count();
  for (auto _ : state) {
    const crypto::MacKey& key = keys[next];
    benchmark::DoNotOptimize(request);
    is_right &= workspace.verify(key, request, Bytes(digests[next]).first(key.digest_length()));
    crypto::MacWorkspace::Digest digest;
    benchmark::DoNotOptimize(workspace.sign(key, reply, digest));
    benchmark::DoNotOptimize(digest);
    if (++next == count) next = 0;
  }
  report_allocations(state, bench::allocation_count() - before, may_allocate);
  if (!is_right) state.SkipWithError("a MAC was not verified");
  state.SetItemsProcessed(state.iterations());
}

/// The lines as ntp-keygen writes them.
std::string keys_text(const char* type, std::uint32_t count) {
  std::string text = "# keys\n";
  for (std::uint32_t id = 1; id <= count; ++id)
    text += fmt::format("{:5} {} {:08x}4f1c2a39b5d8e07768190a2b3c4d5e6f # {} key\n", id, type, id * 2654435761U, type);
  return text;
}

void keys_file(benchmark::State& state, const char* type) {
  const std::string text = keys_text(type, kMostKeys);
  std::size_t count = 0;
  for (auto _ : state) {
    const policy::KeyRing ring(policy::parse_keys_file(text).keys);
    count = ring.size();
  }
  if (count != kMostKeys) state.SkipWithError("keys are missing");
}

void find_key(benchmark::State& state) {
  policy::KeysFile file = policy::parse_keys_file(keys_text("MD5", kMostKeys));
  for (policy::Key& key : file.keys) key.is_trusted = true;
  const policy::KeyRing ring(std::move(file.keys));
  std::uint32_t id = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ring.find_trusted(id));
    id = (id * 25173 + 13849) & 0xffffU;
  }
}

// As the daemon has it: secrets in memory of their own.
[[maybe_unused]] const crypto::SecretHeap kHeap = crypto::open_secret_heap(std::size_t{8} << 20U);

BENCHMARK_CAPTURE(pairs, md5, "MD5", 1);
BENCHMARK_CAPTURE(pairs, sha1, "SHA1", 1);
BENCHMARK_CAPTURE(pairs, aes128cmac, "AES128CMAC", 1);
BENCHMARK_CAPTURE(pairs, aes128cmac_of_20_keys, "AES128CMAC", 20);
BENCHMARK_CAPTURE(pairs, aes128cmac_of_60000_keys, "AES128CMAC", 60000);
BENCHMARK_CAPTURE(pairs, sha256, "SHA256", 1);
BENCHMARK_CAPTURE(pairs, sha512, "SHA512", 1);
BENCHMARK_CAPTURE(pairs, sha3_256, "SHA3-256", 1);
BENCHMARK_CAPTURE(pairs, ripemd160, "RIPEMD160", 1);
BENCHMARK_CAPTURE(pairs, md4, "MD4", 1);
BENCHMARK_CAPTURE(pairs, md2, "MD2", 1);
BENCHMARK_CAPTURE(pairs, mdc2, "MDC2", 1);
// By OpenSSL's EVP, which takes memory for each digest.
BENCHMARK_CAPTURE(pairs, blake2s256, "BLAKE2s256", 1, true);
BENCHMARK(find_key);
BENCHMARK_CAPTURE(keys_file, md5, "MD5")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(keys_file, aes128cmac, "AES128CMAC")->Unit(benchmark::kMillisecond);

}  // namespace
