// SPDX-License-Identifier: BSD-2-Clause
//
// Answers control messages: mode 6 (RFC 9327, and the reference implementation's own operations) and mode 7. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "control/facts.h"
#include "policy/access_list.h"
#include "state/host_view.h"
#include "state/status.h"

namespace ntp::control {

/// A datagram of mode 6 or 7 that restrict lines let through, and what the door knows of its sender.
struct Query {
  Endpoint remote;
  Address local;
  Timestamp received;
  Bytes payload;
  policy::Access access = policy::Access::none;
  bool is_this_host = false;  ///< the sender's address is one of this host's, and can't have come from the wire
  bool has_own_line = false;  ///< a restrict line of its own (/32, /128) decides for the sender, or one with "amplify"
};

/// Datagrams to send, in order. Keeps its memory from one use to the next.
class Replies {
 public:
  void clear() {
    octets_.clear();
    entries_.clear();
  }
  /// The octets may be written until the next add().
  MutableBytes add(const Endpoint& to, std::size_t length) {
    entries_.push_back({to, octets_.size(), length});
    octets_.resize(octets_.size() + length);
    return MutableBytes(octets_).last(length);
  }
  struct Reply {
    Endpoint to;
    Bytes payload;
  };
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] Reply operator[](std::size_t i) const {
    return {entries_[i].to, Bytes(octets_).subspan(entries_[i].at, entries_[i].length)};
  }

 private:
  struct Entry {
    Endpoint to;
    std::size_t at = 0;
    std::size_t length = 0;
  };
  std::vector<std::byte> octets_;
  std::vector<Entry> entries_;
};

struct ServiceOptions {
  bool has_mode7 = false;       ///< enable mode7
  bool has_budget = true;       ///< false: for benchmarks
  std::vector<Endpoint> traps;  ///< trap lines
  std::string save_folder;      ///< saveconfigdir; empty: none, and saveconfig is refused
};

/// What a stranger can make this host send: octets a second to one prefix (/24, /48), and in all.
inline constexpr double kPrefixBudget_octets_per_s = 4096;
inline constexpr double kTotalBudget_octets_per_s = 65536;

class Service {
 public:
  /// All references outlive the service. `random`: for nonces.
  Service(Facts& facts, Commands& commands, Random& random, ServiceOptions options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  /// After a reload.
  void configure(ServiceOptions options);
  /// Appends the answer, if any, to `out`: to who may see it all, all of it, within the budget; to anybody else one datagram,
  /// no longer than the query.
  void answer(const Query& query, const Instant& now, Replies& out);
  /// Tells traps of an event. `association_id` 0: the system's.
  void report(std::uint16_t association_id, std::uint8_t event_code, const Instant& now, Replies& out);

  [[nodiscard]] state::ControlCounts counts(MonoTime now) const;
  void reset_counts(MonoTime now);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ntp::control
