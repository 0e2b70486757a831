// SPDX-License-Identifier: BSD-2-Clause
#include "policy/client_bucket.h"

#include <span>

#include "base/bytes.h"

namespace ntp::policy {
namespace {

constexpr std::uint64_t kIpv4Mark = std::uint64_t{0xff} << 56U;

}  // namespace

std::optional<ClientAddress> ClientAddress::of(const Address& address) {
  if (address.is_v4()) return ClientAddress{.high = kIpv4Mark | address.v4_host_order(), .low = 0};
  const Bytes octets = std::as_bytes(std::span(address.octets()));
  const ClientAddress words = {.high = load_big_endian<std::uint64_t>(octets, 0),
                               .low = load_big_endian<std::uint64_t>(octets, 8)};
  if ((words.high & kIpv4Mark) == kIpv4Mark) return std::nullopt;
  return words;
}

Address ClientAddress::address(std::uint32_t scope) const {
  if ((high & kIpv4Mark) == kIpv4Mark) return Address::v4(static_cast<std::uint32_t>(high));
  std::array<std::uint8_t, 16> octets{};
  const MutableBytes out = std::as_writable_bytes(std::span(octets));
  store_big_endian(out, 0, high);
  store_big_endian(out, 8, low);
  return Address::v6(octets, scope);
}

std::optional<ClientControl> ClientPlace::try_own() const {
  const Word control(bucket_[kControl + index_]);
  std::uint64_t seen = control.load(std::memory_order_relaxed);
  if ((seen & ClientControl::kOwned) != 0) return std::nullopt;
  if (!control.compare_exchange_strong(seen, seen | ClientControl::kOwned, std::memory_order_acq_rel,
                                       std::memory_order_relaxed))
    return std::nullopt;
  return ClientControl::unpack(seen);
}

void ClientPlace::release(const ClientControl& control) const {
  // A new generation each time: else a reader could take two clients with equal controls for one.
  ClientControl next = control;
  ++next.generation;
  store(kControl + index_, next.pack());
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
