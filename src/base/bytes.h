// SPDX-License-Identifier: BSD-2-Clause
//
// Big-endian loads and stores at fixed offsets. The caller has checked the length; an offset beyond it is our bug.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"

namespace ntp {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

template <class Integer>
constexpr Integer load_big_endian(Bytes bytes, std::size_t offset) {
  NTP_ASSERT(offset <= bytes.size() && bytes.size() - offset >= sizeof(Integer));
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    value = static_cast<Integer>((static_cast<std::uint64_t>(value) << 8U) | std::to_integer<std::uint8_t>(bytes[offset + i]));
  return value;
}

template <class Integer>
constexpr void store_big_endian(MutableBytes bytes, std::size_t offset, Integer value) {
  NTP_ASSERT(offset <= bytes.size() && bytes.size() - offset >= sizeof(Integer));
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    bytes[offset + i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) & 0xffU);
    value = static_cast<Integer>(static_cast<std::uint64_t>(value) >> 8U);
  }
}

}  // namespace ntp
