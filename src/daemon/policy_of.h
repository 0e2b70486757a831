// SPDX-License-Identifier: BSD-2-Clause
//
// What strangers may do here, as one value: put together of the configuration and of what was looked up and read for it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "config/model.h"
#include "daemon/access_rules.h"
#include "policy/policy.h"

namespace ntp::daemon {

/// All that a policy is made of.
struct PolicyParts {
  const config::Config& config;
  const HostAddresses* hosts = nullptr;              ///< of the names in restrict lines; null: they have no address yet
  std::span<const Address> sources = {};             ///< addresses of the associations, for restrict source
  std::shared_ptr<const policy::KeyRing> keys = {};  ///< null: there are none
  std::size_t workers = 1;                           ///< threads that count who decides
};

/// A rule that `before` had as well goes on with its count of hits, whatever its flags were.
[[nodiscard]] policy::Policy policy_of(const PolicyParts& parts, const policy::Policy* before = nullptr);

/// Whether a policy of `next` differs from `current`, as far as lines say; addresses of names and of associations are not looked at.
[[nodiscard]] bool needs_another_policy(const policy::Policy& current, const config::Config& before,
                                        const PolicyParts& next);

}  // namespace ntp::daemon
