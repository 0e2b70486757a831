// SPDX-License-Identifier: BSD-2-Clause
//
// MDC-2 (ISO/IEC 10118-2, hash function 2 with DES): a hash of 16 octets that few libraries still have.
#pragma once

struct nettle_hash;

namespace ntp::crypto {

/// In Nettle's form. The last block is filled up with zeros where it isn't full (padding method 1, OpenSSL's default).
const nettle_hash& mdc2_hash();

}  // namespace ntp::crypto
