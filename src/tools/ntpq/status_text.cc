// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/status_text.h"

#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "state/status.h"

namespace ntp::ntpq {
namespace {

constexpr std::array kLeaps = {"leap_none", "leap_add_sec", "leap_del_sec", "leap_alarm"};
constexpr std::array kSources = {"sync_unspec", "sync_pps", "sync_lf_radio", "sync_hf_radio",   "sync_uhf_radio",
                                 "sync_local",  "sync_ntp", "sync_other",    "sync_wristwatch", "sync_telephone"};
constexpr std::array kSelections = {"reject",    "falsetick", "excess",   "outlier",
                                    "candidate", "backup",    "sys.peer", "pps.peer"};
constexpr std::string_view kTallies = " x.-+#*o";
constexpr std::array kClockEvents = {"clk_unspec",     "clk_noreply",  "clk_badformat", "clk_fault",
                                     "clk_bad_signal", "clk_bad_date", "clk_bad_time"};
constexpr std::array kFlashBits = {"pkt_dup",     "pkt_bogus",  "pkt_unsync",  "pkt_denied", "pkt_auth",
                                   "pkt_stratum", "pkt_header", "pkt_autokey", "pkt_crypto", "peer_stratum",
                                   "peer_dist",   "peer_loop",  "peer_unreach"};

template <std::size_t N>
std::string word_of(const std::array<const char*, N>& words, unsigned code, const char* prefix) {
  return code < N ? words[code] : fmt::format("{}{}", prefix, code);
}

std::string events_text(std::uint16_t status) {
  const unsigned count = event_count_of(status);
  if (count == 0) return "no events";
  return fmt::format("{} event{}", count, count == 1 ? "" : "s");
}

std::vector<std::string> system_words(std::uint16_t status) {
  return {kLeaps[status >> 14U], word_of(kSources, (status >> 8U) & 0x3fU, "sync_"), events_text(status),
          state::to_text(static_cast<state::SystemEvent>(event_of(status)))};
}

std::vector<std::string> peer_words(std::uint16_t status) {
  std::vector<std::string> words;
  const auto add_if = [&](unsigned bit, const char* word) {
    if ((status & bit) != 0) words.emplace_back(word);
  };
  add_if(kPeerConfigured, "conf");
  add_if(kPeerWantsAuthentication, "authenb");
  add_if(kPeerAuthentic, "auth");
  add_if(kPeerReachable, "reach");
  add_if(kPeerBroadcast, "bcast");
  words.push_back(std::string("sel_") + selection_text(status));
  words.push_back(events_text(status));
  if (event_of(status) != 0) words.emplace_back(peer_event_text(status));
  return words;
}

}  // namespace

std::vector<std::string> status_words(const StatusLine& status) {
  switch (status.kind) {
    case StatusKind::system:
      return system_words(status.status);
    case StatusKind::peer:
      return peer_words(status.status);
    case StatusKind::clock:
      return {events_text(status.status), word_of(kClockEvents, event_of(status.status), "clk_")};
  }
  return {};
}

std::string status_text(const StatusLine& status) {
  std::string out = fmt::format("associd={} status={:04x}", status.association_id, status.status);
  for (const std::string& word : status_words(status)) out += " " + word + ",";
  return out + "\n";
}

const char* selection_text(std::uint16_t status) { return kSelections[selection_of(status)]; }

char tally_of(std::uint16_t status) { return kTallies[selection_of(status)]; }

const char* peer_event_text(std::uint16_t status) {
  return event_of(status) == 0 ? "" : state::to_text(static_cast<state::PeerEvent>(event_of(status)));
}

std::string flash_text(unsigned flash) {
  std::string out = fmt::format("{:02x}", flash);
  if (flash == 0) return out + " ok";
  const char* separator = " ";
  for (std::size_t bit = 0; bit < kFlashBits.size(); ++bit) {
    if (((flash >> bit) & 1U) == 0) continue;
    out += separator;
    out += kFlashBits[bit];
    separator = ", ";
  }
  return out;
}

}  // namespace ntp::ntpq
