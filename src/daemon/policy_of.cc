// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/policy_of.h"

#include "daemon/client_limits.h"

namespace ntp::daemon {

namespace {

policy::AccessList access_list(const PolicyParts& parts) {
  const HostAddresses nobody;
  return policy::AccessList(access_rules(parts.config.restricts, parts.hosts ? *parts.hosts : nobody, parts.sources));
}

}  // namespace

policy::Policy policy_of(const PolicyParts& parts) {
  return {.access = access_list(parts),
          .limits = rate_limits(parts.config),
          .is_monitoring = is_monitoring(parts.config),
          .keys = parts.keys};
}

}  // namespace ntp::daemon
