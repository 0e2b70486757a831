// SPDX-License-Identifier: BSD-2-Clause
#include "config/advice.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "config/statistics_types.h"

namespace ntp::config {
namespace {

/// Below this, a clock that nobody sets looks better than most true servers.
constexpr int kHumbleStratum = 5;

class Adviser {
 public:
  Adviser(const ParseResult& parsed, std::string filename)
      : config_(parsed.config), servers_(parsed.servers), filename_(std::move(filename)) {}

  std::vector<Message> run() && {
    for (std::size_t i = 0; i < config_.servers.size(); ++i) check_local_clock(i);
    check_keys();
    check_limits();
    check_statistics();
    return std::move(messages_);
  }

 private:
  void check_local_clock(std::size_t index) {
    const Server& server = config_.servers[index];
    if (server.kind != Server::Kind::local_clock) return;
    const auto fudge = std::ranges::find(config_.fudges, server.address.value_or(Address()), &Fudge::clock);
    if (fudge == config_.fudges.end() || fudge->stratum.value_or(kHumbleStratum) >= kHumbleStratum) return;
    warn_at(index, fmt::format("{} with fudge stratum {}: clients would believe this machine's own clock, which nobody "
                               "sets, more than most true servers; stratum 10 is usual",
                               server.name, *fudge->stratum));
  }

  void check_keys() {
    const Keys& keys = config_.keys;
    if (!keys.files.empty() && keys.trusted.empty()) warn("keys without trustedkey: none of them may be used");
  }

  void check_limits() {
    const bool is_limited = std::ranges::any_of(config_.restricts, [](const Restrict& each) {
      return each.action == Restrict::Action::add && policy::has(each.rule.flags, policy::Access::limited);
    });
    if (config_.switches.monitor == false && is_limited)
      warn("disable monitor: restrict limited needs the list of clients, so that it is kept all the same");
    if (config_.discard != Discard{} && config_.limit != Limit{})
      warn("discard and limit: discard counts, limit is not used");
  }

  void check_statistics() {
    const Statistics& statistics = config_.statistics;
    if (statistics.folder) return;
    for (const StatisticsType& type : kStatisticsTypes) {
      if ((statistics.*type.file).is_enabled != true) continue;
      warn(fmt::format("{} without statsdir: nothing is written, unless -s names a folder", type.name));
      return;
    }
  }

  void warn(std::string text) {
    messages_.push_back({.file = filename_, .severity = Severity::warning, .text = std::move(text)});
  }

  void warn_at(std::size_t server, std::string text) {
    warn(std::move(text));
    Message& message = messages_.back();
    message.token = config_.servers[server].name;
    if (server >= servers_.size()) return;
    message.file = servers_[server].file;
    message.line = servers_[server].line;
    message.column = servers_[server].column;
  }

  const Config& config_;
  const std::vector<Place>& servers_;
  std::string filename_;
  std::vector<Message> messages_;
};

}  // namespace

std::vector<Message> advice(const ParseResult& parsed, const std::string& filename) {
  return Adviser(parsed, filename).run();
}

}  // namespace ntp::config
