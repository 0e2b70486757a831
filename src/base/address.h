// SPDX-License-Identifier: BSD-2-Clause
//
// IP addresses and endpoints as values, without the operating system's headers.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ntp {

enum class Family : std::uint8_t { ipv4, ipv6 };

/// An IPv4 address (the first four octets) or an IPv6 address (all sixteen, with the scope of a link-local one).
class Address {
 public:
  constexpr Address() = default;  ///< 0.0.0.0
  static constexpr Address v4(std::uint32_t host_order) {
    Address a;
    for (std::size_t i = 0; i < 4; ++i) a.octets_[i] = static_cast<std::uint8_t>(host_order >> (24U - 8U * i));
    return a;
  }
  static constexpr Address v6(const std::array<std::uint8_t, 16>& octets, std::uint32_t scope = 0) {
    Address a;
    a.family_ = Family::ipv6;
    a.octets_ = octets;
    a.scope_ = scope;
    return a;
  }
  /// Dotted quad, or the forms of RFC 4291 section 2.2 (with an optional numeric %scope). Nothing for all else.
  static std::optional<Address> parse(std::string_view text);

  [[nodiscard]] constexpr Family family() const { return family_; }
  [[nodiscard]] constexpr bool is_v4() const { return family_ == Family::ipv4; }
  [[nodiscard]] constexpr std::size_t length() const { return is_v4() ? 4 : 16; }
  [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  [[nodiscard]] constexpr std::uint32_t scope() const { return scope_; }
  [[nodiscard]] constexpr std::uint32_t v4_host_order() const {
    return (std::uint32_t{octets_[0]} << 24U) | (std::uint32_t{octets_[1]} << 16U) | (std::uint32_t{octets_[2]} << 8U) |
           std::uint32_t{octets_[3]};
  }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_multicast() const;
  /// True for 127.127.t.u: not a host but reference clock type t, unit u (ntp.conf's convention).
  [[nodiscard]] constexpr bool is_refclock() const { return is_v4() && octets_[0] == 127 && octets_[1] == 127; }
  /// Canonical text (RFC 5952 for IPv6).
  [[nodiscard]] std::string text() const;

  friend constexpr auto operator<=>(const Address&, const Address&) = default;

 private:
  Family family_ = Family::ipv4;
  std::array<std::uint8_t, 16> octets_{};
  std::uint32_t scope_ = 0;
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;

  /// "192.0.2.1:123" or "[2001:db8::1]:123".
  [[nodiscard]] std::string text() const;
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace ntp
