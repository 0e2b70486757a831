// SPDX-License-Identifier: BSD-2-Clause
//
// Into the background, without losing what can still go wrong: the parent waits until the daemon is ready or has given up.
#pragma once

#include <expected>
#include <string>

namespace ntp::daemon {

class Background {
 public:
  Background() = default;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();

  /// Forks. In the parent it doesn't return: the parent ends with status 0 when the child calls ready(), with the child's
  /// status if the child ends before. In the child it returns.
  std::expected<void, std::string> enter();
  /// Ready: standard streams and the working folder are let go, and the parent ends. Nothing happens in the foreground.
  void ready();

 private:
  int report_fd_ = -1;
};

}  // namespace ntp::daemon
