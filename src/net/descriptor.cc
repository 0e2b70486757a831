// SPDX-License-Identifier: BSD-2-Clause
#include "net/descriptor.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ntp::net {

void Descriptor::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

std::expected<Descriptor, NetError> open_socket(int family, int type, int protocol) {
  Descriptor descriptor(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (descriptor.is_open()) return descriptor;
  if (errno != EINVAL) return std::unexpected(NetError{errno, "socket"});

  descriptor.reset(::socket(family, type, protocol));
  if (!descriptor.is_open()) return std::unexpected(NetError{errno, "socket"});
  if (::fcntl(descriptor.get(), F_SETFD, FD_CLOEXEC) != 0) return std::unexpected(NetError{errno, "fcntl(FD_CLOEXEC)"});
  const int flags = ::fcntl(descriptor.get(), F_GETFL);
  if (flags < 0 || ::fcntl(descriptor.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return std::unexpected(NetError{errno, "fcntl(O_NONBLOCK)"});
  return descriptor;
}

}  // namespace ntp::net
