// SPDX-License-Identifier: BSD-2-Clause
//
// A file descriptor with one owner.
#pragma once

#include <expected>
#include <utility>

#include "net/net_error.h"

namespace ntp::net {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Descriptor() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// A socket that neither blocks nor survives exec. Where the flags are unknown to socket(), they are set by fcntl().
[[nodiscard]] std::expected<Descriptor, NetError> open_socket(int family, int type, int protocol);

}  // namespace ntp::net
