// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_asker.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tools/ntpq/watch_reading.h"

namespace ntp::ntpq {
namespace {

using client::ControlFailure;
using client::ControlFault;
using wire::ControlError;
using wire::ControlOpcode;

/// Who was refused the list of clients asks again after so long: a server's rules may change.
constexpr double kRefusedForS = 60;
constexpr std::size_t kMostNonce = 64;

bool is_told(const ControlFailure& failure, ControlError code) {
  return failure.fault == ControlFault::told && failure.code == code;
}

}  // namespace

void WatchAsker::run_round() {
  addresses_.clear();
  if (!ask_list() || !ask_clock()) return;
  for (const Known& source : std::vector<Known>(sources_)) {
    if (door_.has_stopped()) return;
    if (!ask_source(source.listed)) return;
    // Another one was selected meanwhile: that answer doesn't wait for the round's end.
    if (door_.wishes().selected != told_reason_of_) tell_reason();
  }
  tell_reason();
  if (!door_.has_stopped() && door_.wishes().wants_clients) ask_clients();
  door_.tell(RoundDone{});
}

bool WatchAsker::ask_clock() {
  const auto answer = door_.ask({.opcode = ControlOpcode::read_variables});
  if (!answer) {
    if (answer.error().fault != ControlFault::interrupted) door_.tell(Trouble{failure_text(answer.error())});
    return false;
  }
  clock_ = client::parse_variables(answer->data);
  server_time_ = read_time(clock_);
  server_time_at_s_ = door_.now_s();
  ClockSample sample = read_clock(clock_);
  std::vector<std::uint16_t> statuses;
  for (const Known& source : sources_) statuses.push_back(source.listed.status);
  sample.why = ask_words(0, clock_why_).value_or("");
  if (sample.why.empty()) sample.why = explain_clock(clock_, statuses);
  door_.tell(std::move(sample));
  return !door_.has_stopped();
}

bool WatchAsker::ask_list() {
  const auto answer = door_.ask({.opcode = ControlOpcode::read_status});
  if (!answer) {
    if (answer.error().fault != ControlFault::interrupted) door_.tell(Trouble{failure_text(answer.error())});
    return false;
  }
  const std::vector<ListedSource> list = read_list(answer->data);
  std::vector<Known> sources;
  for (const ListedSource& listed : list) {
    const auto known = std::ranges::find_if(
        sources_, [&](const Known& one) { return one.listed.association_id == listed.association_id; });
    sources.push_back(
        {.listed = listed,
         .variables = known == sources_.end() ? std::vector<client::Variable>{} : std::move(known->variables)});
  }
  sources_ = std::move(sources);
  door_.tell(list);
  return true;
}

bool WatchAsker::ask_source(const ListedSource& listed) {
  const auto answer = door_.ask({.opcode = ControlOpcode::read_variables, .association_id = listed.association_id});
  if (!answer) {
    // It went between the list and now.
    if (is_told(answer.error(), ControlError::unknown_association)) return true;
    if (answer.error().fault != ControlFault::interrupted) door_.tell(Trouble{failure_text(answer.error())});
    return false;
  }
  const auto known = std::ranges::find_if(
      sources_, [&](const Known& one) { return one.listed.association_id == listed.association_id; });
  if (known == sources_.end()) return true;
  known->variables = client::parse_variables(answer->data);
  const SourceSample sample = read_source(listed.association_id, known->variables, server_now());
  if (!sample.address.empty()) addresses_.push_back(sample.address);
  door_.tell(sample);
  return true;
}

void WatchAsker::tell_reason() {
  const std::uint16_t selected = door_.wishes().selected;
  const auto source =
      std::ranges::find_if(sources_, [&](const Known& one) { return one.listed.association_id == selected; });
  if (source == sources_.end() || door_.has_stopped()) return;
  std::string text = ask_words(selected, source_why_).value_or("");
  if (text.empty()) text = explain_source(source->listed.status, source->variables);
  told_reason_of_ = selected;
  door_.tell(ReasonSample{.association_id = selected, .text = std::move(text)});
}

std::optional<std::string> WatchAsker::ask_words(std::uint16_t association_id, Knowledge& knowledge) {
  if (knowledge == Knowledge::has_not) return std::nullopt;
  const auto answer =
      door_.ask({.opcode = ControlOpcode::read_variables, .association_id = association_id, .data = "why"});
  if (!answer) {
    const bool has_not = is_told(answer.error(), ControlError::unknown_variable);
    if (has_not && knowledge == Knowledge::not_asked) knowledge = Knowledge::has_not;
    return std::nullopt;
  }
  knowledge = Knowledge::has;
  const auto value = client::find_value(client::parse_variables(answer->data), "why");
  if (!value) return std::nullopt;
  return plain(*value);
}

void WatchAsker::ask_clients() {
  if (clients_refused_s_ && door_.now_s() - *clients_refused_s_ < kRefusedForS) return;
  const auto refuse = [this](const ControlFailure& failure) {
    if (failure.fault == ControlFault::interrupted) return;
    clients_refused_s_ = door_.now_s();
    const bool is_forbidden = is_told(failure, ControlError::permission) || is_told(failure, ControlError::restricted);
    door_.tell(ClientsRefused{is_forbidden ? "this server tells them only to its own host, and to those who prove a key"
                                           : "not told: " + failure_text(failure)});
  };

  const auto reply = door_.ask({.opcode = ControlOpcode::request_nonce});
  if (!reply) return refuse(reply.error());
  const auto nonce = client::find_value(client::parse_variables(reply->data), "nonce");
  if (!nonce || nonce->empty() || nonce->size() > kMostNonce)
    return refuse({.fault = ControlFault::malformed, .detail = "no nonce"});
  const std::string request =
      fmt::format("nonce={}, limit={}, recent={}", *nonce, kMostWatchedClients, kMostWatchedClients);
  const auto answer = door_.ask({.opcode = ControlOpcode::read_clients, .data = request});
  if (!answer) return refuse(answer.error());
  clients_refused_s_.reset();
  ClientsSample sample = read_clients(client::parse_variables(answer->data));
  for (const ClientSample& client : sample.newest_first) addresses_.push_back(client.address);
  door_.tell(std::move(sample));
}

std::optional<Timestamp> WatchAsker::server_now() const {
  if (!server_time_) return std::nullopt;
  return *server_time_ + Span::from_seconds(door_.now_s() - server_time_at_s_);
}

}  // namespace ntp::ntpq
