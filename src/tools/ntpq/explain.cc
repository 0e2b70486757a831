// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/explain.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "state/reasons.h"
#include "state/view.h"
#include "tools/ntpq/numbers.h"
#include "tools/ntpq/status_text.h"
#include "tools/ntpq/watch_reading.h"

namespace ntp::ntpq {
namespace {

using client::find_value;
using client::Variable;

/// 0 for what is no number.
std::uint64_t word_of(const std::vector<Variable>& variables, std::string_view name) {
  return parse_unsigned(find_value(variables, name).value_or("")).value_or(0);
}

/// Without the blanks around it, which some servers send for what they don't know.
std::string told(const std::vector<Variable>& variables, std::string_view name) {
  std::string text = plain(find_value(variables, name).value_or(""), 40);
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string explain_reject(std::uint16_t status, const std::vector<Variable>& variables) {
  // Of the flash word: not reachable, which the status word says too.
  constexpr unsigned kPeerUnreachable = 0x1000;
  const auto flash = static_cast<std::uint32_t>(word_of(variables, "flash") & 0xffffU) & ~kPeerUnreachable;
  const std::string kiss = told(variables, "refid");
  constexpr unsigned kNoTime = 16;
  if (word_of(variables, "stratum") >= kNoTime && (kiss == "DENY" || kiss == "RSTR" || kiss == "RATE"))
    return fmt::format("refused: it answers with the kiss code {}", kiss);
  if ((status & kPeerReachable) == 0) {
    const std::string received = told(variables, "rec");
    return !received.empty() && !received.starts_with("0x00000000") ? "unreachable: the last polls got no answer"
                                                                    : "silent: no answer yet";
  }
  if (flash != 0) return "refused: " + state::flash_text(flash);
  return "rejected: it passes the tests of its packets, and is not selected; it may be new, or no majority agrees";
}

}  // namespace

std::string explain_source(std::uint16_t status, const std::vector<Variable>& variables) {
  switch (static_cast<state::Selection>(selection_of(status))) {
    case state::Selection::reject:
      return explain_reject(status, variables);
    case state::Selection::falseticker: {
      const std::string offset = told(variables, "offset");
      return "falseticker: its interval misses the majority's" +
             (offset.empty() ? "" : "; its offset is " + offset + " ms");
    }
    case state::Selection::excess:
      return "excess: it agrees, and there are enough nearer ones";
    case state::Selection::outlier:
      return "outlier: it agrees, and differs more than the others do";
    case state::Selection::candidate:
      return "candidate: it agrees with the majority, and counts";
    case state::Selection::backup:
      return "backup: it agrees, and is kept in reserve";
    case state::Selection::system_peer:
      return "system peer: it agrees with the majority and leads";
    case state::Selection::pps_peer:
      return "pps peer: its pulses lead";
  }
  return "unknown";
}

std::string explain_clock(const std::vector<Variable>& variables, const std::vector<std::uint16_t>& statuses) {
  constexpr unsigned kUnsynchronized = 3;
  const auto count = [&statuses](auto is_counted) { return std::ranges::count_if(statuses, is_counted); };
  const auto reachable = count([](std::uint16_t status) { return (status & kPeerReachable) != 0; });
  const auto followed = count(
      [](std::uint16_t status) { return selection_of(status) == static_cast<unsigned>(state::Selection::candidate); });
  if (told(variables, "leap").empty()) return "the server doesn't tell whether it is synchronised";
  if (word_of(variables, "leap") != kUnsynchronized) {
    const std::string refid = told(variables, "refid");
    const std::string offset = told(variables, "offset");
    const std::string with = followed == 0 ? "" : fmt::format(" with {} other{}", followed, followed == 1 ? "" : "s");
    return "following " + (refid.empty() ? "a source" : refid) + with +
           (offset.empty() ? "" : ": offset " + offset + " ms");
  }
  if (statuses.empty()) return "not in sync: there is no source";
  std::string text = fmt::format("not in sync: {} of {} source{} reachable", reachable, statuses.size(),
                                 statuses.size() == 1 ? "" : "s");
  return reachable == 0 ? text : text + ", none is followed yet";
}

std::string failure_text(const client::ControlFailure& failure) {
  const std::string text = client::to_text(failure);
  return plain(std::string_view(text).substr(std::min(text.find_first_not_of('*'), text.size())), 200);
}

}  // namespace ntp::ntpq
