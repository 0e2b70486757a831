// SPDX-License-Identifier: BSD-2-Clause
#include "control/nonce.h"

#include <array>
#include <charconv>

#include <fmt/core.h>

#include "base/bytes.h"

namespace ntp::control {
namespace {

constexpr std::size_t kSecondDigits = 8;
constexpr std::size_t kNonceDigits = 24;

/// Takes the same time wherever they differ.
bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return difference == 0;
}

/// Modulo 2^32.
std::uint32_t second_of(MonoTime now) { return static_cast<std::uint32_t>(now.nanoseconds() / kNanosecondsPerSecond); }

}  // namespace

std::string NonceMaker::text(const Address& remote, std::uint32_t second) const {
  const Bytes octets = std::as_bytes(std::span(remote.octets()));
  const std::uint64_t hash = crypto::siphash<2, 4>(
      secret_, std::array{load_big_endian<std::uint64_t>(octets, 0), load_big_endian<std::uint64_t>(octets, 8),
                          std::uint64_t{second} << 1U | (remote.is_v4() ? 1U : 0U)});
  return fmt::format("{:08x}{:016x}", second, hash);
}

std::string NonceMaker::make(const Address& remote, MonoTime now) const { return text(remote, second_of(now)); }

bool NonceMaker::is_valid(std::string_view nonce, const Address& remote, MonoTime now) const {
  if (nonce.size() != kNonceDigits) return false;
  std::uint32_t second = 0;
  const char* const end = nonce.data() + kSecondDigits;
  const auto [stop, error] = std::from_chars(nonce.data(), end, second, 16);
  if (error != std::errc() || stop != end) return false;
  // Modulo 2^32: a nonce of the future is very old.
  if (second_of(now) - second > kNonceLife_s) return false;
  return is_same(nonce, text(remote, second));
}

}  // namespace ntp::control
