// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/digest.h"

// The plain function instead of EVP: that would load the providers, 2 MB of them, for four octets of a refid, and a FIPS
// provider refuses MD5. OpenSSL calls it deprecated because it is not for security, and that is not what it is for here.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>

namespace ntp::crypto {

std::array<std::uint8_t, 16> md5(Bytes message) {
  static_assert(MD5_DIGEST_LENGTH == 16);
  std::array<std::uint8_t, 16> digest{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL takes unsigned char.
  MD5(reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data());
  return digest;
}

std::array<std::uint8_t, 20> sha1(Bytes message) {
  static_assert(SHA_DIGEST_LENGTH == 20);
  std::array<std::uint8_t, 20> digest{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL takes unsigned char.
  SHA1(reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data());
  return digest;
}

}  // namespace ntp::crypto
