// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/client_limits.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include <sys/mman.h>

namespace ntp::daemon {
namespace {

constexpr long long kOctetsOfKilobyte = 1024;
/// For 59,000 clients. Memory is taken as they come, so that a host that serves nobody pays nothing.
constexpr long long kUsualKilobytes = 4096;
/// What "any number" means: a million clients, 75 MB once they have come.
constexpr std::size_t kAnyNumber = 1'000'000;
/// 16 GiB: more is a slip of the pen.
constexpr long long kMostKilobytes = 16LL << 20;
constexpr long long kMostClients = 200'000'000;
/// Less is small enough to be translated quickly, and would take more memory for few clients.
constexpr std::size_t kWorthHugePages = 32U << 20U;
/// The reference implementation keeps this many however old they are.
constexpr std::size_t kUsualMinEntries = 600;
/// NTPsec's; the older 64 s lose a client between two of its polls.
constexpr double kUsualMaxAge_s = 3600;

}  // namespace

policy::RateLimits rate_limits(const config::Config& config) {
  policy::RateLimits limits;
  if (config.discard != config::Discard{}) {
    limits.is_classic = true;
    limits.average_log2s = config.discard.average_log2s.value_or(limits.average_log2s);
    limits.minimum_s = config.discard.minimum_s.value_or(limits.minimum_s);
    return limits;
  }
  limits.average_per_s = config.limit.average_per_s.value_or(limits.average_per_s);
  limits.burst = config.limit.burst.value_or(limits.burst);
  if (config.limit.kod_per_s)
    limits.kiss_interval_s =
        *config.limit.kod_per_s > 0 ? 1.0 / *config.limit.kod_per_s : std::numeric_limits<double>::infinity();
  return limits;
}

bool is_monitoring(const config::Config& config) { return config.switches.monitor.value_or(true); }

policy::ClientTable::Sizes client_table_sizes(const config::Mru& mru) {
  if (mru.max_kB.value_or(0) < 0 || mru.max_entries.value_or(0) < 0) return {.clients = kAnyNumber};
  if (mru.max_entries) return {.clients = static_cast<std::size_t>(std::clamp(*mru.max_entries, 1LL, kMostClients))};
  const long long kilobytes = std::min(mru.max_kB.value_or(kUsualKilobytes), kMostKilobytes);
  return policy::ClientTable::sizes_within(static_cast<std::size_t>(kilobytes * kOctetsOfKilobyte));
}

policy::ListedClients listed_clients(const config::Mru& mru) {
  policy::ListedClients listed{.min_entries = kUsualMinEntries, .max_age_s = kUsualMaxAge_s};
  if (mru.min_entries) listed.min_entries = static_cast<std::size_t>(std::max(*mru.min_entries, 0LL));
  if (mru.max_age_s) listed.max_age_s = static_cast<double>(*mru.max_age_s);
  if (mru.max_entries.value_or(-1) >= 0)
    listed.max_entries = static_cast<std::size_t>(std::clamp(*mru.max_entries, 1LL, kMostClients));
  return listed;
}

std::unique_ptr<policy::ClientTable> make_client_table(const config::Config& config, Random& random) {
  const std::array<std::uint64_t, 2> secret = {random.next64(), random.next64()};
  try {
    auto table = std::make_unique<policy::ClientTable>(client_table_sizes(config.mru), secret);
    // Clients lie in no order: with small pages nearly each of them costs an address translation. A refusal costs only time.
    if (table->octets() >= kWorthHugePages)
      static_cast<void>(::madvise(table->memory().data(), table->memory().size(), MADV_HUGEPAGE));
    return table;
  } catch (const std::bad_alloc&) {
    return std::make_unique<policy::ClientTable>(client_table_sizes({}), secret);
  }
}

}  // namespace ntp::daemon
