// SPDX-License-Identifier: BSD-2-Clause
//
// restrict and interface.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"

namespace ntp::config {
namespace {

using policy::Access;

struct FlagName {
  std::string_view name;
  Access flag;
};
/// limited and kod are kept although nothing limits rates: whoever reads the configuration sees what was meant.
constexpr auto kFlagNames = std::to_array<FlagName>({
    {"ignore", Access::ignore},
    {"noserve", Access::noserve},
    {"noquery", Access::noquery},
    {"nomodify", Access::nomodify},
    {"notrap", Access::notrap},
    {"nomrulist", Access::nomrulist},
    {"nopeer", Access::nopeer},
    {"noepeer", Access::noepeer},
    {"notrust", Access::notrust},
    {"version", Access::version},
    {"limited", Access::limited},
    {"kod", Access::kod},
});

template <class Octets>
Address from_octets(Family family, const Octets& octets, std::uint32_t scope) {
  if (family == Family::ipv6) return Address::v6(octets, scope);
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8U) | octets[i];
  return Address::v4(value);
}

Address mask_of(Family family, unsigned length) {
  std::array<std::uint8_t, 16> octets{};
  for (unsigned bit = 0; bit < length; ++bit)
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] | (0x80U >> (bit % 8)));
  return from_octets(family, octets, 0);
}

Address masked(const Address& address, const Address& mask) {
  std::array<std::uint8_t, 16> octets = address.octets();
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(octets[i] & mask.octets()[i]);
  return from_octets(address.family(), octets, address.scope());
}

Handled read_mask(Arguments& arguments, const Prefix& prefix, Address& mask) {
  if (!arguments.take_word("mask")) return {};
  const auto token = arguments.take("a mask after mask");
  if (!token) return std::unexpected(token.error());
  const auto parsed = Address::parse((*token)->text);
  if (!parsed || parsed->family() != prefix.address.family() || parsed->scope() != 0) {
    return std::unexpected(
        Arguments::wrong(**token, fmt::format("mask \"{}\": expected an {} mask", quotable((*token)->text),
                                              prefix.address.is_v4() ? "IPv4" : "IPv6")));
  }
  if (prefix.has_length)
    return std::unexpected(Arguments::wrong(**token, "mask: expected a prefix length or a mask, not both"));
  mask = *parsed;
  return {};
}

/// "default", "source" or an address with its mask; `default` without a family gives two rules.
Handled read_target(Arguments& arguments, std::vector<Restrict>& out) {
  std::optional<Family> family;
  if (arguments.take_word("-4")) {
    family = Family::ipv4;
  } else if (arguments.take_word("-6")) {
    family = Family::ipv6;
  }
  const auto token = arguments.take("default, source or an address");
  if (!token) return std::unexpected(token.error());
  if ((*token)->is_word("default")) {
    for (const Family each : {Family::ipv4, Family::ipv6})
      if (!family || *family == each) out.push_back({.rule = {.address = mask_of(each, 0), .mask = mask_of(each, 0)}});
    return {};
  }
  if ((*token)->is_word("source")) {
    if (family) return std::unexpected(Arguments::wrong(**token, "source: expected neither -4 nor -6 before it"));
    out.push_back({.is_source = true});
    return {};
  }
  auto prefix = parse_prefix(**token);
  if (!prefix) {
    if (prefix.error().text.starts_with('"'))
      prefix.error().text += ", default or source (host names are not part of this version)";
    return std::unexpected(std::move(prefix).error());
  }
  if (family && *family != prefix->address.family()) {
    return std::unexpected(Arguments::wrong(
        **token, fmt::format("{}: expected an {} address after {}", quotable((*token)->text),
                             *family == Family::ipv4 ? "IPv4" : "IPv6", *family == Family::ipv4 ? "-4" : "-6")));
  }
  Address mask = mask_of(prefix->address.family(), prefix->length);
  if (auto read = read_mask(arguments, *prefix, mask); !read) return read;
  const Address network = masked(prefix->address, mask);
  if (network != prefix->address) {
    arguments.note(Severity::warning, **token,
                   fmt::format("{} has bits outside the mask {}: read as {}", prefix->address.text(), mask.text(),
                               network.text()));
  }
  out.push_back({.rule = {.address = network, .mask = mask}});
  return {};
}

}  // namespace

Handled handle_restrict(Arguments& arguments, Config& config) {
  std::vector<Restrict> restricts;
  if (auto target = read_target(arguments, restricts); !target) return target;
  Access flags = Access::none;
  bool only_from_ntp_port = false;
  const Token* kod = nullptr;
  while (!arguments.at_end()) {
    const auto option = arguments.take_option(OptionGroup::restrict);
    if (!option) return std::unexpected(option.error());
    const std::string_view name = option->entry->name;
    if (name == "ntpport") only_from_ntp_port = true;
    if (name == "kod") kod = option->name;
    const auto* known = std::ranges::find(kFlagNames, name, &FlagName::name);
    if (known != kFlagNames.end()) flags = flags | known->flag;
  }
  if (kod != nullptr && !policy::has(flags, Access::limited))
    arguments.note(Severity::warning, *kod, "kod does nothing without limited");
  for (Restrict& each : restricts) {
    each.rule.flags = flags;
    each.rule.only_from_ntp_port = only_from_ntp_port;
    config.restricts.push_back(each);
  }
  return {};
}

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
