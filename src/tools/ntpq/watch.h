// SPDX-License-Identifier: BSD-2-Clause
//
// ntpq --watch: a full screen that shows a server's clock, sources and clients as they are, until a key ends it.
#pragma once

#include <string>

#include "tools/ntpq/watch_thread.h"

namespace ntp::ntpq {

struct WatchOptions {
  std::string host;  ///< as the user calls it
  WatchedServer server;
  bool shows_names = true;
};

/// Exit status: 0 after q or Ctrl-C, 1 with a message on standard error where it can't begin, or after a signal.
int watch(const WatchOptions& options);

}  // namespace ntp::ntpq
