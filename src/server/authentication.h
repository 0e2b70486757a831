// SPDX-License-Identifier: BSD-2-Clause
//
// Symmetric keys on the server's side: which key proves a request, and the MAC behind the reply (RFC 5905 sections 7.3 and
// 9.2, RFC 8573).
#pragma once

#include "base/bytes.h"
#include "crypto/mac.h"
#include "policy/key_ring.h"
#include "state/key_use.h"
#include "wire/datagram.h"

namespace ntp::server {

/// The trusted key whose MAC the datagram bears; null if there is none, or it is wrong. `use`: counts, if anybody wants them.
[[nodiscard]] const policy::Key* proving_key(const policy::KeyRing* keys, crypto::MacWorkspace& macs, Bytes datagram,
                                             const wire::Layout& layout, state::KeyUse* use = nullptr);

/// Puts key number and digest behind the first `length` octets of `reply`, which has room for them. False if the library
/// can't compute the digest.
[[nodiscard]] bool sign(const policy::Key& key, crypto::MacWorkspace& macs, MutableBytes reply, std::size_t length);

/// Octets that sign() adds.
[[nodiscard]] inline std::size_t mac_length(const policy::Key& key) {
  return wire::kCryptoNakLength + key.mac.digest_length();
}

}  // namespace ntp::server
