// SPDX-License-Identifier: BSD-2-Clause
//
// Random bits from the kernel, fetched in blocks.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "base/random.h"

namespace ntp::net {

/// getrandom(), else /dev/urandom; where neither works the process ends, for nothing we send would be safe. Not shared
/// between threads. Octets that were given out are wiped.
class SystemRandom final : public Random {
 public:
  SystemRandom() = default;
  SystemRandom(const SystemRandom&) = delete;
  SystemRandom& operator=(const SystemRandom&) = delete;
  ~SystemRandom() override;

  std::uint64_t next64() override;

 private:
  static constexpr std::size_t kBlockLength = 512;
  std::array<std::byte, kBlockLength> block_{};
  std::size_t used_ = kBlockLength;
};

/// Fills `out` from the kernel.
void fill_random(MutableBytes out);

}  // namespace ntp::net
