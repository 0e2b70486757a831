// SPDX-License-Identifier: BSD-2-Clause
//
// The text of control answers: name=value, name="value", name, ... (RFC 9327 section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::client {

struct Variable {
  std::string name;
  std::string value;  ///< without quotes; empty if there is none
  bool is_quoted = false;

  friend bool operator==(const Variable&, const Variable&) = default;
};

/// Most variables that are read of one answer; what follows is left out.
inline constexpr std::size_t kMaxVariables = 16384;

/// Any octets: what makes no sense is skipped. Control characters are left out of names, and stay in values (printable()).
[[nodiscard]] std::vector<Variable> parse_variables(std::string_view text);
/// The value of a name, the first if there are several.
[[nodiscard]] std::optional<std::string> find_value(const std::vector<Variable>& variables, std::string_view name);

/// What a terminal may get of what came from a network: control characters (also those of UTF-8 and what isn't UTF-8) become
/// '?' or go; newlines only stay where `keeps_lines`.
[[nodiscard]] std::string printable(std::string_view text, bool keeps_lines = false);

}  // namespace ntp::client
