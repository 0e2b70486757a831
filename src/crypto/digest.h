// SPDX-License-Identifier: BSD-2-Clause
//
// Message digests, by OpenSSL.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace ntp::crypto {

/// MD5 of `message`. Not for security: reference identifiers of IPv6 addresses are made of it (RFC 5905 section 7.3).
std::array<std::uint8_t, 16> md5(Bytes message);

/// SHA-1 of `message`. Not for security either: lists of leap seconds carry it against damage.
std::array<std::uint8_t, 20> sha1(Bytes message);

}  // namespace ntp::crypto
