// SPDX-License-Identifier: BSD-2-Clause
//
// What a daemon says about itself and its sources, for tools that only want to know that.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "client/control_session.h"
#include "client/variables.h"

namespace ntp::client {

struct HostQueryOptions {
  std::optional<Family> family;
  double timeout_s = 2;
  int retries = 1;
};

/// More addresses of one name are not tried.
inline constexpr std::size_t kMaxTriedAddresses = 4;

/// A daemon that has answered.
struct QueriedHost {
  ControlSession session;
  std::uint16_t status = 0;         ///< the system status word
  std::vector<Variable> variables;  ///< those that it gives unasked
};

/// The first address of `host` that answers. An error is for people: what became of each address.
[[nodiscard]] std::expected<QueriedHost, std::string> query_host(const std::string& host,
                                                                 const HostQueryOptions& options);
[[nodiscard]] std::expected<QueriedHost, std::string> query_endpoint(const Endpoint& server,
                                                                     const HostQueryOptions& options);

/// A variable as a number; nothing if it isn't there or is none.
[[nodiscard]] std::optional<double> number_of(const std::vector<Variable>& variables, std::string_view name);
/// A variable for a terminal; "" if it isn't there.
[[nodiscard]] std::string text_of(const std::vector<Variable>& variables, std::string_view name);

/// Half of rootdelay and rootdisp, in seconds.
[[nodiscard]] std::optional<double> root_distance_s(const std::vector<Variable>& variables);

/// The address and port of a source; nothing for a reference clock, or if the daemon doesn't say.
[[nodiscard]] std::optional<Endpoint> address_of_source(const std::vector<Variable>& variables);
/// Variables of one source.
[[nodiscard]] std::expected<std::vector<Variable>, std::string> query_source(ControlSession& session,
                                                                             std::uint16_t association_id);
/// The associations of all sources; most that are read.
inline constexpr std::size_t kMaxSources = 1024;
[[nodiscard]] std::expected<std::vector<std::uint16_t>, std::string> query_sources(ControlSession& session);

}  // namespace ntp::client
