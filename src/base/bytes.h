// SPDX-License-Identifier: BSD-2-Clause
//
// Big-endian loads and stores at fixed offsets. The caller has checked the length; an offset beyond it is our bug.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"

namespace ntp {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

namespace detail {

/// Between the machine's order of octets and the network's.
template <std::unsigned_integral Integer>
constexpr Integer swap_for_network(Integer value) {
  return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

}  // namespace detail

template <std::unsigned_integral Integer>
constexpr Integer load_big_endian(Bytes bytes, std::size_t offset) {
  NTP_ASSERT(offset <= bytes.size() && bytes.size() - offset >= sizeof(Integer));
  // Copied as a whole, which compilers turn into one load; a loop over octets costs a bound check each.
  std::array<std::byte, sizeof(Integer)> octets{};
  std::copy_n(bytes.data() + offset, sizeof(Integer), octets.begin());
  return detail::swap_for_network(std::bit_cast<Integer>(octets));
}

template <std::unsigned_integral Integer>
constexpr void store_big_endian(MutableBytes bytes, std::size_t offset, Integer value) {
  NTP_ASSERT(offset <= bytes.size() && bytes.size() - offset >= sizeof(Integer));
  const auto octets = std::bit_cast<std::array<std::byte, sizeof(Integer)>>(detail::swap_for_network(value));
  std::copy_n(octets.begin(), sizeof(Integer), bytes.data() + offset);
}

}  // namespace ntp
