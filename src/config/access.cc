// SPDX-License-Identifier: BSD-2-Clause
//
// restrict, unrestrict and delrestrict.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/handlers.h"
#include "config/hosts.h"

namespace ntp::config {
namespace {

using policy::Access;

/// The token after `mask`, if the line has one.
std::expected<const Token*, Fault> take_mask(Arguments& arguments) {
  if (!arguments.take_word("mask")) return nullptr;
  return arguments.take("a mask after mask");
}

Handled read_mask(Arguments& arguments, const Prefix& prefix, Address& mask) {
  const auto token = take_mask(arguments);
  if (!token) return std::unexpected(token.error());
  if (*token == nullptr) return {};
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

/// A name stands for every address that it has when the daemon asks for them; each gets a rule for itself alone.
Handled read_name(Arguments& arguments, const Token& token, std::optional<Family> family, std::vector<Restrict>& out) {
  if (!is_host_name(token.text) || looks_numeric(token.text)) {
    return std::unexpected(Arguments::wrong(
        token, fmt::format("\"{}\": expected default, source, an address or a host name", quotable(token.text))));
  }
  // "restrict defualt ignore" must not leave the door open while nobody has that name.
  const std::string_view meant = nearest(token.text, kRestrictWords);
  if (token.kind == TokenKind::word && !meant.empty())
    return std::unexpected(Arguments::unknown(token, "target", kRestrictWords));
  const auto mask = take_mask(arguments);
  if (!mask) return std::unexpected(mask.error());
  if (*mask != nullptr)
    arguments.note(Severity::warning, **mask,
                   fmt::format("mask: not used after the name {}: each of its addresses gets a rule for itself alone",
                               token.text));
  out.push_back({.host = std::string(token.text), .family = family});
  return {};
}

Handled read_address(Arguments& arguments, const Token& token, std::optional<Family> family,
                     std::vector<Restrict>& out) {
  // The scope of an address plays no part in access, so that its name need not be resolved.
  Token bare = token;
  if (is_scoped_address(token.text)) bare.text = token.text.substr(0, token.text.find('%'));
  const auto prefix = parse_prefix(bare);
  if (!prefix) return std::unexpected(prefix.error());
  if (family && *family != prefix->address.family()) {
    return std::unexpected(Arguments::wrong(
        token, fmt::format("{}: expected an {} address after {}", quotable(token.text),
                           *family == Family::ipv4 ? "IPv4" : "IPv6", *family == Family::ipv4 ? "-4" : "-6")));
  }
  Address mask = policy::prefix_mask(prefix->address.family(), prefix->length);
  if (auto read = read_mask(arguments, *prefix, mask); !read) return read;
  const Address network = policy::cut_to_mask(prefix->address, mask);
  if (network != prefix->address) {
    arguments.note(Severity::warning, token,
                   fmt::format("{} has bits outside the mask {}: read as {}", prefix->address.text(), mask.text(),
                               network.text()));
  }
  out.push_back({.rule = {.address = network, .mask = mask}});
  return {};
}

bool looks_like_address(std::string_view text) {
  return text.find_first_of(":/%") != std::string_view::npos || Address::parse(text).has_value();
}

/// "default", "source", an address with its mask, or a name; `default` without a family gives two rules.
Handled read_target(Arguments& arguments, std::vector<Restrict>& out) {
  std::optional<Family> family;
  if (arguments.take_word("-4")) {
    family = Family::ipv4;
  } else if (arguments.take_word("-6")) {
    family = Family::ipv6;
  }
  const auto token = arguments.take("default, source, an address or a host name");
  if (!token) return std::unexpected(token.error());
  if ((*token)->is_word("default")) {
    for (const Family each : {Family::ipv4, Family::ipv6}) {
      const Address any = policy::prefix_mask(each, 0);
      if (!family || *family == each) out.push_back({.rule = {.address = any, .mask = any}});
    }
    return {};
  }
  if ((*token)->is_word("source")) {
    if (family) return std::unexpected(Arguments::wrong(**token, "source: expected neither -4 nor -6 before it"));
    out.push_back({.is_source = true});
    return {};
  }
  if (looks_like_address((*token)->text)) return read_address(arguments, **token, family, out);
  return read_name(arguments, **token, family, out);
}

struct Flags {
  Access access = Access::none;
  bool has_words = false;  ///< besides ntpport, which names a rule rather than what it says
  bool only_from_ntp_port = false;
  std::optional<int> peer_limit;
  const Token* kod = nullptr;
  const Token* limit = nullptr;
};

std::expected<Flags, Fault> read_flags(Arguments& arguments) {
  Flags flags;
  while (!arguments.at_end()) {
    const auto option = arguments.take_option(arguments.command().options);
    if (!option) return std::unexpected(option.error());
    const std::string_view name = option->entry->name;
    if (name == "ntpport") {
      flags.only_from_ntp_port = true;
    } else {
      flags.has_words = true;
    }
    if (name == "kod") flags.kod = option->name;
    if (name == "ippeerlimit") {
      flags.peer_limit = option->integer;
      flags.limit = option->name;
    }
    if (name == "epeer") flags.access = without(flags.access, Access::noepeer);
    const auto* known = std::ranges::find(kRestrictFlags, name, &RestrictFlag::name);
    if (known != kRestrictFlags.end()) flags.access = flags.access | known->flag;
  }
  return flags;
}

void append(std::vector<Restrict>& restricts, const Flags& flags, Restrict::Action action, Config& config) {
  for (Restrict& each : restricts) {
    each.action = action;
    each.rule.flags = flags.access;
    each.rule.only_from_ntp_port = flags.only_from_ntp_port;
    each.peer_limit = flags.peer_limit;
    config.restricts.push_back(std::move(each));
  }
}

}  // namespace

Handled handle_restrict(Arguments& arguments, Config& config) {
  std::vector<Restrict> restricts;
  if (auto target = read_target(arguments, restricts); !target) return target;
  const auto flags = read_flags(arguments);
  if (!flags) return std::unexpected(flags.error());
  if (flags->kod != nullptr && !policy::has(flags->access, Access::limited))
    arguments.note(Severity::warning, *flags->kod, "kod does nothing without limited");
  append(restricts, *flags, Restrict::Action::add, config);
  return {};
}

Handled handle_unrestrict(Arguments& arguments, Config& config) {
  std::vector<Restrict> restricts;
  if (auto target = read_target(arguments, restricts); !target) return target;
  const auto flags = read_flags(arguments);
  if (!flags) return std::unexpected(flags.error());
  if (flags->limit != nullptr)
    return std::unexpected(Arguments::wrong(*flags->limit, "unrestrict: expected flags, not a limit"));
  // Words without a flag of their own take none away, and must not take the whole line.
  const bool has_flags = flags->access != Access::none;
  if (has_flags || !flags->has_words)
    append(restricts, *flags, has_flags ? Restrict::Action::remove_flags : Restrict::Action::remove_rule, config);
  return {};
}

Handled handle_delrestrict(Arguments& arguments, Config& config) {
  const Token* start = arguments.peek();
  const bool is_of_source = arguments.take_word("source");
  std::vector<Restrict> restricts;
  if (auto target = read_target(arguments, restricts); !target) return target;
  if (restricts.front().is_source)
    return std::unexpected(
        Arguments::wrong(*start, "delrestrict: expected an address; unrestrict source removes the template"));
  const auto flags = read_flags(arguments);
  if (!flags) return std::unexpected(flags.error());
  if (is_of_source) {
    arguments.note(Severity::warning, *start,
                   "delrestrict source: has no effect in a file: what restrict source adds comes with an association, "
                   "and goes with it");
    return {};
  }
  append(restricts, *flags, Restrict::Action::remove_rule, config);
  return {};
}

}  // namespace ntp::config
