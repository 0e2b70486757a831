// SPDX-License-Identifier: BSD-2-Clause
//
// The symmetric keys of the keys files, and which of them may be used for what.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "crypto/mac.h"

namespace ntp::policy {

/// Greater ids are Autokey's.
inline constexpr std::uint32_t kMaxKeyId = 65535;

/// An address with a prefix length: the fourth column of a keys file.
struct KeyAddress {
  Address address;
  unsigned prefix_length = 0;

  friend bool operator==(const KeyAddress&, const KeyAddress&) = default;
};

struct Key {
  std::uint32_t id = 0;
  crypto::MacKey mac;
  /// Who may use it in modes 1, 2, 4, 5 and 6; empty: everybody. Never limits a client's request.
  std::vector<KeyAddress> addresses;
  bool is_trusted = false;

  friend bool operator==(const Key&, const Key&) = default;
};

/// Immutable once built.
class KeyRing {
 public:
  KeyRing() = default;
  /// Of two keys of one id the later one counts; ids are 1 to kMaxKeyId, and what has none of them is left out.
  explicit KeyRing(std::vector<Key> keys, std::optional<std::uint32_t> control_key = {},
                   std::optional<std::uint32_t> request_key = {});
  /// The same keys for other uses: trusted are those that `is_trusted` has at their id. The secrets are shared.
  [[nodiscard]] KeyRing with_uses(const std::vector<bool>& is_trusted, std::optional<std::uint32_t> control_key,
                                  std::optional<std::uint32_t> request_key) const;

  /// The key of this id if it is trusted; else null. Id 0 is nobody's.
  [[nodiscard]] const Key* find_trusted(std::uint32_t id) const;
  [[nodiscard]] const Key* find(std::uint32_t id) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] std::span<const Key> keys() const { return keys_; }
  [[nodiscard]] std::optional<std::uint32_t> control_key() const { return control_key_; }
  [[nodiscard]] std::optional<std::uint32_t> request_key() const { return request_key_; }

  /// The same ids, secrets, addresses and uses.
  friend bool operator==(const KeyRing&, const KeyRing&) = default;

 private:
  std::vector<Key> keys_;             ///< by id
  std::vector<std::uint16_t> index_;  ///< by id: 1 + the place in keys_, or 0
  std::optional<std::uint32_t> control_key_;
  std::optional<std::uint32_t> request_key_;
};

/// True if the key's address list allows packets of `remote`. The scope of a link-local address plays no part.
[[nodiscard]] bool may_use(const Key& key, const Address& remote);

}  // namespace ntp::policy
