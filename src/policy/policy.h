// SPDX-License-Identifier: BSD-2-Clause
//
// What the configuration allows strangers, as one value: built whole, read by every worker, replaced whole at a reload.
#pragma once

#include <memory>

#include "policy/access_list.h"
#include "policy/client_table.h"
#include "policy/key_ring.h"
#include "policy/rule_hits.h"

namespace ntp::policy {

struct Policy {
  AccessList access;
  RateLimits limits;
  bool is_monitoring = true;            ///< all clients are counted; else only those that are limited
  std::shared_ptr<const KeyRing> keys;  ///< null: there are none
  std::shared_ptr<RuleHits> hits;       ///< of access.rules(); null: nobody counts
};

}  // namespace ntp::policy
