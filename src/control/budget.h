// SPDX-License-Identifier: BSD-2-Clause
//
// How much hosts that may ask can make this host send: so many octets a second to one prefix (/24, /48), so many in all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/address.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/siphash.h"

namespace ntp::control {

/// What becomes of an answer that is larger than the allowance.
enum class Shortage : std::uint8_t {
  refuse,
  owe,  ///< it is sent if anything is left, and the allowance fills up from below zero
};

/// Bounded: prefixes may share an allowance by chance, which nobody can aim. Who may owe has allowances of its own: a proven request
/// can be sent again by whoever saw it pass, and must not use up what others have.
class Budget {
 public:
  explicit Budget(Random& random) : secret_{random.next64(), random.next64()} {}

  /// Takes the octets from both allowances, or from none.
  [[nodiscard]] bool take(const Address& to, std::size_t octets, MonoTime now, Shortage shortage = Shortage::refuse);

 private:
  /// What may still be sent, filled at a steady rate up to ten seconds' worth.
  class Bucket {
   public:
    /// What there is, after filling up.
    [[nodiscard]] double level(double rate, MonoTime now) const;
    void set(double level, MonoTime now) {
      level_ = level;
      at_ = now;
      is_used_ = true;
    }

   private:
    double level_ = 0;
    MonoTime at_;
    bool is_used_ = false;
  };

  struct Allowances {
    Bucket all;
    std::array<Bucket, 1024> prefixes;
  };

  crypto::SipKey secret_;
  Allowances of_lines_;   ///< hosts with a restrict line
  Allowances of_proofs_;  ///< owners of the control key
};

}  // namespace ntp::control
