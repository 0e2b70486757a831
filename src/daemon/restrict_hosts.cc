// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/restrict_hosts.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ntp::daemon {
namespace {

net::NameQuery::Wanted wanted_of(const std::optional<Family>& family) {
  if (!family) return net::NameQuery::Wanted::any;
  return *family == Family::ipv4 ? net::NameQuery::Wanted::ipv4 : net::NameQuery::Wanted::ipv6;
}

std::string text_of(const HostName& host) {
  if (!host.family) return host.name;
  return fmt::format("{} {}", *host.family == Family::ipv4 ? "-4" : "-6", host.name);
}

}  // namespace

void RestrictHosts::set_lines(std::span<const config::Restrict> lines, MonoTime now) {
  std::vector<Name> names;
  std::map<HostName, std::size_t> places;  // in names
  for (const config::Restrict& line : lines) {
    if (line.host.empty()) continue;
    const bool restricts = line.action == config::Restrict::Action::add && line.rule.flags != policy::Access::none;
    const HostName host{line.host, line.family};
    const auto [place, is_new] = places.try_emplace(host, names.size());
    if (is_new) names.push_back({.host = host, .due = now});
    names[place->second].restricts |= restricts;
  }
  names_ = std::move(names);
  std::erase_if(addresses_, [&places](const auto& entry) { return !places.contains(entry.first); });
}

void RestrictHosts::tick(MonoTime now) {
  for (Name& name : names_) {
    if (name.due > now) continue;
    const std::uint64_t token = ++last_token_;
    if (!submit_({.token = token, .name = name.host.name, .wanted = wanted_of(name.host.family)})) {
      // The resolver's queue is full; there is room once its names are through.
      name.due = now + kFirstRetry_s;
      continue;
    }
    name.token = token;
    name.due = MonoTime::never();
  }
}

MonoTime RestrictHosts::next_deadline() const {
  MonoTime due = MonoTime::never();
  for (const Name& name : names_) due = std::min(due, name.due);
  return due;
}

RestrictHosts::Outcome RestrictHosts::take(const net::NameAnswer& answer, MonoTime now) {
  const auto name = std::ranges::find(names_, answer.token, &Name::token);
  // The lines may be other ones than when this was asked.
  if (name == names_.end() || answer.token == 0) return {};
  name->token = 0;
  if (!answer.addresses.empty()) return resolved(*name, answer.addresses);
  name->due = now + name->retry_s;
  name->retry_s = std::min(2 * name->retry_s, kLastRetry_s);
  return failed(*name, answer.error);
}

RestrictHosts::Outcome RestrictHosts::failed(Name& name, std::string_view why) {
  if (name.is_missed) return {};
  name.is_missed = true;
  if (addresses_.contains(name.host))
    return {.severity = Severity::warning,
            .message = fmt::format("restrict {}: no answer to the look-up ({}); the addresses it had stay in force",
                                   text_of(name.host), why)};
  return {.severity = Severity::warning,
          .message =
              fmt::format("restrict {}: the name has no address ({}). Until it has one the line is not in force, and "
                          "this host may do {} other hosts may; it is looked up again",
                          text_of(name.host), why, name.restricts ? "ALL that" : "only what")};
}

RestrictHosts::Outcome RestrictHosts::resolved(Name& name, std::vector<Address> found) {
  // Resolvers turn the order of addresses with every answer.
  std::ranges::sort(found);
  const bool was_missed = std::exchange(name.is_missed, false);
  name.retry_s = kFirstRetry_s;
  const auto known = addresses_.find(name.host);
  if (known != addresses_.end() && known->second == found) return {};
  Outcome outcome{.has_changed = true};
  if (was_missed || known != addresses_.end()) {
    std::vector<std::string> texts;
    for (const Address& address : found) texts.push_back(address.text());
    outcome.message = fmt::format("restrict {}: in force for {}", text_of(name.host), fmt::join(texts, ", "));
  }
  addresses_.insert_or_assign(name.host, std::move(found));
  return outcome;
}

}  // namespace ntp::daemon
