// SPDX-License-Identifier: BSD-2-Clause
//
// Proof that whoever asks receives what is sent to its address: good for 16 seconds and one address.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/siphash.h"

namespace ntp::control {

inline constexpr std::uint32_t kNonceLife_s = 16;

/// Nothing is stored: a nonce is the second of its making and a keyed hash of that and the address, 8 and 16 hex digits. Seconds
/// of the clock that is never set: a step back must not make an old nonce good again.
class NonceMaker {
 public:
  explicit NonceMaker(Random& random) : secret_{random.next64(), random.next64()} {}

  [[nodiscard]] std::string make(const Address& remote, MonoTime now) const;
  [[nodiscard]] bool is_valid(std::string_view nonce, const Address& remote, MonoTime now) const;

 private:
  [[nodiscard]] std::string text(const Address& remote, std::uint32_t second) const;

  crypto::SipKey secret_;
};

}  // namespace ntp::control
