// SPDX-License-Identifier: BSD-2-Clause
//
// Message authentication codes of symmetric keys (RFC 5905 section 7.3, RFC 8573): a hash over secret and packet, or AES-CMAC.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace ntp::crypto {

struct MacType;

/// What goes on the wire: longer digests are cut to this (NTPsec's way; the reference implementation can't talk them).
inline constexpr std::size_t kMaxWireDigest = 20;

/// A secret and how it is used. Immutable; may be shared by threads. Copies share the secret.
/// Its octets are locked where the limit allows, kept out of
/// core dumps and wiped at the end (crypto/secret.h).
class MacKey {
 public:
  /// `type`: the name in a keys file (MD5, SHA1, AES128CMAC, ...), any case. A hash uses the secret whole, AES128CMAC pads it
  /// with zeros or cuts it to 16 octets. An error says why this type or secret can't be used.
  static std::expected<MacKey, std::string> make(std::string_view type, Bytes secret);
  /// With a type that find_mac_type() gave.
  MacKey(std::shared_ptr<const MacType> type, Bytes secret);

  /// Canonical name of the type: "MD5", "SHA1", "AES128CMAC".
  [[nodiscard]] std::string_view type() const;
  /// Octets of the digest on the wire: 16 or 20.
  [[nodiscard]] std::size_t digest_length() const { return digest_length_; }
  /// True if the secret lies in what open_secret_heap() set aside.
  [[nodiscard]] bool is_set_aside() const { return secret_->is_set_aside(); }

  /// True if both make the same MACs: one type, one secret. Takes the same time wherever secrets of one length differ.
  friend bool operator==(const MacKey& a, const MacKey& b);

 private:
  friend class MacWorkspace;
  std::shared_ptr<const MacType> type_;
  std::size_t digest_length_;
  std::shared_ptr<const Secret> secret_;
};

/// What one thread computes with: contexts that are made once. sign() and verify() take nothing from the heap, but for the
/// types that OpenSSL's EVP alone has (BLAKE2, SHAKE, whirlpool, ...), and in FIPS mode: there OpenSSL 3.0 does.
class MacWorkspace {
 public:
  MacWorkspace();
  MacWorkspace(MacWorkspace&&) noexcept;
  MacWorkspace& operator=(MacWorkspace&&) noexcept;
  ~MacWorkspace();

  using Digest = std::array<std::byte, kMaxWireDigest>;
  /// Digest over `message` (the packet up to the key id); its length is key.digest_length(). 0 where the library fails.
  [[nodiscard]] std::size_t sign(const MacKey& key, Bytes message, Digest& digest);
  /// True if `digest` is exactly what sign() gives. Takes the same time wherever they differ.
  [[nodiscard]] bool verify(const MacKey& key, Bytes message, Bytes digest);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ntp::crypto
