// SPDX-License-Identifier: BSD-2-Clause
//
// ifstats and reslist: the server's addresses, and its access rules. Both need a key.
#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/ntpq/commands.h"
#include "tools/ntpq/numbers.h"
#include "tools/ntpq/rows.h"

namespace ntp::ntpq {
namespace {

using client::printable;

using Row = std::vector<client::Variable>;

std::string text_of(const Row& row, std::string_view name) {
  return printable(client::find_value(row, name).value_or(""));
}
std::int64_t number_of(const Row& row, std::string_view name) { return parse_integer(text_of(row, name)).value_or(0); }

std::expected<std::map<std::size_t, Row>, Failure> ask(Context& context, const char* list) {
  const auto answer = context.ask_proven({.opcode = wire::ControlOpcode::read_ordered_list, .data = list});
  if (!answer) return std::unexpected(answer.error());
  return numbered_rows(client::parse_variables(answer->data)).rows;
}

TableRow interface_row(std::size_t index, const Row& row) {
  const bool is_enabled = number_of(row, "en") != 0;
  const std::uint64_t flags = parse_unsigned(text_of(row, "flags")).value_or(0);
  TableRow out;
  out.text = fmt::format("{:3} {} {} {:4x} {:3} {:2} {:6} {:6} {:6} {:5} {:8}\n    {}", index,
                         left(text_of(row, "name"), 24), is_enabled ? '.' : 'D', flags, number_of(row, "tl"),
                         number_of(row, "mc"), number_of(row, "rx"), number_of(row, "tx"), number_of(row, "txerr"),
                         number_of(row, "pc"), number_of(row, "up"), text_of(row, "addr"));
  const std::string broadcast = text_of(row, "bcast");
  if (!broadcast.empty()) out.text += "\n    " + broadcast;
  out.value.add("index", index);
  out.value.add("name", text_of(row, "name"));
  out.value.add("address", text_of(row, "addr"));
  out.value.add("broadcast", broadcast);
  out.value.add("enabled", is_enabled);
  out.value.add("flags", fmt::format("{:x}", flags));
  constexpr std::pair<const char*, const char*> kNumbers[] = {
      {"ttl", "tl"},   {"multicasts", "mc"}, {"received", "rx"}, {"sent", "tx"}, {"send_failed", "txerr"},
      {"peers", "pc"}, {"uptime_s", "up"}};
  for (const auto& [member, name] : kNumbers) out.value.add(member, number_of(row, name));
  return out;
}

/// The prefix length of a mask of either family; nothing if its ones aren't in front, or it is none.
std::optional<unsigned> prefix_length(const Address& mask) {
  unsigned length = 0;
  bool has_ended = false;
  for (std::size_t i = 0; i < mask.length(); ++i) {
    const std::uint8_t octet = mask.octets()[i];
    const auto ones = static_cast<unsigned>(std::countl_one(octet));
    if ((has_ended && octet != 0) || std::popcount(octet) != static_cast<int>(ones)) return std::nullopt;
    has_ended = has_ended || ones < 8;
    length += ones;
  }
  return length;
}

std::string rule_text(const std::string& address, const std::string& mask) {
  const auto parsed = Address::parse(mask);
  const auto length = parsed ? prefix_length(*parsed) : std::nullopt;
  return length ? fmt::format("{}/{}", address, *length) : address + " " + mask;
}

TableRow rule_row(const Row& row) {
  const std::string rule = rule_text(text_of(row, "addr"), text_of(row, "mask"));
  const std::string flags = text_of(row, "flags");
  TableRow out{.text = fmt::format("{:>10} {}\n           {}", number_of(row, "hits"), rule, flags)};
  client::Json::Array words;
  for (std::size_t at = 0; at < flags.size();) {
    const std::size_t end = std::min(flags.find(' ', at), flags.size());
    if (end > at) words.emplace_back(std::string_view(flags).substr(at, end - at));
    at = end + 1;
  }
  out.value.add("hits", number_of(row, "hits"));
  out.value.add("prefix", rule);
  out.value.add("address", text_of(row, "addr"));
  out.value.add("mask", text_of(row, "mask"));
  out.value.add("flags", std::move(words));
  return out;
}

}  // namespace

Outcome run_ifstats(Context& context, const Words&) {
  auto rows = ask(context, "ifstats");
  if (!rows) return std::unexpected(rows.error());
  Table table{.head = {"    interface name                                        send",
                       " #  address/broadcast     drop flag ttl mc received sent failed peers   uptime",
                       std::string(78, '=')}};
  for (const auto& [index, row] : *rows) table.rows.push_back(interface_row(index, row));
  return table;
}

Outcome run_reslist(Context& context, const Words&) {
  const auto rows = ask(context, "addr_restrictions");
  if (!rows) return std::unexpected(rows.error());
  Table table{.head = {"   hits    addr/prefix or addr mask", "           restrictions", std::string(78, '=')}};
  for (const auto& [index, row] : *rows) table.rows.push_back(rule_row(row));
  return table;
}

}  // namespace ntp::ntpq
