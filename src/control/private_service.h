// SPDX-License-Identifier: BSD-2-Clause
//
// Answers private messages (mode 7): ntpdc's questions and changes, as the reference implementation's do with `enable mode7`.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "control/facts.h"
#include "control/newest_clients.h"
#include "control/service.h"
#include "control/traps.h"
#include "crypto/mac.h"
#include "state/host_view.h"
#include "wire/private_packet.h"

namespace ntp::control {

/// What both modes share: their service keeps it.
class ControlState {
 public:
  virtual ~ControlState() = default;
  [[nodiscard]] virtual state::ControlCounts counts(MonoTime now) const = 0;
  virtual void reset_counts(MonoTime now) = 0;
  [[nodiscard]] virtual std::vector<TrapView> traps(MonoTime now) const = 0;
  /// False: there is no room for one more.
  virtual bool set_trap(const Endpoint& remote, MonoTime now) = 0;
  /// False: there is none of that address.
  virtual bool clear_trap(const Endpoint& remote, MonoTime now) = 0;
  /// Takes from the budget what an answer to somebody with a restrict line of its own needs; false: it isn't sent.
  virtual bool may_send(const Address& to, std::size_t octets, MonoTime now) = 0;
};

/// Proven requests that were carried out, so that none counts twice.
class UsedRequests {
 public:
  /// What the request of this MAC was answered with; nothing: it is new.
  struct Use {
    wire::PrivateError answer = wire::PrivateError::none;
  };
  [[nodiscard]] std::optional<Use> find(Timestamp stamp, Bytes proof, Timestamp now);
  void remember(Timestamp stamp, Bytes proof, Use use);
  /// True if it may be one that was forgotten: as old as, or older than the newest of those. After a step of the clock
  /// backwards that is so of all until the clock has caught up.
  [[nodiscard]] bool may_be_forgotten(Timestamp stamp) const;
  [[nodiscard]] bool was_clock_set_back(Timestamp now) const;

 private:
  static constexpr std::size_t kMost = 64;
  struct Entry {
    Timestamp stamp;
    std::vector<std::byte> proof;  ///< key id and digest
    Use use;
  };
  void forget_oldest();

  std::deque<Entry> entries_;
  std::optional<Timestamp> newest_forgotten_;
};

class PrivateService {
 public:
  struct World {
    Facts& facts;
    Commands& commands;
    ControlState& state;
  };
  /// What `world` names outlives the service.
  explicit PrivateService(World world) : world_(world) {}

  /// Appends the answer, if any: to who sits on this host or proves a new request with the request key, all of it; to who has
  /// a restrict line of its own, all of it within the budget; to anybody else one datagram, no longer than the query.
  /// What is malformed, and what is a response itself, gets none.
  void answer(const Query& query, const Instant& now, Replies& out);

 private:
  struct Judged;
  [[nodiscard]] Judged judge(const Query& query, const wire::PrivateHeader& header, const Instant& now);
  [[nodiscard]] std::optional<wire::PrivateProof> check_proof(const Query& query, const wire::PrivateHeader& header,
                                                              const Instant& now);

  World world_;
  crypto::MacWorkspace mac_;
  UsedRequests used_;
  NewestClients newest_clients_;
};

}  // namespace ntp::control
