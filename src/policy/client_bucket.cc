// SPDX-License-Identifier: BSD-2-Clause
#include "policy/client_bucket.h"

namespace ntp::policy {

Address ClientAddress::address(std::uint32_t scope) const {
  if ((high & kIpv4Mark) == kIpv4Mark) return Address::v4(static_cast<std::uint32_t>(high));
  std::array<std::uint8_t, 16> octets{};
  const MutableBytes out = std::as_writable_bytes(std::span(octets));
  store_big_endian(out, 0, high);
  store_big_endian(out, 8, low);
  return Address::v6(octets, scope);
}

std::optional<std::uint64_t> ClientPlace::watch() const {
  const std::uint64_t control = load(kControl + index_);
  if ((control & ClientControl::kOwned) != 0) return std::nullopt;
  return control;
}

bool ClientPlace::is_unchanged(std::uint64_t control) const {
  return Word(bucket_[kControl + index_]).load(std::memory_order_relaxed) == control;
}

void ClientPlace::set_address(const ClientAddress& address) const {
  store(kAddress + 2 * index_, address.high);
  store(kAddress + 2 * index_ + 1, address.low);
}

}  // namespace ntp::policy
