// SPDX-License-Identifier: BSD-2-Clause
//
// Tells the service manager how we are (sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names).
#pragma once

#include <string_view>

namespace ntp::daemon {

/// Connected once, early: after a chroot the socket's path is out of reach. Without a service manager nothing happens.
class ServiceManager {
 public:
  ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;
  ~ServiceManager();

  /// "READY=1", "STOPPING=1", "STATUS=...".
  void tell(std::string_view message) const;

 private:
  int fd_ = -1;
};

}  // namespace ntp::daemon
