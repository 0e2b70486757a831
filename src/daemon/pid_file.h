// SPDX-License-Identifier: BSD-2-Clause
//
// The file that tells which process runs: there while it does, gone or empty afterwards.
#pragma once

#include <expected>
#include <string>

namespace ntp::daemon {

class PidFile {
 public:
  PidFile() = default;
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  /// Removes the file; where its folder forbids that (rights were dropped) or is out of sight (chroot), empties it.
  ~PidFile();

  /// Writes this process's id. An error is a message for the user.
  std::expected<void, std::string> write(const std::string& path);

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace ntp::daemon
