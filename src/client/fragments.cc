// SPDX-License-Identifier: BSD-2-Clause
#include "client/fragments.h"

#include <algorithm>
#include <utility>

namespace ntp::client {

Fragments::Added Fragments::add(std::size_t offset, std::string_view data, bool has_more) {
  if (offset > kMaxControlAnswer || data.size() > kMaxControlAnswer - offset) return Added::refused;
  const std::size_t end = offset + data.size();
  if (end_ && (end > *end_ || (!has_more && end != *end_))) return Added::refused;
  if (!has_more && !runs_.empty() && runs_.back().end > end) return Added::refused;
  if (contradicts(offset, data)) return Added::refused;

  const bool is_covered =
      std::ranges::any_of(runs_, [&](const Run& run) { return run.begin <= offset && end <= run.end; });
  const bool is_news = !is_covered && !data.empty();
  const bool is_end_news = !has_more && !end_;
  if (!has_more) end_ = end;
  if (is_news) {
    if (data_.size() < end) data_.resize(end);
    std::ranges::copy(data, data_.begin() + static_cast<std::ptrdiff_t>(offset));
    insert(offset, end);
  }
  return is_news || is_end_news ? Added::taken : Added::known;
}

bool Fragments::is_complete() const { return end_ && length_from_start() == *end_; }

std::size_t Fragments::length_from_start() const {
  return !runs_.empty() && runs_.front().begin == 0 ? runs_.front().end : 0;
}

std::string Fragments::take() {
  data_.resize(length_from_start());
  runs_.clear();
  end_.reset();
  return std::exchange(data_, {});
}

bool Fragments::contradicts(std::size_t offset, std::string_view data) const {
  const std::size_t end = offset + data.size();
  return std::ranges::any_of(runs_, [&](const Run& run) {
    const std::size_t from = std::max(run.begin, offset);
    const std::size_t to = std::min(run.end, end);
    return from < to && std::string_view(data_).substr(from, to - from) != data.substr(from - offset, to - from);
  });
}

void Fragments::insert(std::size_t begin, std::size_t end) {
  Run merged{begin, end};
  std::erase_if(runs_, [&](const Run& run) {
    const bool touches = run.begin <= merged.end && merged.begin <= run.end;
    if (touches) merged = {std::min(merged.begin, run.begin), std::max(merged.end, run.end)};
    return touches;
  });
  runs_.insert(std::ranges::upper_bound(runs_, merged.begin, {}, &Run::begin), merged);
}

}  // namespace ntp::client
