// SPDX-License-Identifier: BSD-2-Clause
//
// The proven changes of the last 16 seconds and what came of them: a datagram that comes twice is answered, not carried out,
// twice (CVE-2015-8140).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "control/nonce.h"
#include "control/reply.h"
#include "control/service.h"
#include "crypto/siphash.h"

namespace ntp::control {

/// As long as a nonce is good: after that a replay fails by itself.
inline constexpr double kWriteLife_s = kNonceLife_s;

class WriteMemory {
 public:
  explicit WriteMemory(Random& random) : secret_{random.next64(), random.next64()} {}

  struct Entry {
    std::uint64_t datagram = 0;  ///< keyed hash of it and its sender's address
    MonoTime at;
    std::string text;
    std::uint16_t status = 0;
    std::optional<wire::ControlError> error;
  };
  /// What the same datagram of the same address was answered with; null: it is new.
  [[nodiscard]] const Entry* find(const Query& query, MonoTime now) const;
  /// Who may repeat a write: only what a nonce allowed must be remembered at any price.
  enum class Proof : std::uint8_t { nonce, origin };
  /// True if there is no place for one more by nonce that could not be replayed afterwards.
  [[nodiscard]] bool is_full(MonoTime now) const;
  void add(const Query& query, const Answer& answer, Proof proof, MonoTime now);

 private:
  static constexpr std::size_t kMostEntries = 1024;
  [[nodiscard]] std::uint64_t hash(const Query& query) const;

  struct Ring {
    std::vector<Entry> entries;
    std::size_t next = 0;  ///< the oldest, once all places are used
  };
  static const Entry* find_in(const Ring& ring, std::uint64_t datagram, MonoTime now);

  crypto::SipKey secret_;
  /// Two, so that writes which need no nonce push out none that had one.
  Ring by_nonce_;
  Ring by_origin_;
};

}  // namespace ntp::control
