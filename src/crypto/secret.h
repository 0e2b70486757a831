// SPDX-License-Identifier: BSD-2-Clause
//
// Memory for secrets: locked and left out of core dumps where there is room for it, wiped before it is given back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "base/bytes.h"

namespace ntp::crypto {

enum class SecretHeap : std::uint8_t {
  locked,       ///< never swapped out, in no core dump
  not_locked,   ///< in no core dump; the limit of locked memory (RLIMIT_MEMLOCK) is too small
  unavailable,  ///< the system gives no such memory: secrets lie in the ordinary heap
};

/// Sets `octets` (a power of two) aside for secrets. Call it once, after the last fork and before the first secret: without
/// it, and for what doesn't fit in, secrets lie in the ordinary heap. They are wiped at their end wherever they are.
SecretHeap open_secret_heap(std::size_t octets);

/// Overwrites with zeros, and no compiler may leave it out.
void wipe(MutableBytes octets);

namespace detail {

[[nodiscard]] void* take_secret_memory(std::size_t size);
void give_secret_memory(void* memory, std::size_t size) noexcept;

}  // namespace detail

/// A class derived from this lies in the memory for secrets as a whole.
struct LivesInSecretMemory {
  static void* operator new(std::size_t size) { return detail::take_secret_memory(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { detail::give_secret_memory(memory, size); }
};

/// A copy of a secret's octets.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes octets);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] Bytes octets() const { return {data_, size_}; }
  /// True if it lies in what open_secret_heap() set aside.
  [[nodiscard]] bool is_set_aside() const;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// For containers of text that has secrets in it: what they give back to the ordinary heap is wiped first.
template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class Other>
  // A container converts its allocator into that of its nodes. NOLINTNEXTLINE(google-explicit-constructor)
  constexpr WipingAllocator(const WipingAllocator<Other>& /*other*/) noexcept {}
  [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept {
    wipe(std::as_writable_bytes(std::span(memory, count)));
    ::operator delete(memory);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

using SecretText = std::vector<char, WipingAllocator<char>>;

}  // namespace ntp::crypto
