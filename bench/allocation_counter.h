// SPDX-License-Identifier: BSD-2-Clause
//
// Counts heap allocations of the whole process, for benchmarks of paths that must not allocate.
#pragma once

#include <cstdint>

namespace ntp::bench {

/// False in builds with a sanitizer: it owns the heap there, and count() stays 0.
bool counts_allocations();

/// Calls of malloc, calloc, realloc, aligned_alloc and what is built on them (operator new) since the program began.
std::uint64_t allocation_count();

}  // namespace ntp::bench
