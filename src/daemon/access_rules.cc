// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/access_rules.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "config/hosts.h"
#include "config/print_access.h"

namespace ntp::daemon {
namespace {

using config::Restrict;
using config::without;
using policy::Access;
using policy::AccessRule;

AccessRule rule_for(const Address& host, const AccessRule& line) {
  AccessRule rule = line;
  // Without a scope, which plays no part in access.
  rule.address = host.is_v4() ? host : Address::v6(host.octets());
  rule.mask = policy::prefix_mask(host.family(), host.is_v4() ? 32 : 128);
  return rule;
}

std::array<AccessRule, 2> built_in_rules(Family family) {
  const Address any = policy::prefix_mask(family, 0);
  const bool is_v4 = family == Family::ipv4;
  const Address loopback = is_v4 ? Address::v4(0x7f000000) : *Address::parse("::1");
  return {{{.address = any, .mask = any, .flags = kBuiltInDefault},
           {.address = loopback, .mask = policy::prefix_mask(family, is_v4 ? 8 : 128)}}};
}

/// The template of the last `restrict source`, as later lines leave it.
std::optional<Restrict> source_template(std::span<const Restrict> lines) {
  std::optional<Restrict> found;
  for (const Restrict& line : lines) {
    if (!line.is_source) continue;
    switch (line.action) {
      case Restrict::Action::add:
        found = line;
        break;
      case Restrict::Action::remove_flags:
        if (found) found->rule.flags = without(found->rule.flags, line.rule.flags);
        break;
      case Restrict::Action::remove_rule:
        found.reset();
        break;
    }
  }
  return found;
}

/// The rules while lines are applied to them.
class Rules {
 public:
  Rules() {
    for (const Family family : {Family::ipv4, Family::ipv6})
      for (const AccessRule& rule : built_in_rules(family)) built_in_.emplace(key_of(rule), Entry{.rule = rule});
    rules_ = built_in_;
  }

  void apply(const Restrict& line, const AccessRule& rule) {
    const Key key = key_of(rule);
    const auto found = rules_.find(key);
    switch (line.action) {
      case Restrict::Action::add: {
        if (found != rules_.end() && found->second.is_written) {
          found->second.rule.flags = found->second.rule.flags | rule.flags;
        } else {
          rules_.insert_or_assign(key, Entry{.rule = rule, .is_written = true});
        }
        AccessRule& kept = rules_.at(key).rule;
        if (line.peer_limit) kept.peer_limit = *line.peer_limit;
        break;
      }
      case Restrict::Action::remove_flags:
        if (found != rules_.end()) found->second.rule.flags = without(found->second.rule.flags, rule.flags);
        break;
      case Restrict::Action::remove_rule:
        if (found == rules_.end() || !found->second.is_written) break;
        rules_.erase(found);
        if (const auto known = built_in_.find(key); known != built_in_.end()) rules_.insert(*known);
        break;
    }
  }

  void add_source(const Restrict& wanted, const Address& source) {
    AccessRule rule = rule_for(source, wanted.rule);
    rule.is_of_source = true;
    if (wanted.peer_limit) rule.peer_limit = *wanted.peer_limit;
    rules_.try_emplace(key_of(rule), Entry{.rule = rule, .is_written = true});
  }

  /// The built-in default as unrestrict has left it; nothing where a line says another.
  [[nodiscard]] std::optional<AccessRule> built_in_default(Family family) const {
    const Entry& entry = rules_.at(key_of(built_in_rules(family)[0]));
    return entry.is_written ? std::nullopt : std::optional(entry.rule);
  }
  /// The flags that a line has written for everybody; nothing where none has.
  [[nodiscard]] std::optional<Access> written_default(Family family) const {
    const Entry& entry = rules_.at(key_of(built_in_rules(family)[0]));
    return entry.is_written ? std::optional(entry.rule.flags) : std::nullopt;
  }
  [[nodiscard]] bool is_loopback_built_in(Family family) const {
    return !rules_.at(key_of(built_in_rules(family)[1])).is_written;
  }

  [[nodiscard]] std::vector<AccessRule> take() && {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      // Whoever writes a default writes all of it: this host is no exception then.
      const auto loopback = rules_.find(key_of(built_in_rules(family)[1]));
      if (!built_in_default(family) && !loopback->second.is_written) rules_.erase(loopback);
    }
    std::vector<AccessRule> out;
    out.reserve(rules_.size());
    for (const auto& [key, entry] : rules_) out.push_back(entry.rule);
    return out;
  }

 private:
  /// Equal for lines about the same rule.
  using Key = std::tuple<Address, Address, bool>;
  struct Entry {
    AccessRule rule;
    bool is_written = false;  ///< by a line; else it is built in
  };

  static Key key_of(const AccessRule& rule) { return {rule.address, rule.mask, rule.only_from_ntp_port}; }

  std::map<Key, Entry> built_in_;
  std::map<Key, Entry> rules_;
};

void apply_to_host(Rules& rules, const Restrict& line, const HostAddresses& hosts) {
  const auto known = hosts.find({line.host, line.family});
  if (known == hosts.end()) return;
  for (const Address& address : known->second)
    if (!line.family || address.family() == *line.family) rules.apply(line, rule_for(address, line.rule));
}

Rules rules_of(std::span<const Restrict> lines, const HostAddresses& hosts) {
  Rules rules;
  for (const Restrict& line : lines) {
    if (line.is_source) continue;
    if (line.host.empty()) {
      rules.apply(line, line.rule);
    } else {
      apply_to_host(rules, line, hosts);
    }
  }
  return rules;
}

}  // namespace

std::vector<AccessRule> access_rules(std::span<const Restrict> lines, const HostAddresses& hosts,
                                     std::span<const Address> sources) {
  Rules rules = rules_of(lines, hosts);
  if (const auto wanted = source_template(lines))
    for (const Address& source : sources)
      if (!source.is_multicast() && !source.is_refclock() && !source.is_unspecified())
        rules.add_source(*wanted, source);
  return std::move(rules).take();
}

std::optional<std::string> built_in_notice(std::span<const Restrict> lines) {
  const Rules rules = rules_of(lines, {});
  std::vector<Restrict> in_force;
  bool is_host_free = true;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const auto rule = rules.built_in_default(family);
    if (!rule || rule->flags == Access::none) continue;
    in_force.push_back({.rule = *rule});
    is_host_free = is_host_free && rules.is_loopback_built_in(family);
  }
  if (in_force.empty()) return std::nullopt;
  const bool is_of_one = in_force.size() == 1;
  const char* const family = !is_of_one ? "" : in_force[0].rule.address.is_v4() ? "-4 " : "-6 ";
  std::string as_if = config::restrict_lines(in_force);
  as_if.pop_back();
  if (const std::size_t end = as_if.find('\n'); end != std::string::npos) as_if.replace(end, 1, "\" and \"");
  return fmt::format(
      "no restrict {0}default line: the built-in one holds, as if there were \"{1}\"{2}; the line \"restrict "
      "{0}default\" opens everything",
      family, as_if, is_host_free ? ", with everything allowed from this host" : "");
}

std::optional<std::string> open_notice(std::span<const Restrict> lines) {
  const Rules rules = rules_of(lines, {});
  const bool is_open = std::ranges::any_of(std::array{Family::ipv4, Family::ipv6}, [&](Family family) {
    const auto flags = rules.written_default(family);
    return flags && !has(*flags, Access::noquery) && !has(*flags, Access::ignore);
  });
  if (!is_open) return std::nullopt;
  return "restrict default leaves queries open: anybody may ask for version, sources and state of this host (a "
         "stranger's "
         "answer is no longer than the question); the word noquery on that line closes them, with the lines \"restrict "
         "127.0.0.1\" and \"restrict ::1\" for this host's own tools";
}

bool has_source_rule(std::span<const Restrict> lines) { return source_template(lines).has_value(); }

}  // namespace ntp::daemon
