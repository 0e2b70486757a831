// SPDX-License-Identifier: BSD-2-Clause
//
// What the operating system refused, as a value.
#pragma once

#include <string>

namespace ntp::net {

struct NetError {
  int os_error = 0;       ///< errno
  const char* what = "";  ///< the call or option that failed, for people ("bind", "connect"); a literal

  /// "bind: Address already in use".
  [[nodiscard]] std::string text() const;
};

}  // namespace ntp::net
