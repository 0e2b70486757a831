// SPDX-License-Identifier: BSD-2-Clause
//
// A control request, read and judged: what it asks, who asks, and how much that one may be told.
#pragma once

#include <cstdint>
#include <string_view>

#include "control/facts.h"
#include "control/service.h"
#include "crypto/mac.h"
#include "policy/key_ring.h"
#include "wire/control_packet.h"

namespace ntp::control {

/// Who asks, by what it can be trusted with.
enum class AskerKind : std::uint8_t {
  trusted,   ///< this host, or the control key's owner: all of the classic answers
  known,     ///< a restrict line says that it may ask: the same within the budget, but no lists of clients
  stranger,  ///< one datagram, no longer than the request
};

struct Request {
  const Query& query;
  Instant now;
  wire::ControlHeader header;
  std::string_view data;  ///< `count` octets
  AskerKind kind = AskerKind::stranger;
  bool has_mac = false;              ///< the reply ends with one too
  const policy::Key* key = nullptr;  ///< that the MAC was proven with; null: with none
  bool is_proven = false;            ///< by the control key

  [[nodiscard]] wire::ControlOpcode opcode() const { return static_cast<wire::ControlOpcode>(header.opcode); }
};

/// Tries the MAC behind data that is padded to 8 octets (the reference implementation's way), then to 4 (NTPsec's).
/// `request.query` and `request.header` are given; fills key, has_mac, is_proven and kind.
void judge_asker(const policy::KeyRing* keys, crypto::MacWorkspace& macs, Request& request);

}  // namespace ntp::control
