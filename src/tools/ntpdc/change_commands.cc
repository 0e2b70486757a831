// SPDX-License-Identifier: BSD-2-Clause
//
// Commands that change something at the server; all are proven with the request key.
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "client/credentials.h"
#include "client/variables.h"
#include "tools/ntpdc/commands.h"
#include "tools/ntpdc/words.h"

namespace ntp::tools::ntpdc {
namespace {

using wire::PrivateCode;

template <class Number>
std::optional<Number> number(const std::string& text, Number least, Number most) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most))
    return std::nullopt;
  return value;
}

void complain_of(Console& console, const std::string& word, const char* expected) {
  console.complain(fmt::format("***{}: {} expected", client::printable(word), expected));
}

template <class Item>
void order_one(Console& console, PrivateCode code, const Item& item) {
  console.order<Item>(code, std::span(&item, 1));
}

struct Bit {
  std::uint32_t bit;
  std::string_view word;
};

/// The bits of all words; nothing if one of them is unknown, which the user has been told.
template <std::size_t N>
std::optional<std::uint32_t> bits_of(Console& console, const std::array<Bit, N>& known,
                                     std::span<const std::string> words, const char* expected) {
  std::uint32_t bits = 0;
  for (const std::string& word : words) {
    std::uint32_t bit = 0;
    for (const Bit& each : known)
      if (word == each.word) bit = each.bit;
    if (bit == 0) {
      complain_of(console, word, expected);
      return std::nullopt;
    }
    bits |= bit;
  }
  return bits;
}

// ---- associations -------------------------------------------------------------------------------------------------------

constexpr std::array kAssociationWords{Bit{wire::kConfigurePreferred, "prefer"}, Bit{wire::kConfigureBurst, "burst"},
                                       Bit{wire::kConfigureInitialBurst, "iburst"},
                                       Bit{wire::kConfigureNoSelect, "noselect"}};

/// Numbers come in the order key, version, least poll; words may stand anywhere behind the address.
void add_association(Console& console, const Words& words, wire::Mode mode) {
  constexpr std::uint8_t kDefaultVersion = 3;
  constexpr std::uint8_t kDefaultLeastPoll = 6;
  constexpr std::uint8_t kDefaultMostPoll = 10;
  const auto address = console.find_address(words[0]);
  if (!address) return;
  wire::ConfigureItem item{.remote = *address,
                           .mode = static_cast<std::uint8_t>(mode),
                           .version = kDefaultVersion,
                           .min_poll_log2s = kDefaultLeastPoll,
                           .max_poll_log2s = kDefaultMostPoll};
  int numbers = 0;
  for (const std::string& word : std::span(words).subspan(1)) {
    if (const auto value = number<std::uint32_t>(word, 0, 65535)) {
      ++numbers;
      if (numbers == 1) item.key_id = *value;
      if (numbers == 2 && *value >= 1 && *value <= wire::kVersion)
        item.version = static_cast<std::uint8_t>(*value);
      else if (numbers == 3 && *value >= 3 && *value <= 17)
        item.min_poll_log2s = static_cast<std::uint8_t>(*value);
      else if (numbers != 1)
        return complain_of(console, word, numbers == 2 ? "a version from 1 to 4" : "a poll exponent from 3 to 17");
      continue;
    }
    const auto bits = bits_of(console, kAssociationWords, std::span(&word, 1),
                              "a key, a version, a poll exponent, prefer, burst, iburst or noselect");
    if (!bits) return;
    item.flags = static_cast<std::uint8_t>(item.flags | *bits);
  }
  item.max_poll_log2s = std::max(item.max_poll_log2s, item.min_poll_log2s);
  order_one(console, PrivateCode::configure, item);
}

std::optional<std::vector<wire::UnconfigureItem>> addresses_of(Console& console, const Words& words) {
  std::vector<wire::UnconfigureItem> items;
  for (const std::string& word : words) {
    const auto address = console.find_address(word);
    if (!address) return std::nullopt;
    items.push_back({*address});
  }
  return items;
}

// ---- switches and counters ----------------------------------------------------------------------------------------------

constexpr std::array kSwitches{
    Bit{wire::kSwitchAuthentication, "auth"},
    Bit{wire::kSwitchBroadcastClient, "bclient"},
    Bit{wire::kSwitchCalibrate, "calibrate"},
    Bit{wire::kSwitchKernel, "kernel"},
    Bit{wire::kSwitchMonitor, "monitor"},
    Bit{wire::kSwitchNtp, "ntp"},
    Bit{wire::kSwitchPps, "pps"},
    Bit{wire::kSwitchStatistics, "stats"},
};
constexpr std::array kCounters{
    Bit{wire::kResetPeers, "allpeers"}, Bit{wire::kResetAuthentication, "auth"}, Bit{wire::kResetControl, "ctl"},
    Bit{wire::kResetIo, "io"},          Bit{wire::kResetMemory, "mem"},          Bit{wire::kResetSystem, "sys"},
    Bit{wire::kResetTimer, "timer"},
};

void order_switches(Console& console, const Words& words, PrivateCode code) {
  const auto bits = bits_of(console, kSwitches, words, "auth, bclient, calibrate, kernel, monitor, ntp, pps or stats");
  if (bits) order_one(console, code, wire::WordItem{*bits});
}

// ---- restrictions -------------------------------------------------------------------------------------------------------

void order_restriction(Console& console, const Words& words, PrivateCode code) {
  const auto address = console.find_address(words[0]);
  if (!address) return;
  const auto mask = Address::parse(words[1]);
  if (!mask || mask->family() != address->family())
    return complain_of(console, words[1], "a mask of the address's family");
  wire::RestrictChangeItem item{.address = *address, .mask = *mask};
  for (const std::string& word : std::span(words).subspan(2)) {
    if (word == "ntpport") {
      item.match_flags = wire::kMatchNtpPort;
      continue;
    }
    const auto bit = restriction_bit(word);
    if (!bit) return complain_of(console, word, "a flag of restrict lines");
    item.flags = static_cast<std::uint16_t>(item.flags | *bit);
  }
  order_one(console, code, item);
}

// ---- keys ---------------------------------------------------------------------------------------------------------------

/// In this machine's order of octets, as the reference implementation's servers read it.
wire::KeyItem trust_item(std::uint32_t id) {
  return {.network_order = std::endian::native == std::endian::little ? std::byteswap(id) : id};
}

void order_trust(Console& console, const Words& words, PrivateCode code) {
  std::vector<wire::KeyItem> items;
  for (const std::string& word : words) {
    const auto id = client::parse_key_id(word);
    if (!id) return console.complain("***" + id.error());
    items.push_back(trust_item(*id));
  }
  console.order<wire::KeyItem>(code, items);
}

/// Servers differ in how long the number is that they want, none says so, and none is asked twice: this is what 64-bit
/// machines want.
void order_key(Console& console, const Words& words, PrivateCode code) {
  const auto id = client::parse_key_id(words[0]);
  if (!id) return console.complain("***" + id.error());
  const wire::KeyItem item{.network_order = *id};
  auto request = client::make_private_request<wire::KeyItem>(code, std::span(&item, 1));
  request.may_ask_again = false;
  if (console.ask(request)) console.print("done!\n");
}

// ---- traps and clocks ---------------------------------------------------------------------------------------------------

void order_trap(Console& console, const Words& words, PrivateCode code) {
  constexpr std::uint16_t kTrapPort = 18447;
  const auto address = console.find_address(words[0]);
  if (!address) return;
  wire::TrapChangeItem item{.remote = *address, .port = kTrapPort};
  if (!address->is_v4()) item.local = Address::v6({});
  if (words.size() > 1) {
    const auto port = number<std::uint16_t>(words[1], 1, 65535);
    if (!port) return complain_of(console, words[1], "a port from 1 to 65535");
    item.port = *port;
  }
  if (words.size() > 2) {
    const auto local = console.find_address(words[2]);
    if (!local) return;
    item.local = *local;
  }
  order_one(console, code, item);
}

/// One adjustment; nothing if it makes no sense, which the user has been told.
std::optional<wire::FudgeItem> fudge_item(Console& console, const Address& clock, const std::string& what,
                                          const std::string& value) {
  constexpr double kMostTime_s = 1e6;
  using wire::FudgeWhat;
  wire::FudgeItem item{.clock = clock};
  const auto set = [&](FudgeWhat which) { item.what = static_cast<std::uint32_t>(which); };
  if (what == "time1" || what == "time2") {
    const auto seconds = number<double>(value, -kMostTime_s, kMostTime_s);
    if (!seconds) return complain_of(console, value, "seconds"), std::nullopt;
    set(what == "time1" ? FudgeWhat::time1 : FudgeWhat::time2);
    item.time_s = *seconds;
  } else if (what == "val1" || what == "stratum") {
    const auto stratum = number<std::uint32_t>(value, 0, 16);
    if (!stratum) return complain_of(console, value, "a stratum from 0 to 16"), std::nullopt;
    set(FudgeWhat::stratum);
    item.value = *stratum;
  } else if (what == "val2" || what == "refid") {
    if (value.empty() || value.size() > 4)
      return complain_of(console, value, "a refid of one to four characters"), std::nullopt;
    set(FudgeWhat::refid);
    item.value = wire::Refid::ascii(value).bits;
  } else if (what == "flags") {
    const auto flags = number<std::uint32_t>(value, 0, 15);
    if (!flags) return complain_of(console, value, "flags from 0 to 15"), std::nullopt;
    set(FudgeWhat::flags);
    item.value = *flags;
  } else {
    return complain_of(console, what, "time1, time2, val1, val2 or flags"), std::nullopt;
  }
  return item;
}

}  // namespace

void run_addpeer(Console& console, const Words& words) {
  add_association(console, words, wire::Mode::symmetric_active);
}
void run_addserver(Console& console, const Words& words) { add_association(console, words, wire::Mode::client); }
void run_broadcast(Console& console, const Words& words) { add_association(console, words, wire::Mode::broadcast); }

void run_addrefclock(Console& console, const Words& words) {
  constexpr std::uint8_t kVersion = 3;
  const auto address = Address::parse(words[0]);
  if (!address || !address->is_refclock())
    return complain_of(console, words[0], "the address of a reference clock (127.127.TYPE.UNIT)");
  wire::ConfigureItem item{.remote = *address,
                           .mode = static_cast<std::uint8_t>(wire::Mode::client),
                           .version = kVersion,
                           .min_poll_log2s = 6,
                           .max_poll_log2s = 10};
  bool has_mode = false;
  for (const std::string& word : std::span(words).subspan(1)) {
    const auto value = number<std::uint32_t>(word, 0, 255);
    if (value && !has_mode) {
      item.ttl = static_cast<std::uint8_t>(*value);
      has_mode = true;
    } else if (value && *value >= 3 && *value <= 17) {
      item.min_poll_log2s = static_cast<std::uint8_t>(*value);
      item.max_poll_log2s = std::max(item.max_poll_log2s, item.min_poll_log2s);
    } else if (word == "prefer") {
      item.flags = wire::kConfigurePreferred;
    } else {
      return complain_of(console, word, "a mode from 0 to 255, a poll exponent from 3 to 17 or prefer");
    }
  }
  order_one(console, PrivateCode::configure, item);
}

void run_unconfig(Console& console, const Words& words) {
  if (const auto items = addresses_of(console, words))
    console.order<wire::UnconfigureItem>(PrivateCode::unconfigure, *items);
}
void run_preset(Console& console, const Words& words) {
  if (const auto items = addresses_of(console, words))
    console.order<wire::UnconfigureItem>(PrivateCode::reset_peer, *items);
}

void run_enable(Console& console, const Words& words) { order_switches(console, words, PrivateCode::set_flags); }
void run_disable(Console& console, const Words& words) { order_switches(console, words, PrivateCode::clear_flags); }
void run_reset(Console& console, const Words& words) {
  const auto bits = bits_of(console, kCounters, words, "allpeers, auth, ctl, io, mem, sys or timer");
  if (bits) order_one(console, PrivateCode::reset_stats, wire::WordItem{*bits});
}

void run_restrict(Console& console, const Words& words) {
  order_restriction(console, words, PrivateCode::add_restriction);
}
void run_unrestrict(Console& console, const Words& words) {
  order_restriction(console, words, PrivateCode::subtract_restriction);
}
void run_delrestrict(Console& console, const Words& words) {
  order_restriction(console, words, PrivateCode::delete_restriction);
}

void run_readkeys(Console& console, const Words&) { console.order<wire::WordItem>(PrivateCode::read_keys, {}); }
void run_trustedkey(Console& console, const Words& words) { order_trust(console, words, PrivateCode::trust_key); }
void run_untrustedkey(Console& console, const Words& words) { order_trust(console, words, PrivateCode::untrust_key); }
void run_requestkey(Console& console, const Words& words) { order_key(console, words, PrivateCode::request_key); }
void run_controlkey(Console& console, const Words& words) { order_key(console, words, PrivateCode::control_key); }

void run_addtrap(Console& console, const Words& words) { order_trap(console, words, PrivateCode::add_trap); }
void run_clrtrap(Console& console, const Words& words) { order_trap(console, words, PrivateCode::clear_trap); }

void run_fudge(Console& console, const Words& words) {
  const auto clock = Address::parse(words[0]);
  if (!clock || !clock->is_refclock() || words.size() % 2 == 0)
    return console.explain_use("fudge CLOCK (time1|time2|val1|val2|flags) VALUE...");
  std::vector<wire::FudgeItem> items;
  for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
    const auto item = fudge_item(console, *clock, words[i], words[i + 1]);
    if (!item) return;
    items.push_back(*item);
  }
  console.order<wire::FudgeItem>(PrivateCode::set_fudge, items);
}

}  // namespace ntp::tools::ntpdc
