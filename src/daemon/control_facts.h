// SPDX-License-Identifier: BSD-2-Clause
//
// What control replies are made from, gathered from the running daemon.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "config/model.h"
#include "control/facts.h"
#include "policy/policy_board.h"
#include "state/variable_set.h"

namespace ntp::daemon {

/// Where the facts are. All of it outlives them.
struct ControlSources {
  std::function<state::View()> view;
  const config::Config& config;
  const state::VariableSet& variables;
  const policy::PolicyBoard& policies;
  const policy::ClientTable& clients;
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
  std::span<const std::uint64_t> rule_hits() override;
  const policy::ClientTable* clients() override;
  policy::ListedClients listed_clients() override;

  /// After a change: what was gathered before it is no longer true.
  void forget();
  /// Between queries: an old policy, with its keys, must not stay for the sake of a query that was answered long ago.
  void release();

 private:
  ControlSources sources_;
  policy::PolicyBoard::Reader policies_;
  std::unique_ptr<const policy::PolicyBoard::Hold> held_;
  state::View view_;
  MonoTime view_until_;
  state::HostView host_;
  MonoTime started_;
};

}  // namespace ntp::daemon
