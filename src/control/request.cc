// SPDX-License-Identifier: BSD-2-Clause
#include "control/request.h"

namespace ntp::control {
namespace {

constexpr std::size_t kKeyIdLength = 4;
constexpr std::size_t kMaxMacLength = kKeyIdLength + crypto::kMaxWireDigest;

constexpr std::size_t rounded_up(std::size_t length, std::size_t to) { return (length + to - 1) / to * to; }

/// The key that proves the datagram by a MAC at `offset`; null: none does.
const policy::Key* proving_key(const policy::KeyRing* keys, crypto::MacWorkspace& macs, const Query& query,
                               std::size_t offset) {
  const Bytes payload = query.payload;
  if (keys == nullptr || payload.size() <= offset + kKeyIdLength) return nullptr;
  const policy::Key* key = keys->find_trusted(load_big_endian<std::uint32_t>(payload, offset));
  if (key == nullptr || !policy::may_use(*key, query.remote.address)) return nullptr;
  const Bytes told = payload.subspan(offset + kKeyIdLength);
  if (told.size() != key->mac.digest_length()) return nullptr;
  return macs.verify(key->mac, payload.first(offset), told) ? key : nullptr;
}

AskerKind kind_of(const Request& request) {
  if (request.query.is_this_host || request.is_proven) return AskerKind::trusted;
  if (request.query.has_own_line || policy::has(request.query.access, policy::Access::amplify)) return AskerKind::known;
  return AskerKind::stranger;
}

}  // namespace

void judge_asker(const policy::KeyRing* keys, crypto::MacWorkspace& macs, Request& request) {
  const std::size_t length = request.query.payload.size();
  const std::size_t data_end = wire::kControlHeaderLength + request.header.count;
  const std::size_t wide = rounded_up(data_end, wire::kControlMacAlignment);
  const std::size_t narrow = rounded_up(data_end, kKeyIdLength);
  request.has_mac = length >= wide + kKeyIdLength && length <= wide + kMaxMacLength;
  if (request.has_mac) request.key = proving_key(keys, macs, request.query, wide);
  if (request.key == nullptr && narrow != wide) {
    // Only a MAC that is right makes the tighter reading likely: four octets more may be mere padding.
    request.key = proving_key(keys, macs, request.query, narrow);
    request.has_mac = request.has_mac || request.key != nullptr;
  }
  request.is_proven = request.key != nullptr && keys->control_key() == request.key->id;
  request.kind = kind_of(request);
}

}  // namespace ntp::control
