// SPDX-License-Identifier: BSD-2-Clause
//
// Lists: reslist, monlist, ifstats, ifreload, traps.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/variables.h"
#include "tools/ntpdc/commands.h"
#include "tools/ntpdc/words.h"

namespace ntp::tools::ntpdc {
namespace {

using wire::PrivateCode;

std::string rule(std::size_t length) { return std::string(length, '=') + "\n"; }

char action_mark(std::uint8_t action) {
  switch (static_cast<wire::InterfaceAction>(action)) {
    case wire::InterfaceAction::exists:
      return '.';
    case wire::InterfaceAction::created:
      return '+';
    case wire::InterfaceAction::removed:
      return '-';
  }
  return '?';
}

std::string text_of(const wire::InterfaceItem& each) {
  constexpr std::uint32_t kHearsBroadcasts = 0x20;
  std::string text =
      fmt::format("{:>2} {} {:>48} A {} {:>12.12} {:03x} {:>3} {:>2} {:>5} {:>5} {:>5} {:>2} {:>3} {:>7}\n",
                  each.number, action_mark(each.action), each.address.text(), each.is_ignored ? 'D' : 'E',
                  client::printable(each.name), each.flags, each.last_ttl, each.multicast_count, each.received,
                  each.sent, each.send_failed, each.scope, each.peer_count, each.uptime_s);
  text += fmt::format("     {:>48} M\n", each.mask.text());
  if ((each.flags & kHearsBroadcasts) != 0) text += fmt::format("     {:>48} B\n", each.broadcast.text());
  return text;
}

void show_interfaces(Console& console, PrivateCode code) {
  auto request = client::make_private_request<wire::WordItem>(code, {});
  request.may_ask_again = false;  // old servers have none of this
  const auto interfaces = console.items<wire::InterfaceItem>(request);
  if (!interfaces) return;
  std::string text =
      " # A                           Address/Mask/Broadcast T E      IF name Flg  TL #M  recv  sent  drop  S  PC  "
      "uptime\n" +
      rule(114);
  for (const wire::InterfaceItem& each : *interfaces) text += text_of(each);
  console.print(text);
}

const std::string kClientHeading =
    "remote address          port local address      count m ver rstr avgint  lstint\n" + rule(79);

template <class Item>
std::string client_text(const Console& console, const Item& client, const std::string& local) {
  return fmt::format("{:<22.22} {:>5} {:<15.15} {:>8} {} {} {:>6x} {:>6} {:>7}\n", console.name_of(client.remote),
                     client.port, local, client.count, client.mode, client.version, client.restrictions,
                     client.average_interval_s, client.since_last_s);
}

std::string text_of(const Console& console, const wire::TrapItem& trap) {
  const bool is_configured = (trap.flags & wire::kTrapConfigured) != 0;
  const bool is_low = (trap.flags & wire::kTrapLowPriority) != 0;
  std::string text = fmt::format("address {}, port {}\n", console.name_of(trap.remote), trap.port);
  text += fmt::format("interface: {}, {}\n", trap.local.is_unspecified() ? "wildcard" : trap.local.text(),
                      is_configured ? "configured"
                      : is_low      ? "low priority"
                                    : "normal priority");
  text += fmt::format("set for {} secs, last set {} secs ago\n", trap.since_first_set_s, trap.since_set_s);
  return text + fmt::format("sequence {}, number of resets {}\n", trap.sequence, trap.resets);
}

}  // namespace

void run_reslist(Console& console, const Words&) {
  const auto rules = console.items<wire::RestrictItem>(PrivateCode::restrict_list);
  if (!rules) return;
  std::string text = "   address          mask            count        flags\n" + rule(69);
  for (const wire::RestrictItem& each : *rules)
    text += fmt::format("{:<15.15} {:<15.15} {:>9}  {}\n", each.address.text(), each.mask.text(), each.count,
                        restriction_words(each.match_flags, each.flags));
  console.print(text);
}

void run_monlist(Console& console, const Words& words) {
  if (!words.empty() && words[0] != "0" && words[0] != "1") return console.explain_use("monlist [0|1]");
  std::string text = kClientHeading;
  if (!words.empty() && words[0] == "0") {
    const auto clients = console.items<wire::OldClientItem>(PrivateCode::client_list_old);
    if (!clients) return;
    for (const wire::OldClientItem& client : *clients) text += client_text(console, client, "");
  } else {
    const auto clients = console.items<wire::ClientItem>(PrivateCode::client_list);
    if (!clients) return;
    for (const wire::ClientItem& client : *clients) text += client_text(console, client, client.local.text());
  }
  console.print(text);
}

void run_ifstats(Console& console, const Words&) { show_interfaces(console, PrivateCode::interface_stats); }
void run_ifreload(Console& console, const Words&) { show_interfaces(console, PrivateCode::interface_reload); }

void run_traps(Console& console, const Words&) {
  const auto traps = console.items<wire::TrapItem>(PrivateCode::traps);
  if (!traps) return;
  for (std::size_t i = 0; i < traps->size(); ++i) console.print((i == 0 ? "" : "\n") + text_of(console, (*traps)[i]));
}

}  // namespace ntp::tools::ntpdc
