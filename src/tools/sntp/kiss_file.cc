// SPDX-License-Identifier: BSD-2-Clause
#include "tools/sntp/kiss_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include <fmt/format.h>

namespace ntp::tools::sntp {
namespace {

std::int64_t rest_s(const KissEntry& entry) { return entry.code == "RATE" ? kRateRest_s : kDenialRest_s; }

bool counts(const KissEntry& entry, std::int64_t now_unix_s) {
  // One from the future comes from a clock that was wrong.
  return now_unix_s >= entry.at_unix_s && now_unix_s - entry.at_unix_s < rest_s(entry);
}

std::optional<KissEntry> parse_line(const std::string& line) {
  std::istringstream words(line);
  std::string seconds;
  std::string code;
  std::string address_text;
  words >> seconds >> code >> address_text;
  std::int64_t at = 0;
  const char* const last = seconds.data() + seconds.size();
  const auto [end, error] = std::from_chars(seconds.data(), last, at, 16);
  const auto address = Address::parse(address_text);
  const bool is_code = code == "RATE" || code == "DENY" || code == "RSTR";
  if (error != std::errc() || end != last || at < 0 || !address || !is_code) return std::nullopt;
  return KissEntry{.at_unix_s = at, .code = code, .address = *address};
}

}  // namespace

std::vector<KissEntry> parse_kiss_file(std::string_view text) {
  std::vector<KissEntry> entries;
  std::istringstream lines{std::string(text)};
  for (std::string line; entries.size() < kMaxKissEntries && std::getline(lines, line);)
    if (const auto entry = parse_line(line)) entries.push_back(*entry);
  return entries;
}

std::string to_text(const std::vector<KissEntry>& entries) {
  std::string text;
  for (const KissEntry& one : entries) text += fmt::format("{:x} {} {}\n", one.at_unix_s, one.code, one.address.text());
  return text;
}

bool wants_rest(const std::vector<KissEntry>& entries, const Address& address, std::int64_t now_unix_s) {
  return std::ranges::any_of(entries,
                             [&](const KissEntry& one) { return one.address == address && counts(one, now_unix_s); });
}

std::vector<KissEntry> with_kiss(std::vector<KissEntry> entries, const KissEntry& kiss) {
  std::erase_if(entries,
                [&](const KissEntry& one) { return one.address == kiss.address || !counts(one, kiss.at_unix_s); });
  if (entries.size() >= kMaxKissEntries) entries.erase(entries.begin());
  entries.push_back(kiss);
  return entries;
}

}  // namespace ntp::tools::sntp
