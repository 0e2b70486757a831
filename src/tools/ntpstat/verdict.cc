// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpstat/verdict.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/json_text.h"
#include "client/host_query.h"
#include "state/status.h"
#include "wire/header.h"

namespace ntp::tools::ntpstat {
namespace {

/// By the code of the clock source in the status word (RFC 9327 section 3.1), in the words that scripts know.
constexpr std::array kSources = {"unspecified", "atomic clock", "VLF radio", "HF radio",   "UHF radio",
                                 "local net",   "NTP server",   "UDP/TIME",  "wristwatch", "modem"};
constexpr double kMaxPoll_log2s = 17;

std::string source_words(unsigned kind) { return kind < kSources.size() ? kSources[kind] : "unspecified"; }

template <class Number>
std::string json_number(const std::optional<Number>& number) {
  return number ? fmt::format("{}", *number) : "null";
}

std::string json_string(const std::string& text) {
  return text.empty() ? "null" : fmt::format("\"{}\"", json_text(text));
}

}  // namespace

Verdict judge(const std::string& host, std::uint16_t status, const std::vector<client::Variable>& system,
              const std::vector<client::Variable>& source) {
  Verdict verdict{.host = host};
  const auto leap = static_cast<wire::Leap>(status >> 14U);
  const unsigned kind = (status >> 8U) & 0x3fU;
  verdict.is_synchronised = leap != wire::Leap::unsynchronized;
  verdict.source = source_words(kind);
  if (const auto stratum = client::number_of(system, "stratum"); stratum && *stratum >= 0 && *stratum <= 255)
    verdict.stratum = static_cast<int>(*stratum);
  verdict.max_error_s = client::root_distance_s(system);
  if (const auto poll = client::number_of(system, "tc"); poll && *poll >= 0 && *poll <= kMaxPoll_log2s)
    verdict.poll_s = std::int64_t{1} << static_cast<unsigned>(*poll);
  if (const auto address = client::address_of_source(source))
    verdict.server = address->address.text();
  else
    verdict.server = client::text_of(system, "refid");
  return verdict;
}

std::string to_text(const Verdict& verdict) {
  std::string text;
  if (verdict.is_synchronised) {
    text = fmt::format("synchronised to {}", verdict.source);
    if (verdict.source == kSources[static_cast<std::size_t>(state::ClockKind::ntp)] && !verdict.server.empty())
      text += fmt::format(" ({})", verdict.server);
    text += verdict.stratum ? fmt::format(" at stratum {}\n", *verdict.stratum) : " at an unknown stratum\n";
    text += verdict.max_error_s
                ? fmt::format("   time correct to within {:.0f} ms\n", std::ceil(*verdict.max_error_s * 1e3))
                : "   accuracy unknown\n";
  } else {
    text = "unsynchronised\n";
    if (verdict.source == kSources[0]) text += "   time server re-starting\n";
  }
  text +=
      verdict.poll_s ? fmt::format("   polling server every {} s\n", *verdict.poll_s) : "   poll interval unknown\n";
  return text;
}

std::string to_json(const Verdict& verdict) {
  const auto error_ms = verdict.max_error_s ? std::optional(*verdict.max_error_s * 1e3) : std::nullopt;
  return fmt::format(
      "{{\"host\":\"{}\",\"synchronised\":{},\"source\":{},\"server\":{},\"stratum\":{},\"error_ms\":{},\"poll_s\":{}}}"
      "\n",
      json_text(verdict.host), verdict.is_synchronised, json_string(verdict.source), json_string(verdict.server),
      json_number(verdict.stratum), json_number(error_ms), json_number(verdict.poll_s));
}

int exit_status(const Verdict& verdict, std::optional<double> most_error_s) {
  if (!verdict.is_synchronised) return kUnsynchronised;
  if (!most_error_s) return kSynchronised;
  return verdict.max_error_s && *verdict.max_error_s <= *most_error_s ? kSynchronised : kUnsynchronised;
}

}  // namespace ntp::tools::ntpstat
