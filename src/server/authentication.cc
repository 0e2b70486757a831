// SPDX-License-Identifier: BSD-2-Clause
#include "server/authentication.h"

#include <algorithm>

namespace ntp::server {

// Five arguments: what is proven with, what is proven, and who counts.
// NOLINTNEXTLINE(readability-function-size)
const policy::Key* proving_key(const policy::KeyRing* keys, crypto::MacWorkspace& macs, Bytes datagram,
                               const wire::Layout& layout, state::KeyUse* use) {
  if (keys == nullptr || !layout.has_mac || layout.is_crypto_nak()) return nullptr;
  const policy::Key* key = keys->find_trusted(layout.mac.key_id);
  if (use != nullptr) {
    ++use->lookups;
    ++(key == nullptr ? use->not_found : use->verified_packets);
  }
  if (key == nullptr) return nullptr;
  return macs.verify(key->mac, datagram.first(layout.mac.offset), layout.mac.digest(datagram)) ? key : nullptr;
}

bool sign(const policy::Key& key, crypto::MacWorkspace& macs, MutableBytes reply, std::size_t length) {
  crypto::MacWorkspace::Digest digest{};
  const std::size_t digest_length = macs.sign(key.mac, reply.first(length), digest);
  if (digest_length == 0) return false;
  store_big_endian(reply, length, key.id);
  const MutableBytes room = reply.subspan(length + sizeof key.id);
  NTP_ASSERT(room.size() >= digest_length);
  std::copy_n(digest.begin(), digest_length, room.begin());
  return true;
}

}  // namespace ntp::server
