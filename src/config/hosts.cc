// SPDX-License-Identifier: BSD-2-Clause
#include "config/hosts.h"

#include <algorithm>

#include "base/address.h"

namespace ntp::config {
namespace {

constexpr std::size_t kMaxHostName = 255;

}  // namespace

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxHostName && !name.starts_with('-') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

bool is_scoped_address(std::string_view name) {
  const std::size_t percent = name.find('%');
  if (percent == std::string_view::npos) return false;
  const auto address = Address::parse(name.substr(0, percent));
  return address && !address->is_v4() && is_host_name(name.substr(percent + 1));
}

bool looks_numeric(std::string_view name) { return name.find_first_not_of("0123456789.") == std::string_view::npos; }

}  // namespace ntp::config
