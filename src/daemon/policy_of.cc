// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/policy_of.h"

#include "daemon/client_limits.h"
#include "daemon/configuration.h"

namespace ntp::daemon {

policy::Policy policy_of(const PolicyParts& parts) {
  return {.access = access_list(parts.config),
          .limits = rate_limits(parts.config),
          .is_monitoring = is_monitoring(parts.config),
          .keys = parts.keys};
}

}  // namespace ntp::daemon
