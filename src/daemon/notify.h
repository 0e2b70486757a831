// SPDX-License-Identifier: BSD-2-Clause
//
// Tells the service manager how we are (sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names).
#pragma once

#include <string_view>

namespace ntp::daemon {

/// "READY=1", "STOPPING=1", "STATUS=...". Without a service manager nothing happens.
void notify_service_manager(std::string_view message);

}  // namespace ntp::daemon
