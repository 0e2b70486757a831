// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntptrace/trace.h"

#include <set>

#include <fmt/format.h>

#include "base/json_text.h"

namespace ntp::tools::ntptrace {

bool trace(const Endpoint& first, const Tracing& tracing) {
  std::set<Endpoint> seen;
  Endpoint next = first;
  for (int i = 0; i < tracing.max_hosts; ++i) {
    if (!seen.insert(next).second) {
      tracing.show_problem(next, "it was here before: these hosts follow each other in a circle");
      return true;
    }
    const auto facts = tracing.ask(next);
    if (!facts) {
      tracing.show_problem(next, facts.error());
      return i > 0;
    }
    tracing.show(*facts);
    // A reference clock, or nobody whom it follows.
    if (facts->stratum <= 1 || facts->stratum >= 16 || !facts->follows) return true;
    next = *facts->follows;
  }
  return true;
}

std::string to_text(const client::HostFacts& facts, const std::string& name) {
  std::string text = fmt::format("{}: stratum {}, offset {:.6f}, synch distance {:.6f}", name, facts.stratum,
                                 facts.offset_s, facts.distance_s);
  if (facts.stratum == 1) text += fmt::format(", refid '{}'", facts.refid);
  if (facts.is_by_time_alone) text += " (by its time alone)";
  return text + "\n";
}

std::string to_json(const client::HostFacts& facts, const std::string& name) {
  const std::string follows = facts.follows ? fmt::format("\"{}\"", facts.follows->address.text()) : "null";
  return fmt::format(
      "{{\"host\":\"{}\",\"address\":\"{}\",\"stratum\":{},\"offset\":{:.9f},\"distance\":{:.9f},\"refid\":\"{}\","
      "\"follows\":{},\"by_time_alone\":{}}}\n",
      json_text(name), facts.server.address.text(), facts.stratum, facts.offset_s, facts.distance_s,
      json_text(facts.refid), follows, facts.is_by_time_alone);
}

}  // namespace ntp::tools::ntptrace
