// SPDX-License-Identifier: BSD-2-Clause
#include "engine/orphan.h"

#include "crypto/refid_of.h"

namespace ntp::engine {

wire::Refid orphan_refid(int stratum) {
  constexpr std::uint32_t kLoopback = 0x7f000001;
  return stratum > 1 ? wire::Refid{kLoopback} : wire::Refid::ascii("LOOP");
}

bool is_orphan(const Association& source, const SelectionSettings& settings) {
  return has_orphan_mode(settings) && !source.is_local_clock() && source.peer.stratum >= settings.orphan_stratum;
}

std::uint32_t orphan_rank(const Address& address) { return crypto::refid_of(address).bits; }

bool may_be_parent(const Association& source, const SelectionSettings& settings) {
  return source.peer.stratum == settings.orphan_stratum && source.peer.local &&
         orphan_rank(source.remote.address) < orphan_rank(*source.peer.local);
}

}  // namespace ntp::engine
