// SPDX-License-Identifier: BSD-2-Clause
//
// This host's addresses as ifstats tells them: the two wildcards, then each address, with a number of its own.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "config/model.h"
#include "daemon/traffic.h"
#include "net/interfaces.h"
#include "state/host_view.h"
#include "state/view.h"

namespace ntp::daemon {

class InterfaceList {
 public:
  /// `since`: when the wildcards were opened.
  explicit InterfaceList(MonoTime since) : since_(since) {}

  struct Parts {
    std::span<const net::LocalAddress> addresses;
    std::span<const config::InterfaceRule> rules;
    std::span<const AddressTraffic> traffic;
    std::span<const state::SourceView> sources;
    std::uint16_t port = 0;
  };
  /// By number. Lives until the next call.
  std::span<const state::InterfaceView> look(const Parts& parts, MonoTime now);

 private:
  struct Known {
    std::uint32_t number = 0;
    MonoTime since;
  };
  void number(std::span<const net::LocalAddress> addresses, MonoTime now);

  MonoTime since_;
  std::map<Address, Known> known_;
  std::uint32_t next_number_ = 2;  ///< after the wildcards
  std::vector<state::InterfaceView> views_;
};

}  // namespace ntp::daemon
