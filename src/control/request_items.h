// SPDX-License-Identifier: BSD-2-Clause
//
// The data of a request: "name, name=value, name="value, quoted"".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ntp::control {

struct RequestItem {
  std::string_view name;
  std::optional<std::string_view> value;  ///< without quotes
};

/// Takes one item after the other. Blanks, line ends, zeros and commas between items play no part.
class RequestItems {
 public:
  explicit RequestItems(std::string_view text) : rest_(text) {}

  /// Nothing: that was all. An item of no name is left out.
  std::optional<RequestItem> next();

 private:
  std::string_view rest_;
};

/// True if there is nothing but blanks and commas.
bool is_blank(std::string_view text);

}  // namespace ntp::control
