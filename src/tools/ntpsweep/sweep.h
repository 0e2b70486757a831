// SPDX-License-Identifier: BSD-2-Clause
//
// The table of hosts and, if wanted, of the sources that they follow; how hosts are asked is passed in.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "client/host_facts.h"

namespace ntp::tools::ntpsweep {

/// Hosts asked in one run; sources beyond are left out.
inline constexpr std::size_t kMaxHosts = 1000;

struct Sweep {
  int max_level = 0;  ///< levels of sources below each host; 0: none
  std::function<std::expected<client::AskedHost, std::string>(const Endpoint&, client::SourcesWanted)> ask;
  std::function<std::string(const Endpoint&)> name;
  /// Each line: a host, its level, its facts or why there are none.
  std::function<void(const std::string& name, int level, const std::expected<client::HostFacts, std::string>&)> show;
};

/// Shows a host, at the first of its addresses that answers, and what it follows, each address once over all calls that share
/// `seen`. True if it answered.
bool sweep(std::span<const Endpoint> addresses, const std::string& name, const Sweep& how, std::set<Endpoint>& seen);

/// The two lines on top.
[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_row(const std::string& name, int level,
                                    const std::expected<client::HostFacts, std::string>& facts);
[[nodiscard]] std::string json_row(const std::string& name, int level,
                                   const std::expected<client::HostFacts, std::string>& facts);

/// The number of a version variable: of "ntpd 4.2.8p18@1.4062-o Fri Nov 20 (3)" it is "4.2.8p18".
[[nodiscard]] std::string short_version(const std::string& version);
/// `name` without `suffix` at its end.
[[nodiscard]] std::string stripped(const std::string& name, const std::string& suffix);
/// Words between commas and white space.
[[nodiscard]] std::vector<std::string> words_of_list(const std::string& list);
/// A host a line; # begins a comment.
[[nodiscard]] std::vector<std::string> hosts_of_text(const std::string& text);

}  // namespace ntp::tools::ntpsweep
