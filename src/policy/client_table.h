// SPDX-License-Identifier: BSD-2-Clause
//
// Who asked lately and how often: one block of memory that all workers share, for rate limits and the list of clients.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "policy/rate_limit.h"

namespace ntp::policy {

/// One client as mrulist shows it.
struct ClientRecord {
  Endpoint remote;
  std::uint32_t count = 0;  ///< stays at its largest
  double since_first_s = 0;
  double since_last_s = 0;
  std::uint16_t restrictions = 0;  ///< flags of the last packet, and limited/kod where they struck
  std::uint8_t mode = 0;
  std::uint8_t version = 0;
};

/// What of the clients is told (the words of mru). The reference implementation takes back entries that are older than
/// max_age_s once it has more than min_entries; here they stay until their place is needed, but are told no more.
struct ListedClients {
  std::size_t min_entries = 0;
  double max_age_s = std::numeric_limits<double>::infinity();
  std::size_t max_entries = std::numeric_limits<std::size_t>::max();
};

/// A client with the times of its packets, exact as they are stored.
struct DatedClient {
  ClientRecord client;
  MonoTime first;
  MonoTime last;
};

/// A place in the list of clients: by their last packets, of one time by their addresses.
struct ClientCursor {
  MonoTime last;
  Endpoint remote;

  friend auto operator<=>(const ClientCursor&, const ClientCursor&) = default;
};

/// Which clients are wanted. Zero: no condition.
struct ClientFilter {
  std::uint32_t min_count = 0;
  std::uint16_t all_of = 0;  ///< flags that must all be set
  std::uint16_t any_of = 0;  ///< flags of which one must be set
  double min_since_last_s = 0;
  double max_since_last_s = 0;
  std::size_t newest = 0;  ///< only that many of the newest

  friend bool operator==(const ClientFilter&, const ClientFilter&) = default;
};

/// Which page of the list is wanted.
struct ClientPage {
  std::optional<ClientCursor> after;  ///< nothing: from the oldest on
  ClientFilter filter;
  std::size_t size = 0;  ///< most clients of it
};

/// Lossy by design: where there is no room for a client, the oldest of those that share its places is forgotten. Lock-free;
/// any number of threads. All memory is taken when it is made, and touched as clients come.
class ClientTable {
 public:
  struct Sizes {
    std::size_t clients = 0;  ///< that it must be able to hold; there are some more places, for they fill unevenly
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
  using Judgement = policy::Judgement;
  /// Begins to fetch what update() will need of this address: for packets that come in batches.
  void prepare(const Address& remote) const;
  /// Counts the packet and judges its sender. Never waits: if another thread is just counting a packet of the same address, a
  /// limited one is dropped and any other one passes uncounted.
  Judgement update(const Packet& packet, const RateLimits& limits);
  /// True if a crypto-NAK may go to the sender's prefix (/24, /48) now: one a second. Prefixes share allowances by chance.
  bool may_send_nak(const Address& remote, MonoTime now);

  /// Clients, newest first. Slow: copies and sorts.
  [[nodiscard]] std::vector<ClientRecord> snapshot(MonoTime now, const ListedClients& listed = {}) const;
  /// The `count` first of those: one pass over the table, and no more memory than they take.
  [[nodiscard]] std::vector<DatedClient> newest(MonoTime now, const ListedClients& listed, std::size_t count) const;
  /// Clients of `page`, oldest first, into `out`, whose memory is used again. Twice a pass over the table, and no more memory
  /// than the page takes (but where the list is shorter than the table: then 8 octets a client).
  void read_page(MonoTime now, const ListedClients& listed, const ClientPage& page,
                 std::vector<DatedClient>& out) const;
  /// That are held now. A client that is forgotten gives its place to another one, so that the number never falls.
  [[nodiscard]] std::size_t size() const;
  /// Places: more clients than this are never held.
  [[nodiscard]] std::size_t capacity() const;
  /// Of memory, touched or not.
  [[nodiscard]] std::size_t octets() const;

  /// Where the clients are, aligned to pages: for who tells the kernel how it will be used. Nothing may be written there.
  [[nodiscard]] std::span<std::byte> memory();

  /// The largest number of clients whose table takes no more than this.
  static Sizes sizes_within(std::size_t octets);

 private:
  struct Block;
  template <class Visitor>
  void visit(MonoTime now, const Visitor& visitor) const;
  /// The last packet of the oldest client that is listed.
  [[nodiscard]] std::int64_t oldest_listed_ns(MonoTime now, const ListedClients& listed) const;

  std::unique_ptr<Block> block_;
};

}  // namespace ntp::policy
