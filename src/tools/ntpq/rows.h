// SPDX-License-Identifier: BSD-2-Clause
//
// Answers that are tables: "addr.0=..., ct.0=..., addr.1=...", in any order, with names among them that mean nothing.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/variables.h"

namespace ntp::ntpq {

/// Rows of a table by their number, and what has no number.
struct NumberedRows {
  std::map<std::size_t, std::vector<client::Variable>> rows;
  std::vector<client::Variable> others;
};

/// Numbers of at most six digits make a row; all else is among the others.
[[nodiscard]] NumberedRows numbered_rows(std::vector<client::Variable> variables);

}  // namespace ntp::ntpq
