// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "daemon/files.h"

namespace ntp::daemon {

PidFile::~PidFile() {
  if (fd_ < 0) return;
  // In a changed root the path may be another file.
  struct stat ours{};
  struct stat named{};
  const bool is_ours = fstat(fd_, &ours) == 0 && lstat(path_.c_str(), &named) == 0 && ours.st_dev == named.st_dev &&
                       ours.st_ino == named.st_ino;
  if (!is_ours || unlink(path_.c_str()) != 0) static_cast<void>(!ftruncate(fd_, 0));
  close(fd_);
}

std::expected<void, std::string> PidFile::write(const std::string& path) {
  const auto written = replace_file(path, fmt::format("{}\n", getpid()), Durability::written);
  if (!written) return std::unexpected(written.error().text);
  path_ = path;
  fd_ = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  return {};
}

}  // namespace ntp::daemon
