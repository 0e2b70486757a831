// SPDX-License-Identifier: BSD-2-Clause
//
// Who asked lately and how often: one block of memory that all workers share, for rate limits and the list of clients.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace ntp::policy {

/// What an address may send (restrict limited).
struct RateLimits {
  /// discard's counter (the reference implementation's) instead of the token bucket.
  bool is_classic = false;
  int average_log2s = 3;         ///< classic: least average time between packets
  int minimum_s = 2;             ///< classic: least time between two packets, and between two kisses
  double average_per_s = 1.0;    ///< bucket: packets a second in the long run
  double burst = 20.0;           ///< bucket: packets at once
  double kiss_interval_s = 2.0;  ///< bucket: least time between two kisses
};

/// One client as mrulist shows it.
struct ClientRecord {
  Endpoint remote;
  std::uint32_t count = 0;
  double since_first_s = 0;
  double since_last_s = 0;
  std::uint16_t restrictions = 0;  ///< flags of the last packet, and limited/kod where they struck
  std::uint8_t mode = 0;
  std::uint8_t version = 0;
};

/// Lossy by design: a full bucket forgets its oldest client. Lock-free; any number of threads. All memory is taken when it is made.
class ClientTable {
 public:
  struct Sizes {
    std::size_t clients = 0;  ///< most clients; rounded up to whole buckets
  };
  /// `secret`: so that nobody can choose addresses that collide.
  ClientTable(Sizes sizes, std::array<std::uint64_t, 2> secret);
  ClientTable(const ClientTable&) = delete;
  ClientTable& operator=(const ClientTable&) = delete;
  ~ClientTable();

  struct Packet {
    Endpoint remote;
    MonoTime at;
    std::uint8_t mode = 0;
    std::uint8_t version = 0;
    std::uint16_t restrictions = 0;  ///< policy::Access of the sender
    bool is_limited = false;         ///< restrict limited
    bool wants_kisses = false;       ///< restrict kod
  };
  enum class Judgement : std::uint8_t { passes, dropped, kissed };
  /// Counts the packet and judges its sender.
  Judgement update(const Packet& packet, const RateLimits& limits);
  /// True if a crypto-NAK may go to the sender's prefix (/24, /48) now: one a second.
  bool may_send_nak(const Address& remote, MonoTime now);

  /// All clients, newest first. Slow: copies and sorts.
  [[nodiscard]] std::vector<ClientRecord> snapshot(MonoTime now) const;
  [[nodiscard]] std::size_t capacity() const;
  [[nodiscard]] std::size_t octets() const;

 private:
  struct Block;
  std::unique_ptr<Block> block_;
};

}  // namespace ntp::policy
