// SPDX-License-Identifier: BSD-2-Clause
#include "client/private_answer.h"

namespace ntp::client {

PrivateAssembly::Added PrivateAssembly::add(Bytes datagram) {
  const auto header = wire::decode_private_header(datagram);
  const bool is_mode7 = header && (std::to_integer<unsigned>(datagram[0]) & 7U) == 7;
  if (!is_mode7 || !header->is_response || header->is_authenticated || header->reserved != 0) return Added::ignored;
  if (header->implementation != implementation_ || header->code != code_) return Added::ignored;
  if (header->error != 0) {
    if (received_ != 0) return Added::ignored;  // an answer has begun: somebody else's, or a late one
    error_ = header->error;
    return Added::complete;
  }

  const std::size_t octets = std::size_t{header->item_count} * header->item_length;
  if (octets > wire::kMaxPrivateData || octets > datagram.size() - wire::kPrivateHeaderLength) return Added::refused;
  if (header->item_count != 0 && header->item_length == 0) return Added::refused;
  const std::size_t sequence = header->sequence;
  if (parts_[sequence].is_there) return Added::ignored;
  const bool is_last = !header->has_more;
  if (last_ && (is_last || sequence > *last_)) return Added::refused;
  if (header->item_count != 0) {
    if (item_length_ && *item_length_ != header->item_length) return Added::refused;
    item_length_ = header->item_length;
  }
  if (is_last) {
    for (std::size_t i = sequence + 1; i < kMost; ++i)
      if (parts_[i].is_there) return Added::refused;
    last_ = sequence;
  }
  const Bytes items = datagram.subspan(wire::kPrivateHeaderLength, octets);
  parts_[sequence] = {.is_there = true, .count = header->item_count, .octets = {items.begin(), items.end()}};
  ++received_;
  return last_ && received_ == *last_ + 1 ? Added::complete : Added::taken;
}

PrivateItems PrivateAssembly::take() const {
  PrivateItems items{.length = item_length_.value_or(0)};
  for (const Part& part : parts_) {
    items.octets.insert(items.octets.end(), part.octets.begin(), part.octets.end());
    items.count += part.count;
  }
  return items;
}

}  // namespace ntp::client
