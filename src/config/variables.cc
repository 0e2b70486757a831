// SPDX-License-Identifier: BSD-2-Clause
//
// setvar.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"

namespace ntp::config {
namespace {

constexpr std::size_t kMaxVariables = 256;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxValue = 400;      ///< so that a variable fits into one answer to a query
constexpr std::size_t kMaxValues = 32'768;  ///< of all: an answer to a query has some 60,000 octets at most

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

std::size_t length_of_others(const Config& config, std::string_view name) {
  std::size_t length = 0;
  for (const SetVariable& variable : config.variables)
    if (variable.name != name) length += variable.name.size() + variable.value.size();
  return length;
}

}  // namespace

Handled handle_setvar(Arguments& arguments, Config& config) {
  const auto name = arguments.take("NAME=VALUE");
  if (!name) return std::unexpected(name.error());
  if ((*name)->kind != TokenKind::word || !is_variable_name((*name)->text))
    return std::unexpected(Arguments::wrong(
        **name, fmt::format("setvar: \"{}\": expected a name of 1 to {} letters, digits, dots, hyphens and underscores",
                            quotable((*name)->text), kMaxName)));
  const auto equals = arguments.take("= and a value after the name");
  if (!equals) return std::unexpected(equals.error());
  if ((*equals)->kind != TokenKind::equals)
    return std::unexpected(Arguments::wrong(
        **equals, fmt::format("setvar: expected = after {}, found \"{}\"", (*name)->text, quotable((*equals)->text))));
  const auto value = arguments.take("a value after = (in quotes if it has blanks; \"\" if it is empty)");
  if (!value) return std::unexpected(value.error());
  if ((*value)->kind == TokenKind::equals)
    return std::unexpected(Arguments::wrong(**value, "setvar: expected a value; one with = stands in quotes"));
  if ((*value)->text.size() > kMaxValue)
    return std::unexpected(Arguments::wrong(**value, fmt::format("setvar: expected at most {} octets", kMaxValue)));
  const bool is_default = arguments.take_word("default");
  if (!arguments.at_end() && arguments.peek()->kind == TokenKind::equals)
    return std::unexpected(
        Arguments::wrong(*arguments.peek(), "setvar: a value with = stands in quotes: NAME=\"VALUE\""));
  if (auto end = arguments.finish(); !end) return end;

  SetVariable variable{std::string((*name)->text), std::string((*value)->text), is_default};
  const auto known = std::ranges::find(config.variables, variable.name, &SetVariable::name);
  if (length_of_others(config, variable.name) + variable.name.size() + variable.value.size() > kMaxValues)
    return std::unexpected(Arguments::wrong(
        **name, fmt::format("setvar: expected at most {} octets of names and values in all variables", kMaxValues)));
  if (known != config.variables.end()) {
    *known = std::move(variable);
    return {};
  }
  if (config.variables.size() == kMaxVariables)
    return std::unexpected(
        Arguments::wrong(**name, fmt::format("setvar: expected at most {} variables", kMaxVariables)));
  config.variables.push_back(std::move(variable));
  return {};
}

}  // namespace ntp::config
