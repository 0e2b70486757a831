// SPDX-License-Identifier: BSD-2-Clause
//
// Symmetric keys on the client's side: the MAC behind a request, and what the one behind a reply proves (RFC 5905 sections
// 7.3 and 9.2, RFC 8573). A source that is asked with a key is bound to it: no other key speaks for it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "crypto/mac.h"
#include "engine/association.h"
#include "policy/key_ring.h"
#include "state/key_use.h"
#include "wire/datagram.h"

namespace ntp::engine {

/// What is at hand to compute with.
struct Authentication {
  const policy::KeyRing* keys = nullptr;  ///< null: there are none
  crypto::MacWorkspace* macs = nullptr;   ///< needed where there are keys
  state::KeyUse* use = nullptr;           ///< counts, if anybody wants them
};

/// Whether the source may be asked as it was configured.
[[nodiscard]] KeyState key_state(const Association& association, const policy::KeyRing* keys);

/// For people: why the source is not asked, and what to do; empty if it may be.
[[nodiscard]] std::string explain(KeyState state, const Association& association);

/// Puts the MAC of the source's key behind the request; nothing if it has no key. False if that can't be done.
[[nodiscard]] bool sign(const Authentication& with, const Association& association, Send& request);

/// True if the reply bears a MAC of exactly the key that the source is bound to, and this source may use that key.
[[nodiscard]] bool is_authentic(const Authentication& with, const Association& association, const wire::Layout& layout,
                                Bytes reply);

}  // namespace ntp::engine
