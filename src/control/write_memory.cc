// SPDX-License-Identifier: BSD-2-Clause
#include "control/write_memory.h"

#include <algorithm>
#include <array>

namespace ntp::control {

std::uint64_t WriteMemory::hash(const Query& query) const {
  const Bytes address = std::as_bytes(std::span(query.remote.address.octets()));
  std::uint64_t state = crypto::siphash<2, 4>(
      secret_, std::array{load_big_endian<std::uint64_t>(address, 0), load_big_endian<std::uint64_t>(address, 8),
                          std::uint64_t{query.payload.size()}});
  // A chain: each step takes eight more octets, the last ones filled up with zeros (the length went first).
  for (std::size_t at = 0; at < query.payload.size(); at += sizeof(std::uint64_t)) {
    std::array<std::byte, sizeof(std::uint64_t)> word{};
    const Bytes rest = query.payload.subspan(at);
    std::copy_n(rest.begin(), std::min(rest.size(), word.size()), word.begin());
    state = crypto::siphash<2, 4>(secret_, std::array{state, load_big_endian<std::uint64_t>(word, 0)});
  }
  return state;
}

const WriteMemory::Entry* WriteMemory::find_in(const Ring& ring, std::uint64_t datagram, MonoTime now) {
  const auto found = std::find_if(ring.entries.begin(), ring.entries.end(), [&](const Entry& entry) {
    return entry.datagram == datagram && now - entry.at <= kWriteLife_s;
  });
  return found == ring.entries.end() ? nullptr : &*found;
}

const WriteMemory::Entry* WriteMemory::find(const Query& query, MonoTime now) const {
  const std::uint64_t wanted = hash(query);
  const Entry* const found = find_in(by_nonce_, wanted, now);
  return found != nullptr ? found : find_in(by_origin_, wanted, now);
}

bool WriteMemory::is_full(MonoTime now) const {
  return by_nonce_.entries.size() == kMostEntries && now - by_nonce_.entries[by_nonce_.next].at <= kWriteLife_s;
}

void WriteMemory::add(const Query& query, const Answer& answer, Proof proof, MonoTime now) {
  Ring& ring = proof == Proof::nonce ? by_nonce_ : by_origin_;
  Entry entry{.datagram = hash(query),
              .at = now,
              .text = std::string(answer.text.text()),
              .status = answer.status,
              .error = answer.error};
  if (ring.entries.size() < kMostEntries) {
    ring.entries.push_back(std::move(entry));
    return;
  }
  ring.entries[ring.next] = std::move(entry);
  ring.next = (ring.next + 1) % kMostEntries;
}

}  // namespace ntp::control
