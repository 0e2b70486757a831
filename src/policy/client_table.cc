// SPDX-License-Identifier: BSD-2-Clause
#include "policy/client_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <functional>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "crypto/siphash.h"
#include "policy/access_list.h"
#include "policy/client_bucket.h"

namespace ntp::policy {
namespace {

/// Places for a hundred clients: pages and buckets fill unevenly. Of as many clients as asked for, 3.5 % find no room.
constexpr std::size_t kPlacesPercent = 117;
/// One allowance of crypto-NAKs each.
constexpr std::size_t kNakWords = 4096;
constexpr double kNakInterval_s = 1.0;
/// More than two threads' readings of one clock are apart: what seems to come before the last one came with it.
constexpr double kNakSkew_s = 1.0;
/// Another thread owns a place for some 20 ns, unless it was interrupted there; then nobody waits for it.
constexpr int kAttempts = 16;
/// A reader gives a place up that changes under its eyes this often.
constexpr int kReadAttempts = 64;

struct Free {
  void operator()(void* memory) const { std::free(memory); }  // NOLINT(cppcoreguidelines-no-malloc)
};

std::uint16_t bits(Access access) { return static_cast<std::uint16_t>(access); }

/// The number below `count` that a hash of 32 bits falls on.
std::size_t scale(std::uint64_t hash32, std::size_t count) { return static_cast<std::size_t>((hash32 * count) >> 32U); }

std::size_t pages_for(std::size_t clients) {
  const std::size_t places = clients / 100 * kPlacesPercent + clients % 100 * kPlacesPercent / 100;
  return std::max<std::size_t>(1, (places + kPlacesOfPage - 1) / kPlacesOfPage);
}

/// The two buckets where a client may be.
struct Homes {
  std::uint64_t tag = 0;
  std::array<std::uint64_t*, 2> buckets{};

  [[nodiscard]] ClientPlace place(std::size_t i) const { return {buckets[i / kPlacesOfBucket], i % kPlacesOfBucket}; }
  static constexpr std::size_t kPlaces = 2 * kPlacesOfBucket;
  /// Begins to fetch what a packet of a known client touches.
  void fetch() const {
    constexpr std::size_t kLineWords = 8;
    for (const std::uint64_t* bucket : buckets) {
      __builtin_prefetch(bucket, 1);
      __builtin_prefetch(bucket + kLineWords, 1);
    }
  }
};

std::optional<ClientPlace> find(const Homes& homes) {
  const unsigned matches = ClientPlace::with_tag(homes.buckets[0], homes.tag) |
                           ClientPlace::with_tag(homes.buckets[1], homes.tag) << kPlacesOfBucket;
  if (matches == 0) return std::nullopt;
  return homes.place(static_cast<std::size_t>(std::countr_zero(matches)));
}

/// Where a new client goes: a free place of the emptier bucket, else the one that was silent for longest.
ClientPlace choose(const Homes& homes) {
  std::array<unsigned, 2> used{};
  std::array<std::size_t, 2> free_place{};
  for (std::size_t i = Homes::kPlaces; i-- > 0;) {
    if (homes.place(i).tag() == 0)
      free_place[i / kPlacesOfBucket] = i;
    else
      ++used[i / kPlacesOfBucket];
  }
  const std::size_t emptier = used[1] < used[0] ? 1 : 0;
  if (used[emptier] < kPlacesOfBucket) return homes.place(free_place[emptier]);
  std::size_t oldest = 0;
  for (std::size_t i = 1; i < Homes::kPlaces; ++i)
    if (homes.place(i).last_and_port().word() < homes.place(oldest).last_and_port().word()) oldest = i;
  return homes.place(oldest);
}

/// The flags that mrulist shows: limited and kod only where they struck.
std::uint16_t shown_restrictions(std::uint16_t restrictions, Judgement judgement) {
  const unsigned others = restrictions & ~unsigned{bits(Access::limited | Access::kod)};
  switch (judgement) {
    case Judgement::passes:
      return static_cast<std::uint16_t>(others);
    case Judgement::dropped:
      return static_cast<std::uint16_t>(others | bits(Access::limited));
    case Judgement::kissed:
      return static_cast<std::uint16_t>(others | bits(Access::limited | Access::kod));
  }
  return restrictions;
}

/// The first packet of a client: nothing is held against it yet.
void settle(const ClientPlace& place, const ClientAddress& address, const ClientTable::Packet& packet) {
  const std::uint32_t scope = packet.remote.address.scope();
  place.set_address(address);
  place.set_first_and_scope({packet.at.nanoseconds(), static_cast<std::uint16_t>(scope <= 0xffff ? scope : 0)});
  place.set_last_and_port({packet.at.nanoseconds(), packet.remote.port});
  place.set_level(0);
  place.set_kissed_ns(0);
}

struct Limiter {
  const RateLimits& limits;
  BucketPace pace;
};

/// A packet of the client whose place this is, and ours.
Judgement judge(const ClientPlace& place, const ClientTable::Packet& packet, const Limiter& limiter, bool is_first) {
  const RateLimits& limits = limiter.limits;
  const std::int64_t now_ns = packet.at.nanoseconds();
  // Packets of several threads may come in another order than they were stamped.
  const std::int64_t last_ns = place.last_and_port().ns();
  place.set_last_and_port({std::max(now_ns, last_ns), packet.remote.port});
  if (!packet.is_limited) return Judgement::passes;

  RateLevel level = place.level();
  if (limits.is_classic) {
    if (is_first) return Judgement::passes;
    const Judgement judgement = judge_by_discard(limits, now_ns - last_ns, level);
    place.set_level(level);
    return judgement == Judgement::kissed && !packet.wants_kisses ? Judgement::dropped : judgement;
  }
  const bool passes = passes_bucket(limiter.pace, now_ns, level);
  place.set_level(level);
  if (passes) return Judgement::passes;
  if (!packet.wants_kisses || !is_kiss_due(limits, now_ns, place.kissed_ns())) return Judgement::dropped;
  place.set_kissed_ns(now_ns);
  return Judgement::kissed;
}

std::optional<DatedClient> read(const ClientPlace& place, MonoTime now) {
  const auto seconds_since = [now](const TimeAndNumber& then) {
    return std::max(0.0, now - MonoTime::from_nanoseconds(then.ns()));
  };
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    const auto control = place.watch();
    if (!control) continue;
    const bool is_used = place.tag() != 0;
    const TimeAndNumber first = place.first_and_scope();
    const TimeAndNumber last = place.last_and_port();
    const ClientAddress address = place.address();
    if (!place.is_unchanged(*control)) continue;
    if (!is_used) return std::nullopt;
    const ClientControl known = ClientControl::unpack(*control);
    return DatedClient{.client = {.remote = {.address = address.address(first.number()), .port = last.number()},
                                  .count = known.count,
                                  .since_first_s = seconds_since(first),
                                  .since_last_s = seconds_since(last),
                                  .restrictions = known.restrictions,
                                  .mode = known.mode,
                                  .version = known.version},
                       .first = MonoTime::from_nanoseconds(first.ns()),
                       .last = MonoTime::from_nanoseconds(last.ns())};
  }
  return std::nullopt;
}

ClientCursor cursor_of(const DatedClient& client) { return {.last = client.last, .remote = client.client.remote}; }
bool is_older(const DatedClient& a, const DatedClient& b) { return cursor_of(a) < cursor_of(b); }
/// As snapshot() sorts: of one time by address.
bool is_newer(const DatedClient& a, const DatedClient& b) {
  return a.last != b.last ? a.last > b.last : a.client.remote < b.client.remote;
}

bool passes(const ClientFilter& filter, const ClientRecord& client) {
  const unsigned flags = client.restrictions;
  if (client.count < filter.min_count) return false;
  if ((flags & filter.all_of) != filter.all_of) return false;
  if (filter.any_of != 0 && (flags & filter.any_of) == 0) return false;
  if (client.since_last_s < filter.min_since_last_s) return false;
  return filter.max_since_last_s <= 0 || client.since_last_s <= filter.max_since_last_s;
}

}  // namespace

struct ClientTable::Block {
  crypto::SipKey secret;
  std::size_t pages = 0;
  std::size_t octets = 0;
  std::unique_ptr<std::uint64_t, Free> memory;
  std::uint64_t* first_page = nullptr;  ///< aligned, in `memory`
  std::array<std::atomic<std::int64_t>, kNakWords> nak_sent_ns{};
  std::atomic<std::size_t> used{0};  ///< places

  [[nodiscard]] std::uint64_t* bucket(std::size_t index) const { return first_page + index * kBucketWords; }
  [[nodiscard]] std::size_t buckets() const { return pages * kBucketsOfPage; }
  [[nodiscard]] Homes homes(const ClientAddress& address) const {
    const std::uint64_t hash = crypto::siphash(secret, std::array{address.high, address.low});
    const std::size_t page = scale(hash >> 32U, pages) * kBucketsOfPage;
    const std::size_t one = hash % kBucketsOfPage;
    // Another one than the first.
    const std::size_t distance = 1 + ((hash >> 8U) % kBucketsOfPage) * (kBucketsOfPage - 1) / kBucketsOfPage;
    const std::size_t other = (one + distance) % kBucketsOfPage;
    return {.tag = std::max<std::uint64_t>(hash, 1), .buckets = {bucket(page + one), bucket(page + other)}};
  }
};

ClientTable::ClientTable(Sizes sizes, std::array<std::uint64_t, 2> secret) : block_(std::make_unique<Block>()) {
  block_->secret = secret;
  block_->pages = pages_for(sizes.clients);
  const std::size_t used = block_->pages * kPageOctets;
  block_->octets = used + kPageOctets;
  // Zeroed by the kernel page by page as it is touched: a table for many clients costs nothing until they come.
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc)
  void* memory = std::calloc(block_->octets, 1);
  if (memory == nullptr) throw std::bad_alloc();
  block_->memory.reset(static_cast<std::uint64_t*>(memory));
  std::size_t space = block_->octets;
  block_->first_page = static_cast<std::uint64_t*>(std::align(kPageOctets, used, memory, space));
}

ClientTable::~ClientTable() = default;

void ClientTable::prepare(const Address& remote) const {
  const auto address = ClientAddress::of(remote);
  if (address) block_->homes(*address).fetch();
}

Judgement ClientTable::update(const Packet& packet, const RateLimits& limits) {
  const auto address = ClientAddress::of(packet.remote.address);
  if (!address) return Judgement::passes;
  const Homes homes = block_->homes(*address);
  homes.fetch();
  const Limiter limiter{.limits = limits, .pace = BucketPace(limits)};
  bool is_known = false;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto found = find(homes);
    is_known = found.has_value();
    const ClientPlace place = is_known ? *found : choose(homes);
    auto control = place.try_own();
    if (!control) continue;
    if (is_known && place.tag() != homes.tag) {  // somebody else's since we looked
      place.release(*control);
      continue;
    }
    if (!is_known) {
      if (place.tag() == 0) block_->used.fetch_add(1, std::memory_order_relaxed);
      place.set_tag(homes.tag);
      settle(place, *address, packet);
      control->count = 0;
    }
    const Judgement judgement = judge(place, packet, limiter, !is_known);
    if (control->count != std::numeric_limits<std::uint32_t>::max()) ++control->count;
    control->mode = packet.mode;
    control->version = packet.version;
    control->restrictions = shown_restrictions(packet.restrictions, judgement);
    place.release(*control);
    return judgement;
  }
  return is_known && packet.is_limited ? Judgement::dropped : Judgement::passes;
}

bool ClientTable::may_send_nak(const Address& remote, MonoTime now) {
  const auto address = ClientAddress::of(remote);
  if (!address) return false;
  const std::uint64_t prefix = remote.is_v4() ? address->high >> 8U : address->high >> 16U;
  const std::uint64_t hash = crypto::siphash(block_->secret, std::array{prefix});
  std::atomic<std::int64_t>& sent = block_->nak_sent_ns.at(scale(hash >> 32U, kNakWords));
  std::int64_t before = sent.load(std::memory_order_relaxed);
  // Zero means never, so that what is kept is one more than the time.
  const std::int64_t mark = std::clamp<std::int64_t>(now.nanoseconds(), 0, MonoTime::never().nanoseconds() - 1) + 1;
  const double since_s = now - MonoTime::from_nanoseconds(before - 1);
  if (before != 0 && since_s >= -kNakSkew_s && since_s < kNakInterval_s) return false;
  return sent.compare_exchange_strong(before, mark, std::memory_order_relaxed);
}

template <class Visitor>
void ClientTable::visit(MonoTime now, const Visitor& visitor) const {
  for (std::size_t bucket = 0; bucket < block_->buckets(); ++bucket)
    for (std::size_t i = 0; i < kPlacesOfBucket; ++i)
      if (const auto client = read({block_->bucket(bucket), i}, now)) visitor(*client);
}

std::vector<ClientRecord> ClientTable::snapshot(MonoTime now, const ListedClients& listed) const {
  std::vector<ClientRecord> records;
  visit(now, [&](const DatedClient& client) { records.push_back(client.client); });
  std::sort(records.begin(), records.end(), [](const ClientRecord& a, const ClientRecord& b) {
    return std::pair(a.since_last_s, a.remote) < std::pair(b.since_last_s, b.remote);
  });
  if (records.size() > listed.max_entries) records.resize(listed.max_entries);
  while (records.size() > listed.min_entries && records.back().since_last_s > listed.max_age_s) records.pop_back();
  return records;
}

std::vector<DatedClient> ClientTable::newest(MonoTime now, const ListedClients& listed, std::size_t count) const {
  count = std::min(count, listed.max_entries);
  std::vector<DatedClient> out;
  if (count == 0) return out;
  out.reserve(std::min(count, size()));
  // A heap of the newest, whose oldest is given up for a newer one.
  visit(now, [&](const DatedClient& client) {
    if (out.size() == count) {
      if (!is_newer(client, out.front())) return;
      std::pop_heap(out.begin(), out.end(), is_newer);
      out.pop_back();
    }
    out.push_back(client);
    std::push_heap(out.begin(), out.end(), is_newer);
  });
  std::sort_heap(out.begin(), out.end(), is_newer);
  while (out.size() > listed.min_entries && out.back().client.since_last_s > listed.max_age_s) out.pop_back();
  return out;
}

std::int64_t ClientTable::oldest_listed_ns(MonoTime now, const ListedClients& listed) const {
  constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::min();
  std::size_t all = 0;
  std::size_t young = 0;
  std::int64_t oldest_young_ns = std::numeric_limits<std::int64_t>::max();
  visit(now, [&](const DatedClient& client) {
    ++all;
    if (client.client.since_last_s > listed.max_age_s) return;
    ++young;
    oldest_young_ns = std::min(oldest_young_ns, client.last.nanoseconds());
  });
  const std::size_t count = std::min(listed.max_entries, std::max(young, listed.min_entries));
  if (all <= count) return kAll;
  if (count == young) return oldest_young_ns;
  if (count == 0) return std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> last_ns;
  last_ns.reserve(all);
  visit(now, [&](const DatedClient& client) { last_ns.push_back(client.last.nanoseconds()); });
  if (last_ns.size() < count) return kAll;
  const auto nth = last_ns.begin() + static_cast<std::ptrdiff_t>(count - 1);
  std::nth_element(last_ns.begin(), nth, last_ns.end(), std::greater<>());
  return *nth;
}

void ClientTable::read_page(MonoTime now, const ListedClients& listed, const ClientPage& page,
                            std::vector<DatedClient>& out) const {
  out.clear();
  if (page.size == 0) return;
  ListedClients shown = listed;
  if (page.filter.newest != 0) shown.max_entries = std::min(shown.max_entries, page.filter.newest);
  const std::int64_t oldest_ns = oldest_listed_ns(now, shown);
  // A heap of the oldest, whose newest is given up for an older one.
  visit(now, [&](const DatedClient& client) {
    if (client.last.nanoseconds() < oldest_ns || !passes(page.filter, client.client)) return;
    if (page.after && cursor_of(client) <= *page.after) return;
    if (out.size() == page.size) {
      if (!is_older(client, out.front())) return;
      std::pop_heap(out.begin(), out.end(), is_older);
      out.pop_back();
    }
    out.push_back(client);
    std::push_heap(out.begin(), out.end(), is_older);
  });
  std::sort_heap(out.begin(), out.end(), is_older);
}

std::size_t ClientTable::size() const { return block_->used.load(std::memory_order_relaxed); }

std::size_t ClientTable::capacity() const { return block_->pages * kPlacesOfPage; }

std::span<std::byte> ClientTable::memory() {
  return std::as_writable_bytes(std::span(block_->first_page, block_->pages * kPageWords));
}

std::size_t ClientTable::octets() const { return block_->octets + sizeof(Block); }

ClientTable::Sizes ClientTable::sizes_within(std::size_t octets) {
  const std::size_t fixed = sizeof(Block) + kPageOctets;
  const std::size_t pages = octets > fixed ? (octets - fixed) / kPageOctets : 0;
  return {.clients = pages * kPlacesOfPage * 100 / kPlacesPercent};
}

}  // namespace ntp::policy
