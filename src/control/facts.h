// SPDX-License-Identifier: BSD-2-Clause
//
// What control replies are made from, and who carries out what they order. The daemon implements both; tests have their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "policy/policy.h"
#include "state/host_view.h"
#include "state/variable_set.h"
#include "state/view.h"

namespace ntp::control {

/// The clocks at the moment of answering.
struct Instant {
  MonoTime mono;
  Timestamp real;
};

/// Each part is gathered when it is asked for, and lives until the next call of the same function or of advance().
class Facts {
 public:
  virtual ~Facts() = default;
  /// At most some tens of milliseconds old; newer than the last change that Commands made.
  virtual const state::View& view() = 0;
  virtual const state::HostView& host() = 0;
  virtual std::span<const state::InterfaceView> interfaces() = 0;
  virtual const state::VariableSet& variables() = 0;
  virtual const policy::Policy& policy() = 0;
  /// How often this one of policy().access.rules() decided; 0: it isn't counted.
  virtual std::uint64_t rule_hits(std::size_t rule) = 0;
  /// Null: nobody is counted.
  virtual const policy::ClientTable* clients() = 0;
  /// What of the clients may be told.
  virtual policy::ListedClients listed_clients() = 0;
};

/// Who orders a change.
struct Orderer {
  Endpoint remote;
  bool is_this_host = false;
};

enum class ResetWhat : std::uint8_t { peers, io, system, memory, timer, authentication, control };

/// Carries changes out. They have been proven (key and nonce) by the time that they come here.
class Commands {
 public:
  virtual ~Commands() = default;
  /// Configuration text, in the grammar of the file less what only the host itself may set. Gives what the asker is told:
  /// "Config Succeeded" or the faults, in the reference implementation's form.
  virtual std::string configure(std::string_view text, const Orderer& orderer) = 0;
  /// True if all of it was taken: for mode 7, whose replies have no text.
  virtual bool did_configure() const = 0;
  /// `name`: already known to be no path. Gives what the asker is told.
  virtual std::string save_configuration(std::string_view name, const Orderer& orderer) = 0;
  /// What is counted of an association counts from 0 again; false: there is none of that address (port 0: any port).
  virtual bool reset_source(const Endpoint& source) = 0;
  virtual void reset_counts(ResetWhat what) = 0;
  /// The keys files are read again; false: they are faulty, and the old keys stay.
  virtual bool read_keys() = 0;
  /// These keys are trusted from now on, or no longer, whether there are such keys or not: the grammar has no word that takes trust
  /// away. False: this can't be done here.
  virtual bool change_trust([[maybe_unused]] std::span<const std::uint32_t> ids, [[maybe_unused]] bool is_trusted,
                            [[maybe_unused]] const Orderer& orderer) {
    return false;
  }
  /// Addresses are looked at now.
  virtual void read_interfaces() = 0;
};

}  // namespace ntp::control
