// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/mdc2.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <span>

#include <nettle/des.h>
#include <nettle/nettle-meta.h>

namespace ntp::crypto {
namespace {

constexpr std::size_t kBlock = DES_BLOCK_SIZE;
using Block = std::array<std::uint8_t, kBlock>;

/// Two chains over the same message. Each step encrypts the block under both chaining values; the chains then swap their
/// right halves.
///
///   left chain   --+--> DES key (bits 10) --> E(block) ^ block = [A|B] --> [A|D]
///   right chain  --+--> DES key (bits 01) --> E(block) ^ block = [C|D] --> [C|B]
struct Context {
  Block left{};
  Block right{};
  Block pending{};
  std::size_t pending_length = 0;
};

Block step(Block key, std::uint8_t chain_bits, const Block& block) {
  constexpr std::uint8_t kChainMask = 0x60;  // bits 2 and 3 of the first octet keep the two keys apart
  key[0] = static_cast<std::uint8_t>((key[0] & ~kChainMask) | chain_bits);
  des_fix_parity(kBlock, key.data(), key.data());
  des_ctx cipher;
  // Says whether the key is one of DES' weak ones, which is no matter to a hash.
  des_set_key(&cipher, key.data());
  Block out;
  des_encrypt(&cipher, kBlock, out.data(), block.data());
  std::ranges::transform(out, block, out.begin(), [](auto a, auto b) { return static_cast<std::uint8_t>(a ^ b); });
  return out;
}

void compress(Context& context, const Block& block) {
  context.left = step(context.left, 0x40, block);
  context.right = step(context.right, 0x20, block);
  std::swap_ranges(context.left.begin() + kBlock / 2, context.left.end(), context.right.begin() + kBlock / 2);
}

void init(void* memory) {
  auto* context = ::new (memory) Context();
  context->left.fill(0x52);
  context->right.fill(0x25);
}

void update(void* memory, std::size_t length, const std::uint8_t* octets) {
  auto& context = *static_cast<Context*>(memory);
  for (const std::uint8_t octet : std::span(octets, length)) {
    context.pending[context.pending_length++] = octet;
    if (context.pending_length < kBlock) continue;
    compress(context, context.pending);
    context.pending_length = 0;
  }
}

void digest(void* memory, std::size_t length, std::uint8_t* out) {
  auto& context = *static_cast<Context*>(memory);
  if (context.pending_length > 0) {
    std::fill(context.pending.begin() + static_cast<std::ptrdiff_t>(context.pending_length), context.pending.end(), 0);
    compress(context, context.pending);
  }
  std::array<std::uint8_t, 2 * kBlock> whole;
  std::ranges::copy(context.left, whole.begin());
  std::ranges::copy(context.right, whole.begin() + kBlock);
  std::copy_n(whole.begin(), std::min(length, whole.size()), out);
  init(memory);
}

constexpr nettle_hash kHash = {
    .name = "mdc2",
    .context_size = sizeof(Context),
    .digest_size = 2 * kBlock,
    .block_size = kBlock,
    .init = init,
    .update = update,
    .digest = digest,
};

}  // namespace

const nettle_hash& mdc2_hash() { return kHash; }

}  // namespace ntp::crypto
