// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpsweep/sweep.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "base/json_text.h"

namespace ntp::tools::ntpsweep {
namespace {

constexpr std::size_t kVersionWidth = 11;
constexpr std::size_t kSystemWidth = 12;

std::string without_blanks_at_end(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

bool sweep_level(std::span<const Endpoint> addresses, const std::string& name, int level, const Sweep& how,
                 std::set<Endpoint>& seen) {
  const bool goes_deeper = level < how.max_level;
  std::expected<client::AskedHost, std::string> asked = std::unexpected(std::string());
  bool is_new = false;
  for (const Endpoint& address : addresses) {
    if (seen.size() >= kMaxHosts || !seen.insert(address).second) continue;
    is_new = true;
    asked = how.ask(address, goes_deeper ? client::SourcesWanted::yes : client::SourcesWanted::no);
    if (asked) break;
  }
  if (!is_new) return false;
  if (!asked) {
    how.show(name, level, std::unexpected(asked.error()));
    return false;
  }
  how.show(name, level, asked->facts);
  if (goes_deeper)
    for (const Endpoint& source : asked->sources)
      sweep_level(std::span(&source, 1), how.name(source), level + 1, how, seen);
  return true;
}

}  // namespace

bool sweep(std::span<const Endpoint> addresses, const std::string& name, const Sweep& how, std::set<Endpoint>& seen) {
  return sweep_level(addresses, name, 0, how, seen);
}

std::string table_head() {
  return "Host                             st offset(s) version     system       processor\n"
         "--------------------------------+--+---------+-----------+------------+---------\n";
}

std::string table_row(const std::string& name, int level, const std::expected<client::HostFacts, std::string>& facts) {
  const std::string indented = std::string(static_cast<std::size_t>(level), ' ') + name;
  if (!facts) return fmt::format("{:<32} {:>2}\n", indented, "?");
  return without_blanks_at_end(fmt::format("{:<32} {:>2} {:>9.3f} {:<11} {:<12} {}", indented, facts->stratum,
                                           facts->offset_s, short_version(facts->version).substr(0, kVersionWidth),
                                           facts->system.substr(0, kSystemWidth), facts->processor)) +
         "\n";
}

std::string json_row(const std::string& name, int level, const std::expected<client::HostFacts, std::string>& facts) {
  const std::string head = fmt::format("{{\"host\":\"{}\",\"level\":{}", json_text(name), level);
  if (!facts) return fmt::format("{},\"error\":\"{}\"}}\n", head, json_text(facts.error()));
  return fmt::format(
      "{},\"address\":\"{}\",\"stratum\":{},\"offset\":{:.9f},\"distance\":{:.9f},\"version\":\"{}\",\"system\":\"{}\","
      "\"processor\":\"{}\",\"by_time_alone\":{}}}\n",
      head, facts->server.address.text(), facts->stratum, facts->offset_s, facts->distance_s, json_text(facts->version),
      json_text(facts->system), json_text(facts->processor), facts->is_by_time_alone);
}

std::string short_version(const std::string& version) {
  std::istringstream words(version);
  std::string program;
  std::string number;
  words >> program >> number;
  if (number.empty()) number = program;
  return number.substr(0, number.find('@'));
}

std::string stripped(const std::string& name, const std::string& suffix) {
  if (suffix.empty() || !name.ends_with(suffix) || name.size() == suffix.size()) return name;
  return name.substr(0, name.size() - suffix.size());
}

std::vector<std::string> words_of_list(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t first = list.find_first_not_of(", \t\r\n", at);
    if (first == std::string::npos) break;
    at = std::min(list.find_first_of(", \t\r\n", first), list.size());
    words.push_back(list.substr(first, at - first));
  }
  return words;
}

std::vector<std::string> hosts_of_text(const std::string& text) {
  std::vector<std::string> hosts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto words = words_of_list(line.substr(0, line.find('#')));
    hosts.insert(hosts.end(), words.begin(), words.end());
  }
  return hosts;
}

}  // namespace ntp::tools::ntpsweep
