// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/secret.h"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

namespace ntp::crypto {
namespace {

/// Keys are 16 to 32 octets, as a rule. Blocks are powers of two; a smaller one would not hold OpenSSL's own list.
constexpr std::size_t kSmallestBlock = 32;

}  // namespace

SecretHeap open_secret_heap(std::size_t octets) {
  switch (CRYPTO_secure_malloc_init(octets, kSmallestBlock)) {
    case 1:
      return SecretHeap::locked;
    case 2:
      return SecretHeap::not_locked;
    default:
      return SecretHeap::unavailable;
  }
}

void wipe(MutableBytes octets) { OPENSSL_cleanse(octets.data(), octets.size()); }

void* detail::take_secret_memory(std::size_t size) {
  // The ordinary heap where nothing was set aside.
  void* memory = OPENSSL_secure_malloc(size);
  if (memory == nullptr) memory = OPENSSL_malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void detail::give_secret_memory(void* memory, std::size_t size) noexcept {
  // Knows which heap it is of, and wipes in both.
  OPENSSL_secure_clear_free(memory, size);
}

Secret::Secret(Bytes octets) : size_(octets.size()) {
  if (octets.empty()) return;
  data_ = static_cast<std::byte*>(detail::take_secret_memory(size_));
  std::copy(octets.begin(), octets.end(), data_);
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  if (data_ != nullptr) detail::give_secret_memory(data_, size_);
}

bool Secret::is_set_aside() const { return CRYPTO_secure_allocated(data_) == 1; }

}  // namespace ntp::crypto
