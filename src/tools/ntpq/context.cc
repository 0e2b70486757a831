// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/context.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/credentials.h"
#include "client/hosts.h"
#include "tools/ntpq/numbers.h"

namespace ntp::ntpq {

using client::ControlFault;

std::expected<void, std::string> Context::choose_host(const std::string& name, std::optional<Family> family) {
  const auto found = client::find_hosts(name, family);
  if (!found) return std::unexpected(client::printable(found.error()));
  host_ = ChosenHost{.name = name, .endpoints = *found};
  session_.reset();
  associations_.reset();
  return {};
}

std::expected<client::ControlSession*, Failure> Context::session() {
  if (!host_) return failure("***No host open, use `host'");
  if (!session_) {
    auto opened = world.connect(host_->endpoints.front(), settings.control);
    if (!opened) return failure("***" + client::printable(opened.error()));
    session_.emplace(std::move(*opened));
    session_->set_credentials(credentials_);
  }
  return &*session_;
}

Failure Context::failure_of(const client::ControlFailure& fault, const std::string& host) {
  const std::string words = client::printable(client::to_text(fault), true);
  if (fault.fault == ControlFault::timeout)
    return Failure{client::printable(host) + ": timed out, nothing received\n" + words};
  if (fault.fault == ControlFault::incomplete)
    return Failure{client::printable(host) + ": timed out with incomplete data\n" + words};
  return fault.fault == ControlFault::told ? Failure{words, fault.code} : Failure{words};
}

bool Context::take_next_address(const client::ControlFailure& failure) {
  const bool is_deaf = failure.fault == ControlFault::refused || failure.fault == ControlFault::unreachable;
  if (!is_deaf || host_->has_answered || host_->endpoints.size() < 2) return false;
  host_->endpoints.erase(host_->endpoints.begin());
  session_.reset();
  return true;
}

std::expected<client::ControlAnswer, client::ControlFailure> Context::try_ask(const client::ControlRequest& request) {
  client::ControlRequest asked = request;
  asked.is_proven = asked.is_proven || (settings.proves_all && credentials_);
  for (;;) {
    auto open = session();
    if (!open)
      return std::unexpected(client::ControlFailure{.fault = ControlFault::unreachable, .detail = open.error().text});
    if (settings.debug_level > 0)
      world.tell(fmt::format("asking {}: opcode {}, association {}, {} octets\n", host_->endpoints.front().text(),
                             static_cast<int>(asked.opcode), asked.association_id, asked.data.size()));
    auto answer = (*open)->ask(asked);
    if (settings.debug_level > 0)
      world.tell(answer ? fmt::format("answer: status {:04x}, {} octets\n", answer->header.status, answer->data.size())
                        : fmt::format("no answer: {}\n", client::printable(client::to_text(answer.error()))));
    if (answer) host_->has_answered = true;
    if (answer || !take_next_address(answer.error())) return answer;
  }
}

std::expected<client::ControlAnswer, Failure> Context::ask(const client::ControlRequest& request) {
  if (auto open = session(); !open) return std::unexpected(open.error());
  if (settings.proves_all || request.is_proven) {
    if (auto key = need_key(); !key) return std::unexpected(key.error());
  }
  auto answer = try_ask(request);
  if (!answer) return std::unexpected(failure_of(answer.error(), host_->name));
  return *std::move(answer);
}

std::expected<client::ControlAnswer, Failure> Context::ask_proven(client::ControlRequest request) {
  request.is_proven = true;
  return ask(request);
}

std::expected<void, Failure> Context::need_key() {
  if (credentials_) return {};
  if (!settings.key_id) {
    const auto typed = world.ask_line("Keyid: ");
    const auto id = client::parse_key_id(typed.value_or(""));
    if (!id) return failure("Invalid key identifier");
    settings.key_id = *id;
  }
  for (const std::string& path : settings.keys_files) {
    const auto found = client::key_of_file(path, *settings.key_id);
    if (!found && settings.has_own_keys_file) return failure("***" + client::printable(found.error()));
    if (!found) continue;
    set_credentials(*found);
    return {};
  }
  const auto password = world.ask_hidden(settings.key_type + " Password: ");
  if (!password || password->empty()) return failure("Invalid password");
  return set_password(*password);
}

std::expected<void, Failure> Context::set_password(const std::string& password) {
  const auto made = client::key_of_password(settings.key_id.value_or(0), settings.key_type, password);
  if (!made) return failure("***Password: " + client::printable(made.error()));
  set_credentials(*made);
  return {};
}

void Context::set_credentials(client::Credentials credentials) {
  settings.key_id = credentials.key_id;
  settings.key_type = std::string(credentials.key->type());
  credentials_ = std::move(credentials);
  if (session_) session_->set_credentials(credentials_);
}

void Context::apply_options() {
  if (session_) session_->set_options(settings.control);
}

std::expected<std::vector<Association>, Failure> Context::associations(bool is_fresh) {
  if (associations_ && !is_fresh) return *associations_;
  const auto answer = ask({.opcode = wire::ControlOpcode::read_status});
  if (!answer) return std::unexpected(answer.error());
  constexpr std::size_t kEntry = 4;
  if (answer->data.size() % kEntry != 0)
    return failure(
        fmt::format("***Server returned {} octets of associations, expected a multiple of 4", answer->data.size()));
  const Bytes octets = std::as_bytes(std::span(answer->data));
  std::vector<Association> found;
  for (std::size_t at = 0; at < octets.size(); at += kEntry)
    found.push_back({load_big_endian<std::uint16_t>(octets, at), load_big_endian<std::uint16_t>(octets, at + 2)});
  std::ranges::sort(found, {},
                    [](const Association& association) { return std::pair(association.id, association.status); });
  associations_ = found;
  return found;
}

std::expected<std::uint16_t, Failure> Context::association_of(std::string_view word) {
  const bool is_index = word.starts_with('&');
  const std::string_view digits = is_index ? word.substr(1) : word;
  const auto number = parse_integer(digits);
  if (!number || *number < 0 || *number > 0xffff)
    return failure(fmt::format("***Invalid association ID specified: `{}', expected a number up to 65535 or &N",
                               client::printable(word)));
  if (!is_index) return static_cast<std::uint16_t>(*number);
  const auto list = associations(false);
  if (!list) return std::unexpected(list.error());
  if (*number < 1 || static_cast<std::size_t>(*number) > list->size())
    return failure(
        fmt::format("***Association index `{}' out of range: there are {}", client::printable(word), list->size()));
  return (*list)[static_cast<std::size_t>(*number) - 1].id;
}

}  // namespace ntp::ntpq
