// SPDX-License-Identifier: BSD-2-Clause
//
// mrulist: the clients of a server, the last first.
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "client/variables.h"
#include "tools/ntpq/client_list.h"
#include "tools/ntpq/commands.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/numbers.h"

namespace ntp::ntpq {
namespace {

using client::printable;

// The reference implementation's bits of a restriction.
constexpr unsigned kLimited = 0x20;
constexpr unsigned kKod = 0x400;

struct Wanted {
  std::string order = "lstint";
  ClientListOptions list;
};

std::unexpected<Failure> wrong(const std::string& word, const char* expected) {
  return failure(fmt::format("***mrulist: `{}': expected {}", printable(word), expected));
}

std::expected<Wanted, Failure> wanted_of(const Words& words) {
  Wanted wanted;
  unsigned any_of = 0;
  for (const std::string& word : words) {
    if (word == "limited" || word == "kod") {
      any_of |= word == "kod" ? kKod : kLimited;
      continue;
    }
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return wrong(word, "limited, kod, or a tag and a value, as in mincount=2");
    const std::string tag = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (tag == "sort") {
      std::vector<ListedClient> nobody;
      if (!sort_clients(nobody, value))
        return wrong(word, "sort=lstint, avgint, addr or count, or one of them after a '-'");
      wanted.order = value;
    } else if (tag == "laddr") {
      if (!parse_place(value)) return wrong(word, "an address");
      wanted.list.filters += ", laddr=" + value;
    } else {
      const auto number = parse_unsigned(value);
      if (!number || *number > 0xffffffffU) return wrong(word, "a number, decimal or with 0x");
      if (tag == "limit")
        wanted.list.rows = *number;
      else if (tag == "frags" && *number >= 1 && *number <= kMostFragments)
        wanted.list.fragments = *number;
      else if (tag == "mincount" || tag == "maxlstint" || tag == "minlstint" || tag == "resall" || tag == "resany" ||
               tag == "recent")
        wanted.list.filters += fmt::format(", {}={}", tag, value);
      else
        return wrong(word,
                     "sort, limit, frags (1 to 128), mincount, minlstint, maxlstint, recent, resall, resany or laddr");
    }
  }
  if (any_of != 0) wanted.list.filters += fmt::format(", resany=0x{:x}", any_of);
  return wanted;
}

TableRow row_of(const Context& context, const ListedClient& client, Timestamp now) {
  const auto since = std::llround((now - client.last).seconds());
  const auto average = std::llround(average_interval_s(client));
  const char limit = (client.restrictions & kKod) != 0 ? 'K' : (client.restrictions & kLimited) != 0 ? 'L' : '.';
  const std::string remote = client.parsed ? host_text(context, *client.parsed) : printable(client.address);
  TableRow row{.text = fmt::format("{:6} {:6} {:4x} {} {} {} {:6} {:5} {}", since, average, client.restrictions, limit,
                                   client.mode, client.version, client.count, client.port, remote)};
  // Of a hundred thousand rows nobody should pay for what isn't printed.
  if (!context.settings.is_json) return row;
  row.value.add("lstint", std::int64_t{since});
  row.value.add("avgint", std::int64_t{average});
  row.value.add("restrictions", fmt::format("{:x}", client.restrictions));
  row.value.add("mode", int{client.mode});
  row.value.add("version", int{client.version});
  row.value.add("count", static_cast<std::int64_t>(client.count));
  row.value.add("port", int{client.port});
  row.value.add("address", printable(client.address));
  if (remote != client.address) row.value.add("name", remote);
  return row;
}

/// Servers tell their clients to strangers who prove themselves: with a key, where there is one.
ClientList::End fetch(Context& context, ClientList& list) {
  return list.fetch(
      [&](client::ControlRequest request) {
        request.is_proven = context.has_key();
        return context.try_ask(request);
      },
      [&] { return context.is_interrupted(); }, context.world.uptime_s);
}

bool is_refusal(const client::ControlFailure& failure) {
  return failure.fault == client::ControlFault::told && failure.code == wire::ControlError::permission;
}

}  // namespace

Outcome run_mrulist(Context& context, const Words& words) {
  auto wanted = wanted_of(words);
  if (!wanted) return std::unexpected(wanted.error());
  if (!context.host()) return failure("***No host open, use `host'");
  context.world.tell("Ctrl-C will stop MRU retrieval and display partial results.\n");
  ClientList list(wanted->list);
  auto end = fetch(context, list);
  if (end == ClientList::End::failed && is_refusal(list.failure()) && context.settings.key_id && !context.has_key()) {
    if (const auto key = context.need_key(); !key) return std::unexpected(key.error());
    list = ClientList(wanted->list);
    end = fetch(context, list);
  }
  std::string fault;
  if (end == ClientList::End::failed) fault = Context::failure_of(list.failure(), context.host()->name).text;
  if (end == ClientList::End::interrupted) fault = client::to_text({.fault = client::ControlFault::interrupted});
  if (!fault.empty() && list.clients().empty()) return failure(std::move(fault));
  context.world.tell(
      fmt::format("\rRetrieved {} unique MRU entries and {} updates.\n", list.clients().size(), list.updates()));
  if (context.settings.is_raw)
    return VariableList{.raw = printable(list.last_answer(), true), .fault = std::move(fault)};
  std::vector<ListedClient> clients = list.clients();
  static_cast<void>(sort_clients(clients, wanted->order));
  Table table{.head = {"lstint avgint rstr r m v  count rport remote address", std::string(78, '=')},
              .fault = std::move(fault)};
  table.rows.reserve(clients.size());
  for (const ListedClient& client : clients) table.rows.push_back(row_of(context, client, list.now()));
  return table;
}

}  // namespace ntp::ntpq
