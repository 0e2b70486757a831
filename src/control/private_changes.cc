// SPDX-License-Identifier: BSD-2-Clause
//
// Changes by mode 7: associations, switches, clocks, counters and keys (operations 10 to 13, 21 to 23, 26, 27, 32, 33 and 37).
// Each becomes lines of the configuration's grammar, made of numbers and addresses alone: nothing of the request's text.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "control/private_answer.h"
#include "policy/key_ring.h"

namespace ntp::control {
namespace {

using wire::PrivateError;

PrivateError configure_with(PrivateCall& call, const std::string& text) {
  call.world.commands.configure(text, {.remote = call.query.remote, .is_this_host = call.query.is_this_host});
  // What this server lacks (broadcast, say) is no missing data: ntpdc says that the server doesn't implement it.
  return call.world.commands.did_configure() ? PrivateError::none : PrivateError::request;
}

// Association modes of operation 10.
const char* verb_of(std::uint8_t mode) {
  switch (static_cast<wire::Mode>(mode)) {
    case wire::Mode::symmetric_active:
      return "peer";
    case wire::Mode::client:
      return "server";
    case wire::Mode::broadcast:
      return "broadcast";
    case wire::Mode::reserved:
    case wire::Mode::symmetric_passive:
    case wire::Mode::server:
    case wire::Mode::control:
    case wire::Mode::private_use:
      return nullptr;
  }
  return nullptr;
}

struct Word {
  std::uint32_t bit;
  const char* word;
};
constexpr std::array kConfigureWords{
    Word{wire::kConfigurePreferred, " prefer"},
    Word{wire::kConfigureBurst, " burst"},
    Word{wire::kConfigureInitialBurst, " iburst"},
    Word{wire::kConfigureNoSelect, " noselect"},
};
constexpr std::array kSwitchWords{
    Word{wire::kSwitchBroadcastClient, " bclient"},
    Word{wire::kSwitchPps, " pps"},
    Word{wire::kSwitchNtp, " ntp"},
    Word{wire::kSwitchKernel, " kernel"},
    Word{wire::kSwitchMonitor, " monitor"},
    Word{wire::kSwitchStatistics, " stats"},
    Word{wire::kSwitchAuthentication, " auth"},
    Word{wire::kSwitchCalibrate, " calibrate"},
};

/// Empty: no word, or a bit that has none.
template <std::size_t N>
std::string words_of_bits(const std::array<Word, N>& words, std::uint32_t bits) {
  std::string out;
  for (const Word& word : words) {
    if ((bits & word.bit) == 0) continue;
    bits &= ~word.bit;
    out += word.word;
  }
  return bits == 0 ? out : std::string();
}

/// The line that makes the association; empty if the item makes no sense.
std::string line_of(const wire::ConfigureItem& item) {
  constexpr std::uint8_t kLeastPoll = 3;
  constexpr std::uint8_t kMostPoll = 17;
  const char* verb = verb_of(item.mode);
  const bool has_version = item.version >= 1 && item.version <= wire::kVersion;
  if (verb == nullptr || !has_version || item.key_id > policy::kMaxKeyId) return {};
  const std::string flags = words_of_bits(kConfigureWords, item.flags);
  if (flags.empty() && item.flags != 0) return {};
  const unsigned least = std::clamp(item.min_poll_log2s, kLeastPoll, kMostPoll);
  const unsigned most = std::max<unsigned>(std::clamp(item.max_poll_log2s, kLeastPoll, kMostPoll), least);
  const bool is_clock = item.remote.is_refclock();
  std::string line = fmt::format("{} {}", verb, item.remote.text());
  if (!is_clock) line += fmt::format(" version {}", item.version);
  line += fmt::format(" minpoll {} maxpoll {}", least, most);
  if (item.key_id != 0) line += fmt::format(" key {}", item.key_id);
  if (item.ttl != 0) line += fmt::format(" {} {}", is_clock ? "mode" : "ttl", item.ttl);
  return line + flags + "\n";
}

PrivateError switch_flags(PrivateCall& call, const char* verb) {
  const std::string words = words_of_bits(kSwitchWords, wire::decode_item<wire::WordItem>(call.item(0)).value);
  if (call.item_count() != 1 || words.empty()) return PrivateError::format;
  return configure_with(call, fmt::format("{}{}\n", verb, words));
}

/// Text as it may stand in a configuration without quotes; empty if it isn't such a text.
std::string refid_text(std::uint32_t refid) {
  std::string text;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    const auto c = static_cast<unsigned char>(refid >> (shift - 8));
    if (c == 0) break;
    if (std::isalnum(c) == 0) return {};
    text += static_cast<char>(c);
  }
  return text;
}

std::string fudge_words(const wire::FudgeItem& item) {
  using enum wire::FudgeWhat;
  switch (static_cast<wire::FudgeWhat>(item.what)) {
    case time1:
      return fmt::format("time1 {:.9f}", item.time_s);
    case time2:
      return fmt::format("time2 {:.9f}", item.time_s);
    case stratum:
      return item.value <= 16 ? fmt::format("stratum {}", item.value) : std::string();
    case refid: {
      const std::string text = refid_text(item.value);
      return text.empty() ? text : "refid " + text;
    }
    case flags:
      if (item.value > 15) return {};
      return fmt::format("flag1 {} flag2 {} flag3 {} flag4 {}", item.value & 1U, (item.value >> 1U) & 1U,
                         (item.value >> 2U) & 1U, (item.value >> 3U) & 1U);
  }
  return {};
}

/// A key's number; 0 if it can't be one.
std::uint32_t key_of(const wire::KeyItem& item) {
  return item.rest == 0 && item.network_order <= policy::kMaxKeyId ? item.network_order : 0;
}
/// Of operations 26 and 27, where the number comes in the asker's own order of octets: no number that can be a key's is one
/// the other way round too.
std::uint32_t key_in_any_order(const wire::KeyItem& item) {
  const std::uint32_t id = key_of(item);
  return id == 0 && item.rest == 0 && item.little_endian <= policy::kMaxKeyId ? item.little_endian : id;
}

enum class Trust : std::uint8_t { give, take };
PrivateError change_trust(PrivateCall& call, Trust trust) {
  const policy::KeyRing* ring = call.world.facts.policy().keys.get();
  if (ring == nullptr) return PrivateError::no_data;
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const std::uint32_t id = key_in_any_order(wire::decode_item<wire::KeyItem>(call.item(i)));
    // A change must not lock out the next one: the keys that prove changes stay trusted (CVE-2016-2517).
    const bool is_needed = id == ring->request_key() || id == ring->control_key();
    if (id == 0) return PrivateError::format;
    if (trust == Trust::take && is_needed) return PrivateError::authentication;
    ids.push_back(id);
  }
  const Orderer orderer{.remote = call.query.remote, .is_this_host = call.query.is_this_host};
  const bool is_done = call.world.commands.change_trust(ids, trust == Trust::give, orderer);
  return is_done ? PrivateError::none : PrivateError::no_data;
}

PrivateError change_key(PrivateCall& call, const char* verb) {
  const policy::KeyRing* ring = call.world.facts.policy().keys.get();
  const std::uint32_t id = key_of(wire::decode_item<wire::KeyItem>(call.item(0)));
  if (call.item_count() != 1 || id == 0) return PrivateError::format;
  // Only a key that can prove something: no number may lock everybody out (CVE-2016-2517).
  if (ring == nullptr || ring->find_trusted(id) == nullptr) return PrivateError::no_data;
  return configure_with(call, fmt::format("{} {}\n", verb, id));
}

}  // namespace

PrivateError configure_peer(PrivateCall& call) {
  std::string text;
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const std::string line = line_of(wire::decode_item<wire::ConfigureItem>(call.item(i)));
    if (line.empty()) return PrivateError::format;
    text += line;
  }
  return configure_with(call, text);
}

PrivateError unconfigure_peers(PrivateCall& call) {
  std::string text;
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const Address remote = wire::decode_item<wire::UnconfigureItem>(call.item(i)).remote;
    const state::SourceView* source = call.find_source(remote);
    if (source == nullptr || !source->is_configured) return PrivateError::no_data;
    text += fmt::format("unpeer {}\n", remote.text());
  }
  return configure_with(call, text);
}

PrivateError set_flags(PrivateCall& call) { return switch_flags(call, "enable"); }
PrivateError clear_flags(PrivateCall& call) { return switch_flags(call, "disable"); }

PrivateError set_fudge(PrivateCall& call) {
  std::string text;
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const auto item = wire::decode_item<wire::FudgeItem>(call.item(i));
    const state::SourceView* source = call.find_source(item.clock);
    if (source == nullptr || !source->clock) return PrivateError::no_data;
    const std::string words = fudge_words(item);
    if (words.empty()) return PrivateError::format;
    text += fmt::format("fudge {} {}\n", item.clock.text(), words);
  }
  return configure_with(call, text);
}

PrivateError reset_stats(PrivateCall& call) {
  struct Part {
    std::uint32_t bit;
    ResetWhat what;
  };
  constexpr std::array kParts{
      Part{wire::kResetPeers, ResetWhat::peers},    Part{wire::kResetIo, ResetWhat::io},
      Part{wire::kResetSystem, ResetWhat::system},  Part{wire::kResetMemory, ResetWhat::memory},
      Part{wire::kResetTimer, ResetWhat::timer},    Part{wire::kResetAuthentication, ResetWhat::authentication},
      Part{wire::kResetControl, ResetWhat::control}};
  std::uint32_t known = 0;
  for (const Part& part : kParts) known |= part.bit;
  const std::uint32_t bits = wire::decode_item<wire::WordItem>(call.item(0)).value;
  if (call.item_count() != 1 || (bits & ~known) != 0) return PrivateError::format;
  for (const Part& part : kParts) {
    if ((bits & part.bit) == 0) continue;
    call.world.commands.reset_counts(part.what);
    if (part.what == ResetWhat::control) call.world.state.reset_counts(call.now.mono);
  }
  return PrivateError::none;
}

PrivateError reset_peers(PrivateCall& call) {
  std::vector<Endpoint> sources;
  for (std::size_t i = 0; i < call.item_count(); ++i) {
    const auto* source = call.find_source(wire::decode_item<wire::UnconfigureItem>(call.item(i)).remote);
    if (source == nullptr) return PrivateError::no_data;
    sources.push_back(source->remote);
  }
  for (const Endpoint& source : sources)
    if (!call.world.commands.reset_source(source)) return PrivateError::no_data;
  return PrivateError::none;
}

PrivateError read_keys(PrivateCall& call) {
  return call.world.commands.read_keys() ? PrivateError::none : PrivateError::no_data;
}

PrivateError trust_keys(PrivateCall& call) { return change_trust(call, Trust::give); }
PrivateError untrust_keys(PrivateCall& call) { return change_trust(call, Trust::take); }
PrivateError set_request_key(PrivateCall& call) { return change_key(call, "requestkey"); }
PrivateError set_control_key(PrivateCall& call) { return change_key(call, "controlkey"); }

}  // namespace ntp::control
