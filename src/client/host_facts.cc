// SPDX-License-Identifier: BSD-2-Clause
#include "client/host_facts.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/time_exchange.h"
#include "wire/refid.h"

namespace ntp::client {
namespace {

constexpr int kUnknownStratum = 16;

/// A stratum 2 or worse server names the IPv4 address that it follows. Of what it follows over IPv6 it gives a digest, which
/// can't be told from an address.
std::optional<Endpoint> followed_by_refid(const wire::Header& header, std::uint16_t port) {
  constexpr std::uint32_t kFirstOfGroups = 224U << 24U;
  const Address address = Address::v4(header.refid.bits);
  if (header.stratum < 2 || header.stratum >= kUnknownStratum || address.is_loopback() || address.is_unspecified() ||
      header.refid.bits >= kFirstOfGroups)
    return std::nullopt;
  return Endpoint{address, port};
}

/// The daemon's variables, its system peer's and, if wanted, those of all sources.
AskedHost with_sources(HostFacts facts, QueriedHost& host, SourcesWanted wanted) {
  AskedHost asked{.facts = std::move(facts), .sources = {}};
  const auto peer = number_of(host.variables, "peer");
  if (peer && *peer >= 1 && *peer <= 65535) {
    const auto variables = query_source(host.session, static_cast<std::uint16_t>(*peer));
    if (variables) asked.facts.follows = address_of_source(*variables);
  }
  if (wanted == SourcesWanted::no) return asked;
  for (const std::uint16_t id : query_sources(host.session).value_or(std::vector<std::uint16_t>{})) {
    const auto variables = query_source(host.session, id);
    const auto address = variables ? address_of_source(*variables) : std::nullopt;
    if (address) asked.sources.push_back(*address);
  }
  return asked;
}

}  // namespace

std::optional<HostFacts> facts_of(const Endpoint& server, const std::vector<Variable>& system) {
  const auto stratum = number_of(system, "stratum");
  const auto offset_ms = number_of(system, "offset");
  const auto distance_s = root_distance_s(system);
  if (!stratum || *stratum < 0 || *stratum > 255 || !offset_ms || !distance_s) return std::nullopt;
  return HostFacts{.server = server,
                   .stratum = static_cast<int>(*stratum),
                   .offset_s = *offset_ms / 1e3,
                   .distance_s = *distance_s,
                   .refid = text_of(system, "refid"),
                   .version = text_of(system, "version"),
                   .system = text_of(system, "system"),
                   .processor = text_of(system, "processor")};
}

std::optional<HostFacts> facts_of(const Endpoint& server, const TimeAnswer& answer) {
  if (!answer.sample) return std::nullopt;
  const wire::Header& header = answer.header;
  return HostFacts{.server = server,
                   // On the wire 0 is "not synchronised" (RFC 5905 section 7.3); people know it as 16.
                   .stratum = header.stratum == 0 ? kUnknownStratum : header.stratum,
                   .offset_s = answer.sample->offset_s,
                   .distance_s = answer.sample->root_distance_s,
                   .refid = wire::to_text(header.refid, header.stratum),
                   .follows = followed_by_refid(header, wire::kPort),
                   .is_by_time_alone = true};
}

std::expected<AskedHost, std::string> ask_host(const Endpoint& server, const HostQueryOptions& options,
                                               SourcesWanted wanted) {
  auto queried = query_endpoint(server, options);
  std::string problem = queried ? "its answer lacks variables" : queried.error();
  if (queried)
    if (auto facts = facts_of(server, queried->variables)) return with_sources(std::move(*facts), *queried, wanted);

  const auto outcomes = ask_time({{server.text(), server}}, {.timeout_s = options.timeout_s});
  if (!outcomes) return std::unexpected(outcomes.error());
  const TimeOutcome& outcome = outcomes->front();
  for (const TimeAnswer& answer : outcome.answers)
    if (auto facts = facts_of(server, answer)) return AskedHost{.facts = std::move(*facts), .sources = {}};
  return std::unexpected(fmt::format("to a query: {}; to a request for the time: {}", problem, outcome.failure_text()));
}

}  // namespace ntp::client
