// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/live_access.h"

#include <algorithm>

namespace ntp::daemon {

void LiveAccess::set_lines(std::span<const config::Restrict> lines, MonoTime now) {
  wants_sources_ = has_source_rule(lines);
  if (!wants_sources_) sources_.clear();
  hosts_.set_lines(lines, now);
}

bool LiveAccess::set_sources(std::vector<Address> sources) {
  if (!wants_sources_) return false;
  std::ranges::sort(sources);
  const auto repeated = std::ranges::unique(sources);
  sources.erase(repeated.begin(), repeated.end());
  if (sources == sources_) return false;
  sources_ = std::move(sources);
  return true;
}

}  // namespace ntp::daemon
