// SPDX-License-Identifier: BSD-2-Clause
//
// The types that a key can have, by the names that keys files use, and what computes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// OpenSSL's and Nettle's own names.
struct evp_md_st;
struct nettle_hash;

namespace ntp::crypto {

/// What computes it. OpenSSL's EVP takes memory from the heap for every digest (3.0 does), so that it is left the types
/// that nobody else has, and FIPS mode, where no other implementation is allowed.
enum class MacMethod : std::uint8_t {
  md5,      ///< OpenSSL's MD5 itself
  sha1,     ///< OpenSSL's SHA-1 itself
  hash,     ///< a hash in Nettle's form
  cmac,     ///< AES-128 CMAC, by Nettle
  evp,      ///< any other hash that OpenSSL has a name for
  evp_cmac  ///< AES-128 CMAC, by OpenSSL
};

struct MacType {
  std::string name;  ///< canonical: "MD5", "SHA1", "AES128CMAC"
  MacMethod method = MacMethod::hash;
  std::size_t digest_length = 0;              ///< before it is cut for the wire
  const nettle_hash* hash = nullptr;          ///< MacMethod::hash
  std::shared_ptr<const evp_md_st> evp_hash;  ///< MacMethod::evp
};

enum class MacTypeError : std::uint8_t {
  unknown,  ///< nobody knows the name
  refused,  ///< known, but OpenSSL runs in FIPS mode and has no approved implementation of it
  unfit,    ///< a hash that is too short for a MAC, or that doesn't work
};

/// `name` in any case, or another name of the same type (SHA, M, RMD160, AES).
[[nodiscard]] std::expected<std::shared_ptr<const MacType>, MacTypeError> find_mac_type(std::string_view name);

/// The names of the types that need no provider of OpenSSL's, for advice.
[[nodiscard]] std::vector<std::string_view> mac_type_names();

/// "key type NAME is not known: ..." for the user.
[[nodiscard]] std::string explain(MacTypeError error, std::string_view name);

}  // namespace ntp::crypto
