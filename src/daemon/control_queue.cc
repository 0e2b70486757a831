// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_queue.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/control_packet.h"

namespace ntp::daemon {
namespace {

constexpr std::size_t kKeyIdLength = 4;
/// Of MACs on the wire: MD5, CMAC; SHA-1 and all that is cut to its length.
constexpr std::array<std::size_t, 2> kDigestLengths{16, 20};

/// `to` keeps its own room for the octets.
void copy(ControlQueue::Place& to, const ReceivedQuery& query) {
  to.query = query;
  std::ranges::copy(query.payload, to.octets.begin());
  to.query.payload = Bytes(to.octets).first(query.payload.size());
}

}  // namespace

bool names_operators_key(Bytes payload, const policy::KeyRing* keys) {
  if (keys == nullptr || (!keys->control_key() && !keys->request_key())) return false;
  // At the end of either mode's query, before a digest of any length that there is.
  return std::ranges::any_of(kDigestLengths, [&](std::size_t digest) {
    if (payload.size() < wire::kControlHeaderLength + kKeyIdLength + digest) return false;
    const auto id = load_big_endian<std::uint32_t>(payload, payload.size() - digest - kKeyIdLength);
    return id == keys->control_key() || id == keys->request_key();
  });
}

ControlQueue::Lane lane_of(const ReceivedQuery& query) {
  const Address& remote = query.remote.address;
  if (remote.is_loopback() || (remote.is_v4() && remote == query.local)) return ControlQueue::Lane::this_host;
  if (query.has_own_line) return ControlQueue::Lane::named;
  return query.names_key ? ControlQueue::Lane::keyed : ControlQueue::Lane::strangers;
}

ControlQueue::ControlQueue() {
  for (std::size_t i = 0; i < kLanes; ++i) lanes_[i].places.resize(kRoom[i]);
}

bool ControlQueue::offer(const ReceivedQuery& query) {
  NTP_ASSERT(query.payload.size() <= server::kMaxQueryLength);
  const Lane lane = lane_of(query);
  if (lane == Lane::strangers && are_strangers_full_.load(std::memory_order_relaxed)) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    Ring& ring = lanes_[static_cast<std::size_t>(lane)];
    if (ring.size == ring.places.size()) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    copy(ring.places[(ring.first + ring.size) % ring.places.size()], query);
    ++ring.size;
    if (lane == Lane::strangers) are_strangers_full_.store(ring.size == ring.places.size(), std::memory_order_relaxed);
    was_empty = waiting_.fetch_add(1, std::memory_order_relaxed) == 0;
  }
  if (was_empty && wake_) wake_();
  return true;
}

bool ControlQueue::take(Place& out) {
  if (is_empty()) return false;
  const std::lock_guard lock(mutex_);
  const auto ring = std::ranges::find_if(lanes_, [](const Ring& lane) { return lane.size > 0; });
  if (ring == lanes_.end()) return false;
  copy(out, ring->places[ring->first].query);
  ring->first = (ring->first + 1) % ring->places.size();
  --ring->size;
  if (ring == lanes_.end() - 1) are_strangers_full_.store(false, std::memory_order_relaxed);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

}  // namespace ntp::daemon
