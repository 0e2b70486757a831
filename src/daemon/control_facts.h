// SPDX-License-Identifier: BSD-2-Clause
//
// What control replies are made from, gathered from the running daemon when it is asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "config/model.h"
#include "control/facts.h"
#include "daemon/client_sockets.h"
#include "daemon/control_queue.h"
#include "daemon/interface_list.h"
#include "daemon/listeners.h"
#include "net/interfaces.h"
#include "net/poll_loop.h"
#include "policy/policy_board.h"
#include "state/variable_set.h"

namespace ntp::daemon {

/// Where the facts are. All of it outlives them.
struct ControlSources {
  std::function<state::View()> view;
  std::function<Served()> served;
  const config::Config& config;
  const state::VariableSet& variables;
  const policy::PolicyBoard& policies;
  const policy::ClientTable& clients;
  const ClientSockets& client_sockets;
  const Traffic& replies;     ///< control replies
  const net::PollLoop& loop;  ///< the engine's
  const std::vector<net::LocalAddress>& addresses;
  const std::vector<config::InterfaceRule>& interface_rules;
  std::uint16_t port = 0;
  const ControlQueue* queries = nullptr;  ///< what it had no room for counts as dropped
};

class ControlFacts final : public control::Facts {
 public:
  explicit ControlFacts(ControlSources sources);
  ControlFacts(const ControlFacts&) = delete;
  ControlFacts& operator=(const ControlFacts&) = delete;
  ~ControlFacts() override;

  const state::View& view() override;
  const state::HostView& host() override;
  std::span<const state::InterfaceView> interfaces() override;
  const state::VariableSet& variables() override;
  const policy::Policy& policy() override;
  std::uint64_t rule_hits(std::size_t rule) override;
  const policy::ClientTable* clients() override;
  policy::ListedClients listed_clients() override;

  /// After a change: what was gathered before it is no longer true.
  void forget();
  /// Between queries: an old policy, with its keys, must not stay for the sake of a query that was answered long ago.
  void release();
  /// What is counted here of this kind counts from 0 again. What belongs to sources or to control messages isn't.
  void reset_counts(control::ResetWhat what);

 private:
  /// All that only grows, while the process lives.
  struct Sums {
    state::PacketCounts packets;
    state::KeyUse keys;
    TrafficCounts traffic;
    std::uint64_t alarms = 0;
    std::uint64_t polls = 0;
    std::uint64_t dropped = 0;
  };
  /// Where a group of counts begins.
  struct Beginning {
    Sums at;
    MonoTime time;
  };
  [[nodiscard]] const policy::Policy& held_policy();
  [[nodiscard]] Sums sums(const Served& served);
  void fill_counts(const Served& served, MonoTime now);
  [[nodiscard]] state::MonitorView monitor();

  ControlSources sources_;
  policy::PolicyBoard::Reader policies_;
  std::unique_ptr<const policy::PolicyBoard::Hold> held_;
  state::View view_;
  MonoTime view_until_;
  state::HostView host_;
  MonoTime host_until_;
  MonoTime started_;
  InterfaceList interfaces_;
  Beginning packets_;
  Beginning io_;
  Beginning timer_;
  Beginning keys_;
};

}  // namespace ntp::daemon
