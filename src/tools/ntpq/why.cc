// SPDX-License-Identifier: BSD-2-Clause
//
// why: what a server says of itself in words. Of one that has no words for it, its status and flash words are explained.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/ntpq/commands.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/numbers.h"
#include "tools/ntpq/status_text.h"

namespace ntp::ntpq {
namespace {

using client::printable;

struct Explained {
  unsigned bit;
  const char* text;
};
/// The first that applies is the deepest reason.
constexpr std::array kFlashes = {
    Explained{0x1000, "it doesn't answer"},
    Explained{0x0008, "it denies us access"},
    Explained{0x0010, "its answers don't prove themselves with the right key"},
    Explained{0x0080, "Autokey didn't come to terms with it"},
    Explained{0x0100, "Autokey didn't come to terms with it"},
    Explained{0x0800, "it follows us, or what we follow: a loop"},
    Explained{0x0004, "it says itself that it is not synchronised"},
    Explained{0x0020, "its stratum is out of range"},
    Explained{0x0200, "its stratum is too high, or it is not synchronised"},
    Explained{0x0040, "its headers make no sense"},
    Explained{0x0400, "its root distance is too large"},
    Explained{0x0002, "its answers don't belong to our requests"},
    Explained{0x0001, "its answers come twice"},
};

constexpr std::array kSelections = {
    "not used",
    "falseticker: its time misses that of the majority",
    "not used: there are more good ones than are needed",
    "outlier: it is right, but others agree more closely",
    "used: combined with the system peer",
    "spare: good, but others are enough",
    "system peer: the clock follows it",
    "system peer: its pulse is what the clock follows",
};

std::string explained(const std::vector<client::Variable>& variables, std::uint16_t status) {
  const auto flash = parse_unsigned(client::find_value(variables, "flash").value_or("")).value_or(0);
  std::string out = kSelections[selection_of(status)];
  if (selection_of(status) != 0) return out;
  if ((status & kPeerReachable) == 0) return out + ": it doesn't answer";
  for (const Explained& explanation : kFlashes)
    if ((flash & explanation.bit) != 0) return out + ": " + explanation.text;
  return out + ": too few of its answers are in yet, or others are enough";
}

std::string system_explained(std::uint16_t status) {
  const auto words = status_words({.status = status});
  const bool is_synchronized = (status >> 14U) != 3;
  return fmt::format("{} ({}); last event: {}", is_synchronized ? "in sync" : "not in sync", words[1], words[3]);
}

/// A variable in the server's own words; nothing if it doesn't know it.
std::expected<std::optional<std::string>, Failure> own_words(Context& context, std::uint16_t id, const char* name) {
  const auto answer = context.try_ask({.association_id = id, .data = name});
  if (answer) return client::find_value(client::parse_variables(answer->data), name);
  const bool is_unknown =
      answer.error().fault == client::ControlFault::told && answer.error().code == wire::ControlError::unknown_variable;
  if (is_unknown) return std::optional<std::string>();
  return std::unexpected(Context::failure_of(answer.error(), context.host()->name));
}

TableRow row_of(std::string head, std::uint16_t id, std::string_view subject, const std::string& words) {
  TableRow row{.text = std::move(head) + ": " + words};
  row.value.add("associd", int{id});
  row.value.add("subject", subject);
  row.value.add("why", words);
  return row;
}

std::expected<TableRow, Failure> clock_row(Context& context) {
  const auto own = own_words(context, 0, "why");
  if (!own) return std::unexpected(own.error());
  if (*own) return row_of("clock", 0, "clock", printable(**own));
  const auto answer = context.ask({.data = "leap"});
  if (!answer) return std::unexpected(answer.error());
  return row_of("clock", 0, "clock", system_explained(answer->header.status));
}

std::expected<TableRow, Failure> source_row(Context& context, std::uint16_t id) {
  const auto answer = context.ask({.association_id = id});
  if (!answer) return std::unexpected(answer.error());
  const auto variables = client::parse_variables(answer->data);
  const std::string place = client::find_value(variables, "srcadr").value_or("");
  const auto address = Address::parse(place);
  const std::string name = address ? host_text(context, *address) : printable(place);
  const auto own = own_words(context, id, "why");
  if (!own) return std::unexpected(own.error());
  const std::string words = *own ? printable(**own) : explained(variables, answer->header.status);
  return row_of(tally_of(answer->header.status) + name, id, name, words);
}

/// "TIME ASSOCIATION TEXT", with " | " between.
std::vector<TableRow> change_rows(const std::string& changes) {
  constexpr std::string_view kBetween = " | ";
  std::vector<TableRow> out;
  std::string_view rest = changes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(kBetween), rest.size());
    const std::string line = printable(rest.substr(0, end));
    rest.remove_prefix(std::min(end + kBetween.size(), rest.size()));
    TableRow row{.text = "  " + line};
    row.value.add("change", line);
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

Outcome run_why(Context& context, const Words& words) {
  Table table;
  if (!words.empty()) {
    const auto id = context.association_of(words[0]);
    if (!id) return std::unexpected(id.error());
    auto row = *id == 0 ? clock_row(context) : source_row(context, *id);
    if (!row) return std::unexpected(row.error());
    table.rows.push_back(*std::move(row));
    return table;
  }
  auto clock = clock_row(context);
  if (!clock) return std::unexpected(clock.error());
  table.rows.push_back(*std::move(clock));
  const auto associations = context.associations(true);
  if (!associations) return std::unexpected(associations.error());
  for (const Association& association : *associations) {
    auto row = source_row(context, association.id);
    if (!row) return std::unexpected(row.error());
    table.rows.push_back(*std::move(row));
  }
  const auto changes = own_words(context, 0, "changes");
  if (changes && *changes && !(*changes)->empty()) {
    std::vector<TableRow> rows = change_rows(**changes);
    rows.front().text.insert(0, "last changes:\n");
    std::ranges::move(rows, std::back_inserter(table.rows));
  }
  return table;
}

}  // namespace ntp::ntpq
