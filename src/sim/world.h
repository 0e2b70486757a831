// SPDX-License-Identifier: BSD-2-Clause
//
// A deterministic world: nodes, the links between them, and a queue of events ordered by (true time, sequence). The same
// seed and the same nodes give the same run, bit by bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "sim/link.h"
#include "sim/trace.h"
#include "sim/true_time.h"

namespace ntp::sim {

using NodeId = std::uint32_t;

/// What really happened to a request and its reply; an onlooker's knowledge, no node acts on it.
struct Journey {
  TrueTime sent;                    ///< the request left the client
  double raw_offset_at_sent_s = 0;  ///< the client's undisciplined clock minus true time
  TrueTime arrived;                 ///< at the server
  TrueTime replied;                 ///< the reply left the server
};

/// A datagram on its way.
struct Packet {
  static constexpr std::size_t kMaxLength = 256;

  Endpoint from;
  Endpoint to;
  std::array<std::byte, kMaxLength> octets{};
  std::size_t length = 0;
  std::optional<Journey> journey;  ///< none: nobody keeps it, or the datagram was spoilt

  [[nodiscard]] Bytes payload() const { return Bytes(octets).first(length); }
};

/// Why a run ended early.
struct Violation {
  std::uint64_t seed = 0;
  TrueTime at;
  std::string text;

  [[nodiscard]] std::string message() const;
};

/// What a node may schedule for itself.
enum class Alarm : std::uint8_t { wake_up, late_stamp, resolved, temperature };

class World;

class Node {
 public:
  explicit Node(std::string name) : name_(std::move(name)) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  virtual void start() = 0;
  virtual void on_packet(const Packet& packet) = 0;
  virtual void on_alarm(Alarm alarm, std::uint64_t argument) = 0;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] NodeId id() const { return id_; }
  [[nodiscard]] Address address() const;

 protected:
  [[nodiscard]] World& world() const { return *world_; }

 private:
  friend class World;
  std::string name_;
  NodeId id_ = 0;
  World* world_ = nullptr;
};

class World {
 public:
  explicit World(std::uint64_t seed, Trace* trace = nullptr) : seed_(seed), trace_(trace) {}

  /// The node gets the next free address, 10.0.0.1 and up.
  template <class N>
  N& add(std::unique_ptr<N> node) {
    N& added = *node;
    adopt(std::move(node));
    return added;
  }
  /// Joins two nodes; datagrams between nodes that are not joined are lost.
  void connect(NodeId from, NodeId to, const LinkSettings& settings);
  [[nodiscard]] Link* link(NodeId from, NodeId to);

  void set_alarm(TrueTime at, NodeId node, Alarm alarm, std::uint64_t argument = 0);
  /// A scenario's own event.
  void at(TrueTime when, std::function<void()> action);
  /// Leaves now + after_s (>= 0).
  void send(const Packet& packet, double after_s = 0);

  /// Starts all nodes; once.
  void start();
  /// Runs everything up to and including `end`; true if no invariant was violated.
  bool run_until(TrueTime end);
  /// Ends the run; only the first violation counts.
  void fail(std::string text);

  [[nodiscard]] TrueTime now() const { return now_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] Trace* trace() const { return trace_; }
  [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }
  [[nodiscard]] std::uint64_t events() const { return sequence_; }

 private:
  enum class Kind : std::uint8_t { packet, alarm, action };
  struct Event {
    TrueTime at;
    std::uint64_t sequence = 0;
    std::uint64_t argument = 0;  ///< packet or action: its slot; alarm: the node's own
    NodeId node = 0;
    Kind kind = Kind::alarm;
    Alarm alarm = Alarm::wake_up;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };

  void adopt(std::unique_ptr<Node> node);
  void push(Event event);
  void dispatch(const Event& event);
  [[nodiscard]] std::optional<NodeId> owner(const Address& address) const;

  std::uint64_t seed_;
  Trace* trace_;
  TrueTime now_;
  std::uint64_t sequence_ = 0;
  std::vector<Event> queue_;  ///< a heap, earliest on top
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unordered_map<std::uint64_t, Link> links_;
  std::vector<Packet> packets_;
  std::vector<std::size_t> free_packets_;
  std::vector<std::function<void()>> actions_;
  std::optional<Violation> violation_;
};

}  // namespace ntp::sim
