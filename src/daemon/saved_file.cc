// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/saved_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "net/descriptor.h"

namespace ntp::daemon {
namespace {

constexpr std::size_t kMaxName = 128;

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Whether the folder has so many files of this user already; entries of others, and folders, are not counted.
bool is_full(const net::Descriptor& folder) {
  const int fd = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;  // may be written and not read: the system's own limits are what is left
  DIR* const entries = ::fdopendir(fd);
  if (entries == nullptr) {
    ::close(fd);
    return false;
  }
  std::size_t files = 0;
  const uid_t user = ::geteuid();
  while (files < kMostSavedFiles) {
    // Only this thread reads this folder. NOLINTNEXTLINE(concurrency-mt-unsafe)
    const dirent* const entry = ::readdir(entries);
    if (entry == nullptr) break;
    struct stat status{};
    if (::fstatat(folder.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
        status.st_uid == user)
      ++files;
  }
  ::closedir(entries);
  return files >= kMostSavedFiles;
}

}  // namespace

std::optional<std::string> saved_file_name(std::string_view pattern, std::int64_t unix_time_s) {
  if (pattern.empty() || pattern.size() > kMaxName || pattern.find('\0') != std::string_view::npos) return std::nullopt;
  const auto seconds = static_cast<std::time_t>(unix_time_s);
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return std::nullopt;
  std::array<char, 2 * kMaxName> text{};
  const std::string terminated(pattern);
  // The pattern is the operator's; strftime writes within its room whatever it is.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  const std::size_t length = std::strftime(text.data(), text.size(), terminated.c_str(), &local);
#pragma GCC diagnostic pop
  const std::string_view name(text.data(), length);
  return is_plain(name) ? std::optional<std::string>(name) : std::nullopt;
}

std::expected<void, std::string> write_new_file(const std::string& folder, const std::string& name,
                                                std::string_view text) {
  const auto failure = [] { return std::unexpected(std::string(std::strerror(errno))); };
  const net::Descriptor in(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!in.is_open()) return failure();
  if (is_full(in))
    return std::unexpected(
        fmt::format("the folder has {} files of ntpd's user already: remove or move some of them", kMostSavedFiles));
  const net::Descriptor file(::openat(in.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                      S_IRUSR | S_IWUSR | S_IRGRP));
  if (!file.is_open()) return failure();
  if (write_all(file.get(), text)) return {};
  const int error = errno;
  static_cast<void>(::unlinkat(in.get(), name.c_str(), 0));  // half a configuration is worse than none
  errno = error;
  return failure();
}

}  // namespace ntp::daemon
