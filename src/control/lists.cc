// SPDX-License-Identifier: BSD-2-Clause
#include "control/lists.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace ntp::control {
namespace {

using policy::Access;

constexpr std::string_view kInterfaces = "ifstats";
constexpr std::string_view kRestrictions = "addr_restrictions";

/// What is written where a flag is set, and where it is not.
struct FlagWords {
  Access flag;
  std::string_view set;
  std::string_view clear;
};
constexpr FlagWords kFlagWords[] = {
    {Access::ignore, "ignore", ""},           {Access::noserve, "noserve", "serve"},
    {Access::notrust, "notrust", "trust"},    {Access::version, "version", ""},
    {Access::nopeer, "nopeer", "peer"},       {Access::noepeer, "noepeer", "epeer"},
    {Access::limited, "limited", ""},         {Access::noquery, "noquery", "query"},
    {Access::nomodify, "nomodify", ""},       {Access::notrap, "notrap", "trap"},
    {Access::lowpriotrap, "lowpriotrap", ""}, {Access::kod, "kod", ""},
    {Access::mssntp, "mssntp", ""},           {Access::flake, "flake", ""},
    {Access::nomrulist, "nomrulist", ""},     {Access::amplify, "amplify", ""},
    {Access::replayable, "replayable", ""},
};

/// Writes items named TAG.NUMBER.
class Row {
 public:
  Row(AnswerText& out, std::size_t number) : out_(out), number_(number) {}

  void word(std::string_view tag, std::string_view value) { out_.word(name(tag), value); }
  void quoted(std::string_view tag, std::string_view value) { out_.quoted(name(tag), value); }
  void number(std::string_view tag, std::uint64_t value) { word(tag, fmt::format_int(value).c_str()); }

 private:
  std::string_view name(std::string_view tag) {
    name_.clear();
    fmt::format_to(fmt::appender(name_), "{}.{}", tag, number_);
    return {name_.data(), name_.size()};
  }

  AnswerText& out_;
  std::size_t number_;
  fmt::memory_buffer name_;
};

std::uint64_t whole_seconds(double seconds) {
  return seconds > 0 ? static_cast<std::uint64_t>(std::lround(seconds)) : 0;
}

void put_interface(const state::InterfaceView& each, Row row) {
  const bool tells_broadcast = (each.flags & state::kInterfaceBroadcastOpen) != 0;
  row.word("addr", each.address.text());
  row.word("bcast", tells_broadcast ? Endpoint{.address = each.broadcast, .port = each.address.port}.text() : "");
  row.number("en", each.is_enabled ? 1 : 0);
  row.quoted("name", each.name);
  row.word("flags", fmt::format("0x{:x}", each.flags));
  row.number("tl", each.last_ttl);
  row.number("mc", each.multicast_count);
  row.number("rx", each.received);
  row.number("tx", each.sent);
  row.number("txerr", each.send_failed);
  row.number("pc", each.peer_count);
  row.number("up", whole_seconds(each.since_open_s));
}

void put_interfaces(Facts& facts, AnswerText& out) {
  for (const state::InterfaceView& each : facts.interfaces()) {
    if (out.is_full()) return;
    put_interface(each, Row(out, each.number));
  }
}

void put_restrictions(Facts& facts, AnswerText& out) {
  const auto& rules = facts.policy().access.rules();
  const auto interfaces = facts.interfaces();
  for (std::size_t i = 0; i < rules.size() && !out.is_full(); ++i) {
    Row row(out, i);
    row.word("addr", rules[i].address.text());
    row.word("mask", rules[i].mask.text());
    row.number("hits", facts.rule_hits(i));
    row.word("flags", access_text(rules[i], interfaces));
  }
}

std::string_view trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(std::string_view(" \0\r\n", 4));
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

std::string access_text(const policy::AccessRule& rule, std::span<const state::InterfaceView> interfaces) {
  std::string text;
  const auto append = [&](std::string_view word) {
    if (word.empty()) return;
    if (!text.empty()) text += ' ';
    text += word;
  };
  if (rule.only_from_ntp_port) append("ntpport");
  const bool is_own = std::any_of(interfaces.begin(), interfaces.end(), [&](const state::InterfaceView& each) {
    return each.address.address.octets() == rule.address.octets();
  });
  if (rule.only_from_ntp_port && is_own && has(rule.flags, Access::ignore)) append("interface");
  for (const FlagWords& words : kFlagWords) append(has(rule.flags, words.flag) ? words.set : words.clear);
  return text;
}

void answer_ordered_list(std::string_view data, Facts& facts, Answer& out) {
  const std::string_view list = trimmed(data);
  if (list.empty() || list == kInterfaces)
    put_interfaces(facts, out.text);
  else if (list == kRestrictions)
    put_restrictions(facts, out.text);
  else
    out.refuse(wire::ControlError::unknown_variable);
}

}  // namespace ntp::control
