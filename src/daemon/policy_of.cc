// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/policy_of.h"

#include <utility>

#include "daemon/client_limits.h"

namespace ntp::daemon {

namespace {

policy::AccessList access_list(const PolicyParts& parts) {
  const HostAddresses nobody;
  return policy::AccessList(access_rules(parts.config.restricts, parts.hosts ? *parts.hosts : nobody, parts.sources));
}

}  // namespace

policy::Policy policy_of(const PolicyParts& parts) {
  policy::AccessList access = access_list(parts);
  auto hits = std::make_shared<policy::RuleHits>(access.rules().size(), parts.workers);
  return {.access = std::move(access),
          .limits = rate_limits(parts.config),
          .is_monitoring = is_monitoring(parts.config),
          .keys = parts.keys,
          .hits = std::move(hits)};
}

}  // namespace ntp::daemon
