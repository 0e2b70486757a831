// SPDX-License-Identifier: BSD-2-Clause
#include "config/print_access.h"

#include <bit>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "config/commands.h"
#include "config/hosts.h"

namespace ntp::config {
namespace {

/// The prefix length of a mask; nothing if its bits have gaps.
std::optional<unsigned> prefix_length(const Address& mask) {
  unsigned length = 0;
  for (std::size_t i = 0; i < mask.length(); ++i) length += static_cast<unsigned>(std::popcount(mask.octets()[i]));
  if (policy::prefix_mask(mask.family(), length) != mask) return std::nullopt;
  return length;
}

std::string target(const Restrict& restrict) {
  if (restrict.is_source) return "source";
  if (!restrict.host.empty()) {
    const std::string family = !restrict.family ? "" : * restrict.family == Family::ipv4 ? "-4 " : "-6 ";
    const bool needs_quotes = !nearest(restrict.host, kRestrictWords).empty();
    return family + (needs_quotes ? fmt::format("\"{}\"", restrict.host) : restrict.host);
  }
  const policy::AccessRule& rule = restrict.rule;
  const auto length = prefix_length(rule.mask);
  if (!length) return fmt::format("{} mask {}", rule.address.text(), rule.mask.text());
  if (*length == 0) return rule.mask.is_v4() ? "-4 default" : "-6 default";
  if (*length == 8 * rule.mask.length()) return rule.address.text();
  return fmt::format("{}/{}", rule.address.text(), *length);
}

std::string line(const Restrict& restrict, std::string_view target) {
  std::string out = fmt::format("{} {}", restrict.action == Restrict::Action::add ? "restrict" : "unrestrict", target);
  for (const RestrictFlag& flag : kRestrictFlags)
    if (policy::has(restrict.rule.flags, flag.flag)) out += fmt::format(" {}", flag.name);
  if (restrict.rule.only_from_ntp_port) out += " ntpport";
  if (restrict.peer_limit) out += fmt::format(" ippeerlimit {}", * restrict.peer_limit);
  out += '\n';
  return out;
}

bool is_default_of(const Restrict& restrict, Family family) {
  return !restrict.is_source&& restrict.host.empty()&& restrict.rule.mask == policy::prefix_mask(family, 0);
}

/// True if both lines are what one line about `default` becomes.
bool are_one_line(const Restrict& first, const Restrict& second) {
  if (!is_default_of(first, Family::ipv4) || !is_default_of(second, Family::ipv6)) return false;
  Restrict same = second;
  same.rule.address = first.rule.address;
  same.rule.mask = first.rule.mask;
  return same == first;
}

}  // namespace

std::string restrict_lines(std::span<const Restrict> restricts) {
  std::string out;
  for (std::size_t i = 0; i < restricts.size(); ++i) {
    if (i + 1 < restricts.size() && are_one_line(restricts[i], restricts[i + 1])) {
      out += line(restricts[i], "default");
      ++i;
    } else {
      out += line(restricts[i], target(restricts[i]));
    }
  }
  return out;
}

}  // namespace ntp::config
