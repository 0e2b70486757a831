// SPDX-License-Identifier: BSD-2-Clause
#include "engine/authentication.h"

#include <algorithm>

#include <fmt/format.h>

namespace ntp::engine {
namespace {

static_assert(wire::kHeaderLength + wire::kLongMacLength <= kMaxRequestLength);

/// The source's key, if it may be used with this source.
const policy::Key* usable_key(const Association& a, const policy::KeyRing* keys) {
  return key_state(a, keys) == KeyState::usable ? keys->find_trusted(a.settings.key_id) : nullptr;
}

/// The same for a packet, which is counted.
const policy::Key* look_up(const Authentication& with, const Association& a) {
  const policy::Key* key = usable_key(a, with.keys);
  if (with.use != nullptr) {
    ++with.use->lookups;
    if (key == nullptr) ++with.use->not_found;
  }
  return key;
}

}  // namespace

KeyState key_state(const Association& a, const policy::KeyRing* keys) {
  const std::uint32_t id = a.settings.key_id;
  if (id == 0) return KeyState::none;
  const policy::Key* key = keys == nullptr ? nullptr : keys->find(id);
  if (key == nullptr) return KeyState::missing;
  if (keys->find_trusted(id) == nullptr) return KeyState::untrusted;
  // Replies are packets of mode 4, which the key's address list limits.
  return policy::may_use(*key, a.remote.address) ? KeyState::usable : KeyState::foreign;
}

std::string explain(KeyState state, const Association& a) {
  const auto not_asked = [&](const char* why) {
    return fmt::format("{} is not asked: key {} {}", a.remote.address.text(), a.settings.key_id, why);
  };
  switch (state) {
    case KeyState::none:
    case KeyState::usable:
      return {};
    case KeyState::missing:
      return not_asked("is in no keys file");
    case KeyState::untrusted:
      return not_asked("is not trusted; a trustedkey line would name it");
    case KeyState::foreign:
      return not_asked("is for other addresses (fourth column of the keys file)");
    case KeyState::refused:
      return not_asked("can't be computed with: the cryptographic library refuses");
  }
  return {};
}

bool sign(const Authentication& with, const Association& a, Send& request) {
  if (a.settings.key_id == 0) return true;
  const policy::Key* key = look_up(with, a);
  if (key == nullptr) return false;
  if (with.use != nullptr) ++with.use->signed_packets;
  crypto::MacWorkspace::Digest digest{};
  const std::size_t length = with.macs->sign(key->mac, request.payload(), digest);
  if (length == 0) return false;
  store_big_endian(MutableBytes(request.octets), request.length, key->id);
  request.length += sizeof key->id;
  std::copy_n(digest.begin(), length, request.octets.begin() + static_cast<std::ptrdiff_t>(request.length));
  request.length += length;
  return true;
}

bool is_authentic(const Authentication& with, const Association& a, const wire::Layout& layout, Bytes reply) {
  if (!layout.has_mac || layout.mac.key_id != a.settings.key_id) return false;
  const policy::Key* key = look_up(with, a);
  if (key != nullptr && with.use != nullptr) ++with.use->verified_packets;
  return key != nullptr && with.macs->verify(key->mac, reply.first(layout.mac.offset), layout.mac.digest(reply));
}

}  // namespace ntp::engine
