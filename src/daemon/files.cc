// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ntp::daemon {
namespace {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  /// Closes and tells: on some file systems a full disk shows only here.
  bool finish() {
    const int fd = fd_;
    fd_ = -1;
    return close(fd) == 0;
  }

 private:
  int fd_;
};

FileError failed(const char* what, const std::string& path) {
  return {fmt::format("{} {}: {}", what, path, std::strerror(errno))};
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::expected<std::string, FileError> read_file(const std::string& path, std::size_t limit) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.fd() < 0 || fstat(file.fd(), &status) != 0) return std::unexpected(failed("open", path));
  // A folder says itself what is wrong with it.
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode) && !S_ISDIR(status.st_mode))
    return std::unexpected(FileError{fmt::format("read {}: neither a file nor a device", path)});
  if (fcntl(file.fd(), F_SETFL, 0) != 0) return std::unexpected(failed("open", path));
  std::string content;
  std::string block(65536, '\0');
  for (;;) {
    const ssize_t count = read(file.fd(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(failed("read", path));
    if (count == 0) return content;
    content.append(block, 0, static_cast<std::size_t>(count));
    if (content.size() > limit)
      return std::unexpected(FileError{fmt::format("{}: longer than {} octets", path, limit)});
  }
}

std::expected<void, FileError> replace_file(const std::string& path, std::string_view content, Durability durability) {
  const std::string beside = path + ".new";
  File file(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (file.fd() < 0) return std::unexpected(failed("create", beside));
  const bool is_whole = write_all(file.fd(), content) && (durability == Durability::written || fsync(file.fd()) == 0);
  if (!is_whole || !file.finish()) {
    const FileError error = failed("write", beside);
    unlink(beside.c_str());
    return std::unexpected(error);
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) {
    const FileError error = failed("rename to", path);
    unlink(beside.c_str());
    return std::unexpected(error);
  }
  return {};
}

}  // namespace ntp::daemon
