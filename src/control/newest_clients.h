// SPDX-License-Identifier: BSD-2-Clause
//
// The clients that monlist tells: the newest 600, kept between requests so that a flood of them reads the table rarely.
#pragma once

#include <span>
#include <vector>

#include "base/time.h"
#include "policy/client_table.h"

namespace ntp::control {

class NewestClients {
 public:
  /// As they are now.
  void read(const policy::ClientTable& table, const policy::ListedClients& listed, MonoTime now);
  /// As they are, or were at most a second ago.
  void read_rarely(const policy::ClientTable& table, const policy::ListedClients& listed, MonoTime now);
  /// Newest first. Their ages are those of the reading.
  [[nodiscard]] std::span<const policy::DatedClient> clients() const { return clients_; }

 private:
  std::vector<policy::DatedClient> clients_;
  MonoTime read_;
  bool is_read_ = false;
};

}  // namespace ntp::control
