// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics_writer.h"

#include <cerrno>
#include <cstring>
#include <limits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "daemon/statistics_dates.h"

namespace ntp::daemon {
namespace {

constexpr double kLongestKept_s = 10;
constexpr std::size_t kMostKept = std::size_t{16} << 10U;
constexpr int kMostSavedNames = 100;

}  // namespace

StatisticsWriter::StatisticsWriter(std::string path, const config::StatisticsFile& settings, Log& log)
    : path_(std::move(path)),
      period_(settings.period.value_or(config::StatisticsFile::Period::day)),
      has_link_(settings.has_link.value_or(true)),
      log_(log),
      flushed_at_s_(-kLongestKept_s) {}

StatisticsWriter::~StatisticsWriter() { close(); }

void StatisticsWriter::write(Timestamp at, double age_s, std::string_view line) {
  std::string suffix = file_suffix(period_, at, age_s);
  if (suffix != suffix_) {
    close();
    suffix_ = std::move(suffix);
  }
  if (kept_.empty()) kept_since_s_ = age_s;
  kept_ += line;
  // A line after some rest is written at once.
  if (age_s - flushed_at_s_ < kLongestKept_s && kept_.size() < kMostKept) return;
  flush();
  flushed_at_s_ = age_s;
}

double StatisticsWriter::due_age_s() const {
  return kept_.empty() ? std::numeric_limits<double>::infinity() : kept_since_s_ + kLongestKept_s;
}

void StatisticsWriter::tick(double age_s) {
  if (age_s < due_age_s()) return;
  flush();
  flushed_at_s_ = age_s;
}

void StatisticsWriter::close() {
  flush();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void StatisticsWriter::flush() {
  if (kept_.empty()) return;
  // What can't be written is lost: time must not wait for a disk, nor memory fill.
  std::string content = std::move(kept_);
  kept_.clear();
  if (fd_ < 0 && !open()) return;
  if (is_line_broken_) content.insert(content.begin(), '\n');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::write(fd_, content.data() + done, content.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      if (done > 0) is_line_broken_ = content[done - 1] != '\n';
      complain("write", path_ + suffix_);
      return;
    }
    done += static_cast<std::size_t>(count);
  }
  is_line_broken_ = false;
  has_complained_ = false;
}

bool StatisticsWriter::open() {
  const std::string path = path_ + suffix_;
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  if (fd_ < 0) {
    complain("open", path);
    return false;
  }
  is_line_broken_ = false;
  if (has_link_ && !suffix_.empty()) link_bare_name();
  return true;
}

void StatisticsWriter::link_bare_name() {
  struct stat old{};
  if (lstat(path_.c_str(), &old) == 0) {
    struct stat current{};
    if (fstat(fd_, &current) == 0 && current.st_dev == old.st_dev && current.st_ino == old.st_ino) return;
    // With one name alone it is somebody's file, not a link of ours: it is kept under another name.
    if (S_ISREG(old.st_mode) && old.st_nlink == 1) {
      for (int i = 0; i < kMostSavedNames; ++i)
        if (link(path_.c_str(), fmt::format("{}.{}C{}", path_, getpid(), i).c_str()) == 0 || errno != EEXIST) break;
      if (lstat(path_.c_str(), &old) != 0 || old.st_nlink == 1) return;
    }
    if (!S_ISREG(old.st_mode) || unlink(path_.c_str()) != 0) return;
  }
  if (link((path_ + suffix_).c_str(), path_.c_str()) != 0)
    log_.write(Log::Level::info, fmt::format("no link {} to {}{}: {}", path_, path_, suffix_, std::strerror(errno)));
}

void StatisticsWriter::complain(std::string_view what, const std::string& path) {
  const int error = errno;
  if (!has_complained_)
    log_.write(Log::Level::warning,
               fmt::format("statistics are lost until this is mended: {} {}: {}", what, path, std::strerror(error)));
  has_complained_ = true;
}

}  // namespace ntp::daemon
