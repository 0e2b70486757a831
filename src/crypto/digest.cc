// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/digest.h"

#include <openssl/evp.h>

namespace ntp::crypto {

std::array<std::uint8_t, 16> md5(Bytes message) {
  std::array<std::uint8_t, 16> digest{};
  unsigned length = 0;
  if (EVP_Digest(message.data(), message.size(), digest.data(), &length, EVP_md5(), nullptr) != 1) return {};
  return digest;
}

}  // namespace ntp::crypto
