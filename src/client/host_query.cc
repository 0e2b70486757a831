// SPDX-License-Identifier: BSD-2-Clause
#include "client/host_query.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "client/hosts.h"

namespace ntp::client {
namespace {

/// What ControlFailure says, without the classic's three asterisks.
std::string words_of(const ControlFailure& failure) {
  std::string text = to_text(failure);
  text.erase(0, std::min(text.find_first_not_of('*'), text.size()));
  return text;
}

}  // namespace

std::expected<QueriedHost, std::string> query_endpoint(const Endpoint& server, const HostQueryOptions& options) {
  auto session = ControlSession::open(
      server, {.timeout_s = options.timeout_s, .retries = options.retries, .pads = !server.address.is_loopback()});
  if (!session) return std::unexpected(session.error());
  const auto answer = session->ask({});
  if (!answer) return std::unexpected(words_of(answer.error()));
  return QueriedHost{std::move(*session), answer->header.status, parse_variables(answer->data)};
}

std::expected<QueriedHost, std::string> query_host(const std::string& host, const HostQueryOptions& options) {
  const auto endpoints = find_hosts(host, options.family);
  if (!endpoints) return std::unexpected(endpoints.error());
  std::string problems;
  for (std::size_t i = 0; i < std::min(endpoints->size(), kMaxTriedAddresses); ++i) {
    auto queried = query_endpoint((*endpoints)[i], options);
    if (queried) return queried;
    problems += fmt::format("{}{}: {}", problems.empty() ? "" : "; ", (*endpoints)[i].address.text(), queried.error());
  }
  return std::unexpected(problems);
}

std::optional<double> number_of(const std::vector<Variable>& variables, std::string_view name) {
  const auto text = find_value(variables, name);
  if (!text) return std::nullopt;
  const char* const first = text->data() + (text->starts_with('+') ? 1 : 0);
  const char* const last = text->data() + text->size();
  double value = 0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string text_of(const std::vector<Variable>& variables, std::string_view name) {
  return printable(find_value(variables, name).value_or(""));
}

std::optional<double> root_distance_s(const std::vector<Variable>& variables) {
  const auto delay_ms = number_of(variables, "rootdelay");
  auto dispersion_ms = number_of(variables, "rootdisp");
  // As daemons before ntpd 4.2.6 call it.
  if (!dispersion_ms) dispersion_ms = number_of(variables, "rootdispersion");
  if (!delay_ms || !dispersion_ms) return std::nullopt;
  return (*delay_ms / 2 + *dispersion_ms) / 1e3;
}

std::optional<Endpoint> address_of_source(const std::vector<Variable>& variables) {
  const auto address = Address::parse(find_value(variables, "srcadr").value_or(""));
  if (!address || address->is_refclock() || address->is_unspecified() || address->is_multicast()) return std::nullopt;
  const double port = number_of(variables, "srcport").value_or(wire::kPort);
  if (port < 1 || port > 65535) return std::nullopt;
  return Endpoint{*address, static_cast<std::uint16_t>(port)};
}

std::expected<std::vector<Variable>, std::string> query_source(ControlSession& session, std::uint16_t association_id) {
  const auto answer = session.ask({.association_id = association_id});
  if (!answer) return std::unexpected(words_of(answer.error()));
  return parse_variables(answer->data);
}

std::expected<std::vector<std::uint16_t>, std::string> query_sources(ControlSession& session) {
  const auto answer = session.ask({.opcode = wire::ControlOpcode::read_status});
  if (!answer) return std::unexpected(words_of(answer.error()));
  const Bytes data = std::as_bytes(std::span(answer->data));
  std::vector<std::uint16_t> ids;
  for (std::size_t at = 0; at + 4 <= data.size() && ids.size() < kMaxSources; at += 4)
    ids.push_back(load_big_endian<std::uint16_t>(data, at));
  return ids;
}

}  // namespace ntp::client
