// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics.h"

#include <cerrno>
#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/wide.h"
#include "net/poll_loop.h"

namespace ntp::daemon {
namespace {

using Period = config::StatisticsFile::Period;

constexpr double kLongestKept_s = 10;
constexpr std::size_t kMostKept = std::size_t{16} << 10U;
constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kMjdOf1900 = 15020;
constexpr std::int64_t kUnixDayOfMjd0 = -40587;
constexpr int kMostSavedNames = 100;

/// Seconds since 1900 without wrap, for 1968 to 2104: what a Timestamp leaves open, a date has to say.
std::int64_t seconds_since_1900(Timestamp at) {
  constexpr std::uint32_t kHalf = 0x80000000U;
  constexpr std::int64_t kEra = std::int64_t{1} << 32U;
  return at.seconds() >= kHalf ? at.seconds() : at.seconds() + kEra;
}

/// The fraction in whole nanoseconds, cut, so that it never carries.
std::uint64_t nanoseconds(Timestamp at) { return (std::uint64_t{at.fraction()} * kNanosecondsPerSecond) >> 32U; }

std::string ntp_seconds(Timestamp at) { return fmt::format("{}.{:09}", at.seconds(), nanoseconds(at)); }

std::chrono::sys_days day_of(Timestamp at) {
  const std::int64_t mjd = kMjdOf1900 + seconds_since_1900(at) / kSecondsPerDay;
  return std::chrono::sys_days(std::chrono::days(mjd + kUnixDayOfMjd0));
}

/// Kiss codes and kinds of clock stand between dots, as the classic writes them.
std::string refid_text(const wire::Header& header) {
  const std::string text = wire::to_text(header.refid, header.stratum);
  return header.stratum <= 1 ? fmt::format(".{}.", text) : text;
}

std::string text_of(const engine::ExchangeRecord& x) {
  const wire::Header& h = x.header;
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {:.6f} {:.6f} {}", x.remote.address.text(), x.local.text(),
                     ntp_seconds(x.t1), ntp_seconds(x.t2), ntp_seconds(x.t3), ntp_seconds(x.t4),
                     static_cast<int>(h.leap), h.version, static_cast<int>(h.mode), h.stratum, h.poll_log2s,
                     h.precision_log2s, h.root_delay.seconds(), h.root_dispersion.seconds(), refid_text(h));
}

std::string text_of(const engine::ErrorRecord& e) {
  return fmt::format("{:.12f} {:.12f} {:.12f} {}", e.offset_s, e.deviation_s, e.root_distance_s,
                     static_cast<int>(e.leap));
}

std::string iso_week(std::chrono::sys_days day) {
  // The week's Thursday decides which year it belongs to.
  const std::chrono::weekday weekday(day);
  const std::chrono::sys_days thursday = day - std::chrono::days(weekday.iso_encoding()) + std::chrono::days(4);
  const std::chrono::year year = std::chrono::year_month_day(thursday).year();
  const std::chrono::sys_days first_day(year / std::chrono::January / 1);
  return fmt::format(".{:04}W{:02}", static_cast<int>(year), (thursday - first_day).count() / 7 + 1);
}

bool is_enabled(const config::Statistics& statistics, const config::StatisticsFile& file) {
  return statistics.folder && statistics.is_enabled.value_or(true) && file.is_enabled.value_or(false);
}

}  // namespace

std::string statistics_line(const engine::WriteStatistics& statistics) {
  const std::int64_t seconds = seconds_since_1900(statistics.at);
  const std::int64_t mjd = kMjdOf1900 + seconds / kSecondsPerDay;
  const std::int64_t second = seconds % kSecondsPerDay;
  const std::uint64_t ns = nanoseconds(statistics.at);
  const std::string record = std::visit([](const auto& known) { return text_of(known); }, statistics.record);
  // The classic tells milliseconds; where each nanosecond counts, they are too few.
  if (std::holds_alternative<engine::ExchangeRecord>(statistics.record))
    return fmt::format("{} {}.{:03} {}\n", mjd, second, ns / 1'000'000, record);
  return fmt::format("{} {}.{:09} {}\n", mjd, second, ns, record);
}

std::string file_suffix(Period period, Timestamp at, double age_s) {
  const std::chrono::sys_days day = day_of(at);
  const std::chrono::year_month_day date(day);
  const auto year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  switch (period) {
    case Period::none:
      return "";
    case Period::pid:
      return fmt::format(".{}", getpid());
    case Period::day:
      return fmt::format(".{:04}{:02}{:02}", year, month, static_cast<unsigned>(date.day()));
    case Period::week:
      return iso_week(day);
    case Period::month:
      return fmt::format(".{:04}{:02}", year, month);
    case Period::year:
      return fmt::format(".{:04}", year);
    case Period::age:
      return fmt::format(".a{:08}", static_cast<std::int64_t>(age_s) / kSecondsPerDay * kSecondsPerDay);
  }
  return "";
}

StatisticsWriter::StatisticsWriter(std::string path, const config::StatisticsFile& settings, Log& log)
    : path_(std::move(path)),
      period_(settings.period.value_or(Period::day)),
      has_link_(settings.has_link.value_or(true)),
      log_(log) {}

StatisticsWriter::~StatisticsWriter() { close(); }

void StatisticsWriter::write(Timestamp at, double age_s, std::string_view line) {
  std::string suffix = file_suffix(period_, at, age_s);
  if (suffix != suffix_) {
    close();
    suffix_ = std::move(suffix);
  }
  kept_ += line;
  // Also after a step backwards: the next lines would wait for hours.
  const double waited_s = (at - flushed_).seconds();
  if (waited_s >= 0 && waited_s < kLongestKept_s && kept_.size() < kMostKept) return;
  flush();
  flushed_ = at;
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

engine::StatisticsSettings statistics_settings(const config::Statistics& statistics) {
  return {.has_raw = is_enabled(statistics, statistics.raw), .has_error = is_enabled(statistics, statistics.error)};
}

StatisticsFiles::StatisticsFiles(const config::Statistics& statistics, Log& log) : start_(net::monotonic_now()) {
  if (!statistics.folder) {
    config::Statistics elsewhere = statistics;
    elsewhere.folder = "";
    const engine::StatisticsSettings meant = statistics_settings(elsewhere);
    if (meant.has_raw || meant.has_error)
      log.write(Log::Level::warning, "statistics: there is no statsdir line, so none are written");
    return;
  }
  std::string prefix = *statistics.folder;
  if (!prefix.ends_with('/')) prefix += '/';
  const auto writer = [&](const config::StatisticsFile& file, std::string_view type) {
    return is_enabled(statistics, file)
               ? std::make_unique<StatisticsWriter>(prefix + file.name.value_or(std::string(type)), file, log)
               : nullptr;
  };
  raw_ = writer(statistics.raw, "rawstats");
  error_ = writer(statistics.error, "errorstats");
}

void StatisticsFiles::write(const engine::WriteStatistics& statistics) {
  const bool is_raw = std::holds_alternative<engine::ExchangeRecord>(statistics.record);
  StatisticsWriter* writer = is_raw ? raw_.get() : error_.get();
  if (writer != nullptr) writer->write(statistics.at, net::monotonic_now() - start_, statistics_line(statistics));
}

void StatisticsFiles::reopen() {
  if (raw_) raw_->close();
  if (error_) error_->close();
}

}  // namespace ntp::daemon
