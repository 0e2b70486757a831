// SPDX-License-Identifier: BSD-2-Clause
//
// SipHash (Aumasson and Bernstein, 2012) of a fixed number of 64-bit words: a short hash that nobody can aim without the key.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace ntp::crypto {

using SipKey = std::array<std::uint64_t, 2>;

namespace detail {

struct SipState {
  std::uint64_t v0 = 0;
  std::uint64_t v1 = 0;
  std::uint64_t v2 = 0;
  std::uint64_t v3 = 0;

  constexpr void mix(unsigned rounds) {
    for (unsigned i = 0; i < rounds; ++i) {
      v0 += v1;
      v2 += v3;
      v1 = std::rotl(v1, 13) ^ v0;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 = std::rotl(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = std::rotl(v1, 17) ^ v2;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 = std::rotl(v2, 32);
    }
  }
};

}  // namespace detail

/// SipHash-c-d of a message of `Count` words, the first octet of each word being its lowest. 1-3 is enough for tables whose
/// hashes are never shown; 2-4 is the published standard.
template <unsigned kCompression = 1, unsigned kFinalization = 3, std::size_t Count>
constexpr std::uint64_t siphash(const SipKey& key, const std::array<std::uint64_t, Count>& words) {
  detail::SipState state{
      .v0 = key[0] ^ 0x736f6d6570736575U,
      .v1 = key[1] ^ 0x646f72616e646f6dU,
      .v2 = key[0] ^ 0x6c7967656e657261U,
      .v3 = key[1] ^ 0x7465646279746573U,
  };
  const auto absorb = [&state](std::uint64_t word) {
    state.v3 ^= word;
    state.mix(kCompression);
    state.v0 ^= word;
  };
  for (const std::uint64_t word : words) absorb(word);
  absorb(std::uint64_t{(Count * sizeof(std::uint64_t)) & 0xffU} << 56U);
  state.v2 ^= 0xffU;
  state.mix(kFinalization);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace ntp::crypto
