// SPDX-License-Identifier: BSD-2-Clause
//
// Carries out what proven control messages order: configuration at run time, saveconfig, resets.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "config/parser.h"
#include "config/remote.h"
#include "control/facts.h"
#include "daemon/log.h"
#include "daemon/reload_changes.h"
#include "policy/key_ring.h"

namespace ntp::daemon {

/// What commands do to the daemon. All of it outlives them; nothing of it is called but for a command.
struct CommandTargets {
  const config::Config& config;         ///< in force
  const config::LineCounts& own_lines;  ///< of the host's own configuration
  Log& log;
  std::function<const policy::KeyRing*()> keys;
  std::function<std::vector<config::KnownSource>()> sources;
  /// Another configuration takes effect.
  std::function<ReloadChanges(config::Config)> take_configuration;
  std::function<bool()> read_keys;
  std::function<void()> read_interfaces;
  std::function<bool(const Endpoint&)> reset_source;
  std::function<void(control::ResetWhat)> reset_counts;
  /// Time of day, for the name and the head of a saved configuration.
  std::function<std::int64_t()> unix_time_s;
};

class ControlCommands final : public control::Commands {
 public:
  explicit ControlCommands(CommandTargets targets) : targets_(std::move(targets)) {}

  std::string configure(std::string_view text, const control::Orderer& orderer) override;
  [[nodiscard]] bool did_configure() const override { return did_configure_; }
  std::string save_configuration(std::string_view name, const control::Orderer& orderer) override;
  bool reset_source(const Endpoint& source) override { return targets_.reset_source(source); }
  void reset_counts(control::ResetWhat what) override { targets_.reset_counts(what); }
  bool read_keys() override { return targets_.read_keys(); }
  bool change_trust(std::span<const std::uint32_t> ids, bool is_trusted, const control::Orderer& orderer) override;
  void read_interfaces() override { targets_.read_interfaces(); }

 private:
  CommandTargets targets_;
  bool did_configure_ = false;
  std::uint64_t changes_ = 0;  ///< since the start
};

/// What the asker is told of faults, at most kMostFaults of them: a line each, "column N syntax error: ..." as the reference
/// implementation begins them (columns count from 0), so that its ntpq can point at the place. Of text with several lines,
/// "line N" stands before.
inline constexpr std::size_t kMostFaults = 8;
[[nodiscard]] std::string fault_text(const std::vector<config::Message>& messages, bool has_several_lines);

}  // namespace ntp::daemon
