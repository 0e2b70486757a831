// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the keys file. Whatever the text is, there are keys or there is a fault, messages are bounded and printable,
// and every key signs and verifies.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "policy/keys_file.h"

namespace {

using namespace ntp;

/// Ends of prefixes are where an octet too many could be read.
constexpr std::array kAddresses = {
    Address::v4(0), Address::v4(0xffffffffU), Address::v6({}),
    Address::v6({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})};

void check_key(const policy::Key& key, crypto::MacWorkspace& workspace) {
  NTP_ASSERT(key.id >= 1 && key.id <= policy::kMaxKeyId && !key.is_trusted);
  const std::array<std::byte, 48> packet{};
  crypto::MacWorkspace::Digest digest{};
  const std::size_t length = workspace.sign(key.mac, packet, digest);
  NTP_ASSERT(length == 16 || length == crypto::kMaxWireDigest);
  NTP_ASSERT(workspace.verify(key.mac, packet, Bytes(digest).first(length)));
  for (const Address& address : kAddresses) static_cast<void>(policy::may_use(key, address));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  static crypto::MacWorkspace workspace;
  const Bytes bytes = std::as_bytes(std::span(octets, size));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  policy::KeysFile file = policy::parse_keys_file(text);

  NTP_ASSERT(!file.is_faulty || file.keys.empty());
  NTP_ASSERT(file.messages.size() <= policy::kMaxKeysMessages + policy::kMaxKeysFaults + 2);
  bool has_fault = false;
  for (const policy::KeysMessage& message : file.messages) {
    has_fault = has_fault || message.kind == policy::KeysMessage::Kind::fault;
    NTP_ASSERT(!message.text.empty() && message.text.size() <= 512);
    NTP_ASSERT(std::ranges::all_of(message.text, [](char c) { return c >= ' ' && c <= '~'; }));
  }
  NTP_ASSERT(has_fault == file.is_faulty);
  for (const policy::Key& key : file.keys) check_key(key, workspace);
  const std::size_t count = file.keys.size();
  NTP_ASSERT(policy::KeyRing(std::move(file.keys)).size() <= count);
  return 0;
}
