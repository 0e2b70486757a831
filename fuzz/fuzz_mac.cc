// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the MAC trailer. The first octet chooses the type of the key, the rest is a datagram: its MAC is looked at
// as the data plane does, then replaced by the right one, which must verify until a bit of it or of the packet changes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.h"
#include "crypto/mac.h"
#include "wire/datagram.h"

namespace {

using namespace ntp;

constexpr std::array kTypes = {"MD5", "SHA1", "AES128CMAC", "SHA512", "MDC2", "MD2", "BLAKE2s256"};

const std::vector<crypto::MacKey>& keys() {
  static const std::vector<crypto::MacKey> made = [] {
    constexpr std::array secret = {std::byte{1}, std::byte{2}, std::byte{3}};
    std::vector<crypto::MacKey> out;
    for (const char* type : kTypes) out.push_back(crypto::MacKey::make(type, secret).value());
    return out;
  }();
  return made;
}

void check(const crypto::MacKey& key, const wire::MacTrailer& mac, std::span<std::byte> datagram) {
  static crypto::MacWorkspace workspace;
  const Bytes message = datagram.first(mac.offset);
  const bool is_right = workspace.verify(key, message, mac.digest(datagram));
  NTP_ASSERT(!is_right || mac.digest_length == key.digest_length());
  if (mac.digest_length != key.digest_length()) return;

  crypto::MacWorkspace::Digest digest{};
  NTP_ASSERT(workspace.sign(key, message, digest) == key.digest_length());
  std::copy_n(digest.begin(), mac.digest_length, datagram.begin() + static_cast<std::ptrdiff_t>(mac.offset + 4));
  NTP_ASSERT(workspace.verify(key, message, mac.digest(datagram)));
  // The key id is covered by nothing: what it says chooses the key.
  datagram[mac.offset] ^= std::byte{1};
  NTP_ASSERT(workspace.verify(key, message, mac.digest(datagram)));
  datagram.back() ^= std::byte{1};
  NTP_ASSERT(!workspace.verify(key, message, mac.digest(datagram)));
  datagram.back() ^= std::byte{1};
  datagram[mac.offset - 1] ^= std::byte{0x80};
  NTP_ASSERT(!workspace.verify(key, message, mac.digest(datagram)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size < 1) return 0;
  const Bytes given = std::as_bytes(std::span(octets, size)).subspan(1);
  const auto layout = wire::decode_layout(given);
  if (!layout || !layout->has_mac) return 0;
  NTP_ASSERT(layout->mac.offset >= wire::kHeaderLength);
  NTP_ASSERT(layout->mac.offset + 4 + layout->mac.digest_length == given.size());

  std::vector<std::byte> datagram(given.begin(), given.end());
  check(keys()[octets[0] % kTypes.size()], layout->mac, datagram);
  return 0;
}
