// SPDX-License-Identifier: BSD-2-Clause
//
// interface and nic: which local addresses serve.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "config/handlers.h"

namespace ntp::config {

Handled handle_interface(Arguments& arguments, Config& config) {
  InterfaceRule rule;
  const auto action = arguments.take("listen, ignore or drop");
  if (!action) return std::unexpected(action.error());
  static constexpr auto kActions = std::to_array<std::string_view>({"listen", "ignore", "drop"});
  const auto* known = std::ranges::find(kActions, (*action)->text);
  if ((*action)->kind != TokenKind::word || known == kActions.end()) {
    Fault fault = Arguments::unknown(**action, "action", kActions);
    if (fault.nearest.empty()) fault.text += ": expected listen, ignore or drop";
    return std::unexpected(std::move(fault));
  }
  rule.action = static_cast<InterfaceRule::Action>(known - kActions.begin());

  const auto target = arguments.take("all, ipv4, ipv6, wildcard, the name of an interface or an address");
  if (!target) return std::unexpected(target.error());
  static constexpr auto kMatches = std::to_array<std::string_view>({"all", "ipv4", "ipv6", "wildcard"});
  const auto* match = std::ranges::find(kMatches, (*target)->text);
  if ((*target)->kind == TokenKind::word && match != kMatches.end()) {
    rule.match = static_cast<InterfaceRule::Match>(match - kMatches.begin());
  } else if ((*target)->text.find_first_of(":/") != std::string_view::npos || Address::parse((*target)->text)) {
    const auto prefix = parse_prefix(**target);
    if (!prefix) return std::unexpected(prefix.error());
    rule.match = InterfaceRule::Match::address;
    rule.address = prefix->address;
    rule.prefix_length = prefix->length;
  } else {
    if ((*target)->text.empty())
      return std::unexpected(Arguments::wrong(**target, "expected the name of an interface"));
    rule.match = InterfaceRule::Match::name;
    rule.name = (*target)->text;
  }
  if (auto end = arguments.finish(); !end) return end;
  config.interfaces.push_back(std::move(rule));
  return {};
}

}  // namespace ntp::config
