// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/background.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ntp::daemon {
namespace {

[[noreturn]] void wait_for(pid_t child, int report_fd) {
  char octet = 0;
  ssize_t count = 0;
  do count = read(report_fd, &octet, 1);
  while (count < 0 && errno == EINTR);
  if (count == 1) _exit(0);
  int status = 0;
  const bool has_ended = waitpid(child, &status, 0) == child && WIFEXITED(status);
  _exit(has_ended && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

}  // namespace

Background::~Background() {
  if (report_fd_ >= 0) close(report_fd_);
}

std::expected<void, std::string> Background::enter() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(fmt::format("pipe: {}", std::strerror(errno)));
  const pid_t child = fork();
  if (child < 0) return std::unexpected(fmt::format("fork: {}", std::strerror(errno)));
  if (child > 0) {
    close(ends[1]);
    wait_for(child, ends[0]);
  }
  close(ends[0]);
  report_fd_ = ends[1];
  setsid();
  return {};
}

void Background::ready() {
  if (report_fd_ < 0) return;
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (null >= 0) dup2(null, stream);
  if (null > STDERR_FILENO) close(null);
  // A daemon keeps no file system busy by standing in it.
  static_cast<void>(!chdir("/"));
  const char octet = 1;
  static_cast<void>(!write(report_fd_, &octet, 1));
  close(report_fd_);
  report_fd_ = -1;
}

}  // namespace ntp::daemon
