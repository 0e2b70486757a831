// SPDX-License-Identifier: BSD-2-Clause
//
// What to do about a file that this process may not read: once the privileges are dropped, what only root may read is closed.
#pragma once

#include <string>

namespace ntp::daemon {

/// "ntpd runs as group NAME now and must be allowed to read it: chgrp NAME FILE && chmod g+r FILE".
[[nodiscard]] std::string reading_advice(const std::string& file);

/// The same after "; " where `error` says that this process may not read the file, else nothing.
[[nodiscard]] std::string reading_advice(const std::string& error, const std::string& file);

}  // namespace ntp::daemon
