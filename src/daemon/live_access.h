// SPDX-License-Identifier: BSD-2-Clause
//
// What changes the rules of restrict lines while the lines stay: addresses of names, sources that come and go.
#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "config/model.h"
#include "daemon/restrict_hosts.h"

namespace ntp::daemon {

class LiveAccess {
 public:
  /// `submit` hands a query to the resolver; false: it has no room now.
  explicit LiveAccess(std::function<bool(net::NameQuery)> submit) : hosts_(std::move(submit)) {}

  /// At start and at each reload: the lines that hold from now on. Their names are looked up (again).
  void set_lines(std::span<const config::Restrict> lines, MonoTime now);
  /// Whether set_sources() can change anything.
  [[nodiscard]] bool wants_sources() const { return wants_sources_; }
  /// The addresses of the associations, in any order. True: the rules have to be made anew.
  [[nodiscard]] bool set_sources(std::vector<Address> sources);

  /// Sorted, without duplicates; none while nobody wants them.
  [[nodiscard]] std::span<const Address> sources() const { return sources_; }
  [[nodiscard]] RestrictHosts& hosts() { return hosts_; }
  [[nodiscard]] const RestrictHosts& hosts() const { return hosts_; }

 private:
  bool wants_sources_ = false;
  std::vector<Address> sources_;
  RestrictHosts hosts_;
};

}  // namespace ntp::daemon
