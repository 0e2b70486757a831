// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/policy_of.h"

#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/client_limits.h"

namespace ntp::daemon {

namespace {

policy::AccessList access_list(const PolicyParts& parts) {
  const HostAddresses nobody;
  return policy::AccessList(access_rules(parts.config.restricts, parts.hosts ? *parts.hosts : nobody, parts.sources));
}

/// Of each rule of `now`, what the same one of `before` has counted.
std::vector<std::uint64_t> hits_before(const policy::AccessList& now, const policy::Policy& before) {
  using Key = std::tuple<Address, Address, bool>;
  const auto key_of = [](const policy::AccessRule& rule) {
    return Key(rule.address, rule.mask, rule.only_from_ntp_port);
  };
  std::vector<std::uint64_t> hits(now.rules().size());
  if (!before.hits) return hits;
  const std::vector<std::uint64_t> sums = before.hits->sums();
  std::map<Key, std::uint64_t> counted;  // most rules never decide
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (sums[i] > 0) counted.emplace(key_of(before.access.rules()[i]), sums[i]);
  if (counted.empty()) return hits;
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (const auto known = counted.find(key_of(now.rules()[i])); known != counted.end()) hits[i] = known->second;
  return hits;
}

}  // namespace

policy::Policy policy_of(const PolicyParts& parts, const policy::Policy* before) {
  policy::AccessList access = access_list(parts);
  auto hits = std::make_shared<policy::RuleHits>(access.rules().size(), parts.workers);
  if (before != nullptr) hits->begin_with(hits_before(access, *before));
  return {.access = std::move(access),
          .limits = rate_limits(parts.config),
          .is_monitoring = is_monitoring(parts.config),
          .keys = parts.keys,
          .hits = std::move(hits)};
}

bool needs_another_policy(const policy::Policy& current, const config::Config& before, const PolicyParts& next) {
  const config::Config& now = next.config;
  return now.restricts != before.restricts || now.discard != before.discard || now.limit != before.limit ||
         is_monitoring(now) != current.is_monitoring || next.keys != current.keys;
}

}  // namespace ntp::daemon
