// SPDX-License-Identifier: BSD-2-Clause
//
// What the tests of statistics share: a morning, a folder, a log that keeps quiet.
#pragma once

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/resource.h>

#include "base/time.h"
#include "daemon/log.h"
#include "engine/events.h"

namespace ntp::daemon::test {

/// 2027-01-15 08:00:00 UTC: day 61420 of MJD.
inline constexpr std::uint32_t kMorning = 2208988800U + 1800000000U;
inline constexpr std::uint32_t kDay = 86400;

constexpr Timestamp at(std::uint32_t seconds, double fraction = 0) {
  return Timestamp::from_parts(seconds, static_cast<std::uint32_t>(fraction * kTwo32));
}

/// A folder of this test's own, removed with all it holds.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "statisticsXXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool has(const std::string& name) const { return std::filesystem::exists(path(name)); }

 private:
  std::string path_;
};

/// A log that keeps its messages for the test.
class Quiet {
 public:
  Quiet() { log_.keep_last_only(); }
  Log& log() { return log_; }

 private:
  Log log_;
};

inline engine::WriteStatistics error_record(Timestamp when) {
  return {.at = when,
          .record = engine::ErrorRecord{
              .offset_s = -1.5e-7, .deviation_s = 2e-8, .root_distance_s = 0.0104, .leap = wire::Leap::none}};
}

/// No file grows beyond this many octets while it lasts, as on a full disk.
class FileLimit {
 public:
  explicit FileLimit(rlim_t octets) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = octets, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  ~FileLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace ntp::daemon::test
