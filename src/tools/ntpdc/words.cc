// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdc/words.h"

#include <array>

#include <fmt/format.h>

#include "wire/private_items.h"
#include "wire/refid.h"

namespace ntp::tools::ntpdc {
namespace {

struct Word {
  std::uint16_t bit;
  const char* word;
};
constexpr std::array kPeerFlags{
    Word{wire::kPeerSystem, "system_peer"},  Word{wire::kPeerConfigured, "config"},
    Word{wire::kPeerClock, "refclock"},      Word{wire::kPeerAuthenticates, "auth"},
    Word{wire::kPeerPreferred, "prefer"},    Word{wire::kPeerInitialBurst, "iburst"},
    Word{wire::kPeerBurst, "burst"},         Word{wire::kPeerCandidate, "candidate"},
    Word{wire::kPeerShortlist, "shortlist"},
};
constexpr std::array kMatchFlags{Word{wire::kMatchNtpPort, "ntpport"}, Word{wire::kMatchInterface, "interface"}};
constexpr std::array kRestrictions{
    Word{wire::kRestrictIgnore, "ignore"},
    Word{wire::kRestrictNoServe, "noserve"},
    Word{wire::kRestrictNoTrust, "notrust"},
    Word{wire::kRestrictNoQuery, "noquery"},
    Word{wire::kRestrictNoModify, "nomodify"},
    Word{wire::kRestrictNoPeer, "nopeer"},
    Word{wire::kRestrictNoEphemeralPeer, "noepeer"},
    Word{wire::kRestrictNoTrap, "notrap"},
    Word{wire::kRestrictLowPriorityTrap, "lowpriotrap"},
    Word{wire::kRestrictLimited, "limited"},
    Word{wire::kRestrictVersion, "version"},
    Word{wire::kRestrictKod, "kod"},
    Word{wire::kRestrictMsSntp, "mssntp"},
    Word{wire::kRestrictFlake, "flake"},
    Word{wire::kRestrictNoMruList, "nomrulist"},
};
/// adjtimex(2), from the lowest bit on.
constexpr std::array kKernelStatus{"pll",    "ppsfreq", "ppstime",   "fll",       "ins",       "del",
                                   "unsync", "hold",    "ppssignal", "ppsjitter", "ppswander", "ppserror",
                                   "clkerr", "nano",    "mode",      "src"};

/// Adds the words of `bits`, each with `before` in front of all but the first.
template <std::size_t N>
void add_words(std::string& text, const std::array<Word, N>& words, std::uint16_t bits) {
  for (const Word& word : words) {
    if ((bits & word.bit) == 0) continue;
    if (!text.empty()) text += ", ";
    text += word.word;
  }
}

/// Drivers by the numbers that ntp.conf gives them.
constexpr std::array kClockTypes{
    "unspecified type",
    "Undisciplined local clock",
    "TRAK 8820 GPS",
    "PSTI WWV/WWVH",
    "Spectracom WWVB/GPS",
    "TrueTime GPS/GOES/OMEGA",
    "IRIG audio decoder",
    "Radio CHU audio",
    "generic parse driver",
    "Magnavox MX4200 GPS",
    "Austron 2201A GPS",
    "Arbiter 1088A/B GPS",
    "KSI/Odetics TPRO/S",
    "Leitch CSD 5300",
    "EES M201 MSF",
    "TrueTime (old)",
    "Bancomm GPS/IRIG",
    "Datum precision time",
    "ACTS modem",
    "Heath WWV/WWVH",
    "NMEA GPS",
    "TrueTime GPS-VME",
    "PPS signal",
    "PTB/NPL modem",
    "USNO modem",
    "TrueTime",
    "HP 58503A GPS",
    "Arcron MSF",
    "shared memory",
    "Trimble Palisade GPS",
    "Motorola UT Oncore",
    "Rockwell Jupiter GPS",
    "Chrono-log K-series",
    "dumb clock",
    "Ultralink WWVB",
    "Conrad parallel port",
    "WWV/WWVH audio",
    "Forum Graphic GPS",
    "hopf serial",
    "hopf PCI",
    "JJY receiver",
    "TrueTime 560 IRIG-B",
    "Zyfer GPStarplus",
    "RIPE NCC Trimble",
    "NeoClock4X DCF77",
    "Spectracom TSYNC PCI",
    "GPSD client",
};

}  // namespace

const char* mode_word(std::uint8_t mode) {
  constexpr std::array kModes{"unspec", "sym_active", "sym_passive", "client",
                              "server", "broadcast",  "bclient",     "private"};
  return mode < kModes.size() ? kModes[mode] : "unknown";
}

std::string leap_bits(std::uint8_t leap) { return {(leap & 2U) != 0 ? '1' : '0', (leap & 1U) != 0 ? '1' : '0'}; }

std::string refid_text(std::uint32_t refid, std::uint8_t stratum) {
  constexpr std::uint8_t kUnsynchronized = 16;
  return wire::to_text({refid}, stratum >= kUnsynchronized ? std::uint8_t{0} : stratum);
}

std::string peer_flag_words(std::uint16_t flags) {
  std::string text;
  add_words(text, kPeerFlags, flags);
  return text.empty() ? " none" : " " + text;
}

std::string restriction_words(std::uint16_t match_flags, std::uint16_t flags) {
  std::string text;
  add_words(text, kMatchFlags, match_flags);
  add_words(text, kRestrictions, flags);
  return text.empty() ? "none" : text;
}

std::optional<std::uint16_t> restriction_bit(std::string_view word) {
  for (const Word& each : kRestrictions)
    if (word == each.word) return each.bit;
  if (word == "lptrap") return wire::kRestrictLowPriorityTrap;
  return std::nullopt;
}

std::string kernel_status_words(std::uint16_t status) {
  std::string text;
  for (std::size_t i = 0; i < kKernelStatus.size(); ++i) {
    if ((status >> i & 1U) == 0) continue;
    if (!text.empty()) text += ' ';
    text += kKernelStatus[i];
  }
  return text;
}

std::string clock_type_text(std::uint8_t type) {
  const char* name = type < kClockTypes.size() ? kClockTypes[type] : "unknown type";
  return fmt::format("{} ({})", name, type);
}

}  // namespace ntp::tools::ntpdc
