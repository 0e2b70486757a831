// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/rows.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ntp::ntpq {
namespace {

constexpr std::size_t kMostDigits = 6;

std::optional<std::size_t> number_of(std::string_view name) {
  const std::size_t point = name.rfind('.');
  if (point == std::string_view::npos || point == 0) return std::nullopt;
  const std::string_view digits = name.substr(point + 1);
  const bool is_number = !digits.empty() && digits.size() <= kMostDigits &&
                         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return std::nullopt;
  std::size_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

NumberedRows numbered_rows(std::vector<client::Variable> variables) {
  NumberedRows out;
  for (client::Variable& variable : variables) {
    const auto number = number_of(variable.name);
    if (number) {
      variable.name.resize(variable.name.rfind('.'));
      out.rows[*number].push_back(std::move(variable));
    } else {
      out.others.push_back(std::move(variable));
    }
  }
  return out;
}

}  // namespace ntp::ntpq
