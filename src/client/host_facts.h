// SPDX-License-Identifier: BSD-2-Clause
//
// Where a host's time comes from: from its daemon's own words, or, where it tells strangers nothing, from its time alone.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "client/host_query.h"
#include "client/time_reply.h"

namespace ntp::client {

struct HostFacts {
  Endpoint server;
  int stratum = 16;
  double offset_s = 0;    ///< its own, as it says; by its time alone: of its clock to ours
  double distance_s = 0;  ///< its time is right within this
  std::string refid;      ///< for a terminal
  std::string version;
  std::string system;
  std::string processor;
  std::optional<Endpoint> follows;  ///< none: a reference clock, or it isn't known
  bool is_by_time_alone = false;
};

enum class SourcesWanted : bool { no, yes };
struct AskedHost {
  HostFacts facts;
  std::vector<Endpoint> sources;  ///< all of them, if they were wanted and the daemon tells them
};

/// Asks with control messages, then, if there is no answer to them, for the time. An error says what became of both.
[[nodiscard]] std::expected<AskedHost, std::string> ask_host(const Endpoint& server, const HostQueryOptions& options,
                                                             SourcesWanted wanted);

/// What a daemon's variables say; nothing if the stratum or what else is needed isn't there.
[[nodiscard]] std::optional<HostFacts> facts_of(const Endpoint& server, const std::vector<Variable>& system);
/// What its time says.
[[nodiscard]] std::optional<HostFacts> facts_of(const Endpoint& server, const TimeAnswer& answer);

}  // namespace ntp::client
