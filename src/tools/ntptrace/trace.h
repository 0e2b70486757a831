// SPDX-License-Identifier: BSD-2-Clause
//
// The way back to the reference clock, host by host; how hosts are asked is passed in.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "client/host_facts.h"

namespace ntp::tools::ntptrace {

struct Tracing {
  int max_hosts = 99;
  std::function<std::expected<client::HostFacts, std::string>(const Endpoint&)> ask;
  std::function<void(const client::HostFacts&)> show;                     ///< each host that answers
  std::function<void(const Endpoint&, const std::string&)> show_problem;  ///< why it went no further, if it isn't clear
};

/// False if not even the first host answered.
[[nodiscard]] bool trace(const Endpoint& first, const Tracing& tracing);

/// "HOST: stratum 2, offset 0.000000, synch distance 0.010355\n", with the refid at stratum 1.
[[nodiscard]] std::string to_text(const client::HostFacts& facts, const std::string& name);
[[nodiscard]] std::string to_json(const client::HostFacts& facts, const std::string& name);

}  // namespace ntp::tools::ntptrace
