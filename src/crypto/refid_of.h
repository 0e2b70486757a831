// SPDX-License-Identifier: BSD-2-Clause
//
// The reference identifier of a source's address (RFC 5905 section 7.3).
#pragma once

#include "base/address.h"
#include "wire/refid.h"

namespace ntp::crypto {

/// An IPv4 address as it is; of an IPv6 address the first four octets of its MD5.
wire::Refid refid_of(const Address& address);

}  // namespace ntp::crypto
