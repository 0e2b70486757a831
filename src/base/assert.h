// SPDX-License-Identifier: BSD-2-Clause
//
// Assertions about our own code that stay in release builds. Never for what a network or an operator may send.
#pragma once

namespace ntp {

/// Prints "file:line: condition" to stderr and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace ntp

#define NTP_ASSERT(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::ntp::assertion_failed(#condition, __FILE__, __LINE__))
