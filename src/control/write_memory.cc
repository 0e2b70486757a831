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

const WriteMemory::Entry* WriteMemory::find(const Query& query, MonoTime now) const {
  const std::uint64_t wanted = hash(query);
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.datagram == wanted && now - entry.at <= kWriteLife_s;
  });
  return found == entries_.end() ? nullptr : &*found;
}

bool WriteMemory::is_full(MonoTime now) const {
  return entries_.size() == kMostEntries && now - entries_[next_].at <= kWriteLife_s;
}

void WriteMemory::add(const Query& query, const Answer& answer, MonoTime now) {
  Entry entry{.datagram = hash(query),
              .at = now,
              .text = std::string(answer.text.text()),
              .status = answer.status,
              .error = answer.error};
  if (entries_.size() < kMostEntries) {
    entries_.push_back(std::move(entry));
    return;
  }
  entries_[next_] = std::move(entry);
  next_ = (next_ + 1) % kMostEntries;
}

}  // namespace ntp::control
