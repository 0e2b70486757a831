// SPDX-License-Identifier: BSD-2-Clause
//
// A queue of fixed capacity that allocates nothing; the newest element pushes out the oldest.
#pragma once

#include <array>
#include <cstddef>

#include "base/assert.h"

namespace ntp {

template <class T, std::size_t kCapacity>
class Ring {
  static_assert(kCapacity > 0);

 public:
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] static constexpr std::size_t capacity() { return kCapacity; }

  constexpr void clear() { size_ = 0; }

  /// Appends; a full ring drops its oldest element.
  constexpr void push(const T& value) {
    if (size_ == kCapacity) {
      first_ = (first_ + 1) % kCapacity;
      --size_;
    }
    elements_[(first_ + size_) % kCapacity] = value;
    ++size_;
  }

  /// 0 is the oldest, size() - 1 the newest.
  constexpr const T& operator[](std::size_t index) const {
    NTP_ASSERT(index < size_);
    return elements_[(first_ + index) % kCapacity];
  }
  constexpr T& operator[](std::size_t index) {
    NTP_ASSERT(index < size_);
    return elements_[(first_ + index) % kCapacity];
  }
  constexpr const T& oldest() const { return (*this)[0]; }
  constexpr const T& newest() const { return (*this)[size_ - 1]; }

 private:
  std::array<T, kCapacity> elements_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ntp
