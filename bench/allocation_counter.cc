// SPDX-License-Identifier: BSD-2-Clause
//
// The C library's allocation functions are replaced by ones that count and pass on; operator new of the C++ library
// ends in them. A difference of mallinfo2() would miss what is allocated and freed again between two readings.
#include "allocation_counter.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MERIDIAN_HEAP_IS_THE_SANITIZERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MERIDIAN_HEAP_IS_THE_SANITIZERS 1
#endif
#endif

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

namespace ntp::bench {

std::uint64_t allocation_count() { return allocations.load(std::memory_order_relaxed); }

}  // namespace ntp::bench

#ifdef MERIDIAN_HEAP_IS_THE_SANITIZERS

bool ntp::bench::counts_allocations() { return false; }

#else

bool ntp::bench::counts_allocations() { return true; }

extern "C" {

// glibc's own names of the functions that are replaced here.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#endif
