// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/leap_file.h"

#include <utility>

#include <fmt/format.h>

#include "daemon/files.h"

namespace ntp::daemon {
namespace {

constexpr std::size_t kLongestFile = 1 << 20;

}  // namespace

std::shared_ptr<const policy::LeapTable> read_leap_file(const std::optional<config::LeapFile>& file, Log& log) {
  if (!file) return nullptr;
  const auto content = read_file(file->path, kLongestFile);
  if (!content) {
    log.write(Log::Level::warning, fmt::format("leap file: {}", content.error().text));
    return nullptr;
  }
  auto table = policy::LeapTable::parse(*content, file->checks_hash);
  if (!table) {
    log.write(Log::Level::warning, fmt::format("leap file {}: {}", file->path, table.error()));
    return nullptr;
  }
  return std::make_shared<const policy::LeapTable>(std::move(*table));
}

LeapFile::LeapFile(std::optional<config::LeapFile> file, Log& log) : log_(log) { configure(std::move(file)); }

void LeapFile::configure(std::optional<config::LeapFile> file) {
  file_ = std::move(file);
  next_ = file_ ? MonoTime() : MonoTime::never();
  if (file_)
    static_cast<void>(read());
  else
    table_ = nullptr;
}

bool LeapFile::read() {
  auto table = read_leap_file(file_, log_);
  if (!table) {
    if (table_) log_.write(Log::Level::warning, "leap file: what was read before stays in force");
    return false;
  }
  const bool is_other = !table_ || table_->entries() != table->entries() || table_->expires() != table->expires();
  table_ = std::move(table);
  if (is_other)
    log_.write(Log::Level::info, fmt::format("leap file {}: {} entries, good until {}", file_->path,
                                             table_->entries().size(), policy::date_text(table_->expires())));
  return true;
}

engine::Settings LeapFile::completed(engine::Settings settings) const {
  settings.leap_table = table_;
  // It lives as long as the program: nobody owns it.
  settings.spare_leap_table = {std::shared_ptr<const policy::LeapTable>(), &policy::LeapTable::embedded()};
  return settings;
}

bool LeapFile::tick(MonoTime now) {
  if (now < next_) return false;
  const bool is_first = next_ == MonoTime();
  next_ = now + kInterval_s;
  // It was read a moment ago.
  if (is_first) return false;
  return read();
}

}  // namespace ntp::daemon
