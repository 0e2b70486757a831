// SPDX-License-Identifier: BSD-2-Clause
//
// Associations: listpeers, peers, dmpeers, showpeer, pstats.
#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "tools/ntpdc/commands.h"
#include "tools/ntpdc/number_text.h"
#include "tools/ntpdc/words.h"
#include "wire/refid.h"

namespace ntp::tools::ntpdc {
namespace {

using wire::PrivateCode;

/// A rule of 71.
const std::string kHeading =
    "     remote           local      st poll reach  delay   offset    disp\n" + std::string(71, '=') + "\n";

char mark_by_mode(const wire::PeerSummaryItem& peer) {
  constexpr int kFollowsBroadcasts = 6;  // no mode on the wire: ntpd's own
  if ((peer.flags & wire::kPeerSystem) != 0) return '*';
  switch (static_cast<wire::Mode>(peer.mode)) {
    case wire::Mode::symmetric_active:
      return '+';
    case wire::Mode::symmetric_passive:
      return '-';
    case wire::Mode::client:
      return '=';
    case wire::Mode::broadcast:
      return '^';
    case wire::Mode::reserved:
    case wire::Mode::server:
    case wire::Mode::control:
    case wire::Mode::private_use:
      break;
  }
  return peer.mode == kFollowsBroadcasts ? '~' : ' ';
}

char mark_by_selection(const wire::PeerSummaryItem& peer) {
  if ((peer.flags & wire::kPeerSystem) != 0) return '*';
  if ((peer.flags & wire::kPeerShortlist) != 0) return '+';
  return (peer.flags & wire::kPeerCandidate) != 0 ? '.' : ' ';
}

/// Seconds between polls: the shorter interval of both sides.
unsigned long poll_s(const wire::PeerSummaryItem& peer) {
  constexpr int kLeast = 3;
  constexpr int kMost = 17;
  const int exponent = std::clamp<int>(std::min(peer.poll_log2s, peer.peer_poll_log2s), kLeast, kMost);
  return 1UL << static_cast<unsigned>(exponent);
}

void show_summary(Console& console, char (*mark)(const wire::PeerSummaryItem&)) {
  const auto peers = console.items<wire::PeerSummaryItem>(PrivateCode::peer_summary);
  if (!peers) return;
  std::string text = kHeading;
  for (const wire::PeerSummaryItem& peer : *peers)
    text +=
        fmt::format("{}{:<15.15} {:<15.15} {:>2} {:>4}  {:>3o} {:>7.7} {:>9.9} {:>7.7}\n", mark(peer),
                    console.name_of(peer.remote), peer.local.text(), peer.stratum, poll_s(peer), peer.reach,
                    decimal(peer.delay_s, 5), decimal(peer.offset_s, 6, Plus::shown), decimal(peer.dispersion_s, 5));
  console.print(text);
}

/// Eight values in two rows of four; the last digit of an offset is cut off.
template <class Text>
std::string two_rows(const char* title, Text text) {
  std::string out = fmt::format("{:<15}", title);
  for (std::size_t i = 0; i < wire::PeerInfoItem::kStages; ++i) {
    out += fmt::format("{:<8.8}", text(i));
    out += i == 3 ? "\n               " : i == 7 ? "\n" : " ";
  }
  return out;
}

std::string all_about(const Console& console, const wire::PeerInfoItem& peer) {
  const bool is_clock = (peer.flags & wire::kPeerClock) != 0;
  std::string text = fmt::format("remote {}, local {}\n", console.name_of(peer.remote), console.name_of(peer.local));
  text += fmt::format("hmode {}, pmode {}, stratum {}, precision {}\n", mode_word(peer.mode), mode_word(peer.peer_mode),
                      peer.stratum, peer.precision_log2s);
  text += fmt::format("leap {}, refid [{}], rootdistance {}, rootdispersion {}\n", leap_bits(peer.leap),
                      refid_text(peer.refid, is_clock ? std::uint8_t{1} : peer.stratum), decimal(peer.root_delay_s, 5),
                      decimal(peer.root_dispersion_s, 5));
  text += fmt::format("ppoll {}, hpoll {}, keyid {}, version {}, association {}\n", peer.peer_poll_log2s,
                      peer.poll_log2s, peer.key_id, peer.version, peer.association_id);
  text += fmt::format("reach {:03o}, unreach {}, flash 0x{:04x}, boffset {}, ttl/mode {}\n", peer.reach, peer.unreach,
                      peer.flash, decimal(peer.broadcast_offset_s, 5), peer.ttl);
  text += fmt::format("timer {}s, flags{}\n", peer.timer_s, peer_flag_words(peer.flags));
  text += fmt::format("reference time:      {}\noriginate timestamp: {}\n", console.stamp(peer.reference),
                      console.stamp(peer.origin));
  text += fmt::format("receive timestamp:   {}\ntransmit timestamp:  {}\n", console.stamp(peer.receive),
                      console.stamp(peer.transmit));
  text += two_rows("filter delay:", [&](std::size_t i) { return decimal(peer.filter_delay_s[i], 5); });
  text += two_rows("filter offset:", [&](std::size_t i) { return decimal(peer.filter_offset_s[i], 6, Plus::shown); });
  text += two_rows("filter order:", [&](std::size_t i) { return std::to_string(peer.filter_order[i]); });
  text += fmt::format("offset {}, delay {}, error bound {}, filter error {}\n", decimal(peer.offset_s, 6, Plus::shown),
                      decimal(peer.delay_s, 5), decimal(peer.dispersion_s, 5), decimal(peer.select_dispersion_s, 5));
  return text;
}

std::string counts_of(const Console& console, const wire::PeerStatsItem& peer) {
  std::string text;
  const auto line = [&](const char* title, const auto& value) { text += fmt::format("{:<22}{}\n", title, value); };
  line("remote host:", console.name_of(peer.remote));
  line("local interface:", console.name_of(peer.local));
  line("time last received:", fmt::format("{}s", peer.since_received_s));
  line("time until next send:", fmt::format("{}s", peer.until_send_s));
  line("reachability change:", fmt::format("{}s", peer.since_reach_change_s));
  line("packets sent:", peer.sent);
  line("packets received:", peer.processed);
  line("bad authentication:", peer.bad_authentication);
  line("bogus origin:", peer.bogus_origin);
  line("duplicate:", peer.duplicates);
  line("bad dispersion:", peer.bad_dispersion);
  line("bad reference time:", peer.bad_reference);
  line("candidate order:", peer.candidate);
  return text + fmt::format("flags:\t{}\n", peer_flag_words(peer.flags));
}

/// `text` of each association that the words name, with an empty line between two.
template <class Item>
void show_named(Console& console, const Words& words, PrivateCode code,
                std::string (*text_of)(const Console&, const Item&)) {
  const std::size_t most = client::most_items(code);
  bool is_first = true;
  for (std::size_t begin = 0; begin < words.size(); begin += most) {
    std::vector<wire::PeerListItem> named;
    for (std::size_t i = begin; i < std::min(words.size(), begin + most); ++i) {
      const auto address = console.find_address(words[i]);
      if (!address) return;
      named.push_back({.remote = *address, .port = wire::kPort});
    }
    const auto peers = console.items<Item>(client::make_private_request<wire::PeerListItem>(code, named));
    if (!peers) return;
    for (const Item& peer : *peers) {
      console.print((is_first ? "" : "\n") + text_of(console, peer));
      is_first = false;
    }
  }
}

}  // namespace

void run_listpeers(Console& console, const Words&) {
  const auto peers = console.items<wire::PeerListItem>(PrivateCode::peer_list);
  if (!peers) return;
  std::string text;
  for (const wire::PeerListItem& peer : *peers)
    text += fmt::format("{:<12.12} {}\n", mode_word(peer.mode), console.name_of(peer.remote));
  console.print(text);
}

void run_peers(Console& console, const Words&) { show_summary(console, mark_by_mode); }
void run_dmpeers(Console& console, const Words&) { show_summary(console, mark_by_selection); }
void run_showpeer(Console& console, const Words& words) {
  show_named<wire::PeerInfoItem>(console, words, PrivateCode::peer_info, all_about);
}
void run_pstats(Console& console, const Words& words) {
  show_named<wire::PeerStatsItem>(console, words, PrivateCode::peer_stats, counts_of);
}

}  // namespace ntp::tools::ntpdc
