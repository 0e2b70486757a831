// SPDX-License-Identifier: BSD-2-Clause
#include "control/budget.h"

#include <algorithm>

#include "control/service.h"

namespace ntp::control {
namespace {

/// So that a whole billboard passes at once.
constexpr double kDepth_s = 10;

/// The /24 or /48 of an address; the two families don't meet.
std::uint64_t prefix_of(const Address& address) {
  std::uint64_t prefix = address.is_v4() ? 4 : 6;
  const std::size_t octets = address.is_v4() ? 3 : 6;
  for (std::size_t i = 0; i < octets; ++i) prefix = prefix << 8U | address.octets().at(i);
  return prefix;
}

}  // namespace

double Budget::Bucket::level(double rate, MonoTime now) const {
  if (!is_used_) return rate * kDepth_s;
  return std::min(rate * kDepth_s, level_ + rate * std::max(0.0, now - at_));
}

bool Budget::take(const Address& to, std::size_t octets, MonoTime now, Shortage shortage) {
  const std::uint64_t hash = crypto::siphash(secret_, std::array{prefix_of(to)});
  Allowances& allowances = shortage == Shortage::owe ? of_proofs_ : of_lines_;
  Bucket& prefix = allowances.prefixes.at(hash % allowances.prefixes.size());
  const double of_prefix = prefix.level(kPrefixBudget_octets_per_s, now);
  const double of_all = allowances.all.level(kTotalBudget_octets_per_s, now);
  const auto taken = static_cast<double>(octets);
  const double needed = shortage == Shortage::owe ? 1.0 : taken;
  if (of_prefix < needed || of_all < needed) return false;
  prefix.set(of_prefix - taken, now);
  allowances.all.set(of_all - taken, now);
  return true;
}

}  // namespace ntp::control
