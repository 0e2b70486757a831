// SPDX-License-Identifier: BSD-2-Clause
//
// Restrictions and traps changed by mode 7: operations 17 to 19, 30 and 31.
#include "control/private_access.h"

#include <fmt/format.h>

#include "control/private_answer.h"

namespace ntp::control {
namespace {

using policy::Access;
using wire::PrivateError;

struct Flag {
  Access access;
  std::uint16_t wire;
  const char* word;
};
constexpr Flag kFlags[] = {
    {Access::ignore, wire::kRestrictIgnore, "ignore"},
    {Access::noserve, wire::kRestrictNoServe, "noserve"},
    {Access::notrust, wire::kRestrictNoTrust, "notrust"},
    {Access::version, wire::kRestrictVersion, "version"},
    {Access::nopeer, wire::kRestrictNoPeer, "nopeer"},
    {Access::noepeer, wire::kRestrictNoEphemeralPeer, "noepeer"},
    {Access::limited, wire::kRestrictLimited, "limited"},
    {Access::noquery, wire::kRestrictNoQuery, "noquery"},
    {Access::nomodify, wire::kRestrictNoModify, "nomodify"},
    {Access::notrap, wire::kRestrictNoTrap, "notrap"},
    {Access::lowpriotrap, wire::kRestrictLowPriorityTrap, "lowpriotrap"},
    {Access::kod, wire::kRestrictKod, "kod"},
    {Access::mssntp, wire::kRestrictMsSntp, "mssntp"},
    {Access::flake, wire::kRestrictFlake, "flake"},
    {Access::nomrulist, wire::kRestrictNoMruList, "nomrulist"},
};

/// One line for each item: `verb` ADDRESS mask MASK, ntpport and flags where they count.
enum class Flags : std::uint8_t { are_used, are_ignored };
PrivateError change(PrivateCall& call, const char* verb, Flags use) {
  std::string text;
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const auto item = wire::decode_item<wire::RestrictChangeItem>(call.item(i));
    const auto words = words_of(use == Flags::are_used ? item.flags : std::uint16_t{0});
    // What the reference implementation keeps for its own addresses can't be changed.
    if (!words || (item.match_flags & ~wire::kMatchNtpPort) != 0) return PrivateError::format;
    text += fmt::format("{} {} mask {}{}{}\n", verb, item.address.text(), item.mask.text(),
                        (item.match_flags & wire::kMatchNtpPort) != 0 ? " ntpport" : "", *words);
  }
  call.world.commands.configure(text, {.remote = call.query.remote, .is_this_host = call.query.is_this_host});
  return call.world.commands.did_configure() ? PrivateError::none : PrivateError::no_data;
}

Endpoint trap_end(const wire::TrapChangeItem& item) {
  return {item.remote, item.port != 0 ? item.port : std::uint16_t{18447}};
}

/// One host's, as far as an address tells.
bool is_of_one_host(const Address& address) {
  return !address.is_unspecified() && !address.is_multicast() && address != Address::v4(0xffffffff);
}

}  // namespace

std::uint16_t wire_flags(Access flags) {
  unsigned out = 0;
  for (const Flag& flag : kFlags)
    if (has(flags, flag.access)) out |= flag.wire;
  return static_cast<std::uint16_t>(out);
}

std::optional<std::string> words_of(std::uint16_t wire_flags) {
  std::string out;
  unsigned left = wire_flags;
  for (const Flag& flag : kFlags) {
    if ((left & flag.wire) == 0) continue;
    left &= ~unsigned{flag.wire};
    out += fmt::format(" {}", flag.word);
  }
  if (left != 0) return std::nullopt;
  return out;
}

PrivateError add_restriction(PrivateCall& call) { return change(call, "restrict", Flags::are_used); }

PrivateError subtract_restriction(PrivateCall& call) {
  // Without a flag the line would go as a whole, which is another operation.
  for (std::size_t i = 0; i < call.item_count(); ++i)
    if (wire::decode_item<wire::RestrictChangeItem>(call.item(i)).flags == 0) return PrivateError::format;
  return change(call, "unrestrict", Flags::are_used);
}

PrivateError delete_restriction(PrivateCall& call) { return change(call, "delrestrict", Flags::are_ignored); }

PrivateError add_trap(PrivateCall& call) {
  if (has(call.query.access, Access::notrap)) return PrivateError::authentication;
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const Endpoint to = trap_end(wire::decode_item<wire::TrapChangeItem>(call.item(i)));
    if (!is_of_one_host(to.address)) return PrivateError::format;
    if (!call.world.state.set_trap(to, call.now.mono)) return PrivateError::no_data;
  }
  return PrivateError::none;
}

PrivateError clear_trap(PrivateCall& call) {
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const Endpoint to = trap_end(wire::decode_item<wire::TrapChangeItem>(call.item(i)));
    if (!call.world.state.clear_trap(to, call.now.mono)) return PrivateError::no_data;
  }
  return PrivateError::none;
}

}  // namespace ntp::control
