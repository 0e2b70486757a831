// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdc/console.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/credentials.h"
#include "client/hosts.h"
#include "client/variables.h"
#include "crypto/mac_type.h"
#include "tools/ntpdc/commands.h"

namespace ntp::tools::ntpdc {

Console::Console(Surroundings surroundings, Settings settings)
    : surroundings_(std::move(surroundings)), settings_(std::move(settings)) {}

void Console::complain(std::string_view text) {
  surroundings_.complain(fmt::format("{}\n", text));
  is_well_ = false;
}

void Console::explain_use(std::string_view usage) { complain(fmt::format("usage: {}", usage)); }

bool Console::run(std::string_view line) {
  wants_to_leave_ = false;
  run_line(*this, line);
  return !wants_to_leave_;
}

bool Console::use_host(const std::string& name) {
  const auto found = client::find_hosts(name, settings_.family);
  if (!found) {
    complain("***" + found.error());
    return false;
  }
  const auto notice = [this](const std::string& text) {
    was_warned_ = true;
    complain(text);
  };
  auto session = surroundings_.open(found->front(), {.timeout_s = settings_.timeout_s}, notice);
  if (!session) {
    complain("***" + session.error());
    return false;
  }
  session_ = std::move(*session);
  session_->set_credentials(credentials_);
  host_ = name;
  return true;
}

std::optional<client::PrivateItems> Console::ask(const client::PrivateRequest& request) {
  if (!session_) {
    complain("***No host open, use `host' command");
    return std::nullopt;
  }
  if (request.is_proven && !get_credentials()) return std::nullopt;
  if (settings_.debug_level > 0)
    surroundings_.complain(fmt::format("asks {}: operation {}, {} items{}\n", host_, static_cast<int>(request.code),
                                       request.count, request.is_proven ? ", proven" : ""));
  was_warned_ = false;
  auto answer = session_->ask(request);
  if (answer) {
    if (settings_.debug_level > 0)
      surroundings_.complain(fmt::format("got {} items of {} octets\n", answer->count, answer->length));
    return std::move(*answer);
  }
  explain(answer.error(), request);
  return std::nullopt;
}

void Console::explain(const client::PrivateFailure& failure, const client::PrivateRequest& request) {
  // The warning that it can't be asked so is all that the reference implementation says of what isn't asked again.
  if (!was_warned_ || request.may_ask_again) complain(client::printable(to_text(failure)));
  const bool is_silent =
      failure.fault == client::PrivateFault::timeout || failure.fault == client::PrivateFault::refused;
  if (is_silent && !std::exchange(was_told_of_mode7_, true))
    complain(
        "   Servers answer ntpdc only where their configuration says \"enable mode7\"; ntpq asks for the same things.");
  if (failure.fault == client::PrivateFault::incomplete && !std::exchange(was_told_of_strangers_, true))
    complain("   Servers tell strangers no more octets than they ask with: see WHO IS TOLD WHAT in ntpdc(1).");
}

std::optional<client::PrivateItems> Console::ask(wire::PrivateCode code) {
  return ask(client::make_private_request<wire::WordItem>(code, {}));
}

bool Console::has_right_length(wire::PrivateCode code, const client::PrivateItems& items) {
  const auto lengths = wire::find_private_operation(static_cast<std::uint8_t>(code)).value().response;
  if (items.count == 0 || items.length == lengths.current || items.length == lengths.old) return true;
  complain(fmt::format("***Incorrect item size returned by remote host ({} should be {})", items.length,
                       lengths.of(session_->is_old())));
  return false;
}

std::optional<Address> Console::find_address(const std::string& name) {
  const auto found = client::find_hosts(name, settings_.family);
  if (found) return found->front().address;
  complain(fmt::format("***Can't find host {}", client::printable(name)));
  return std::nullopt;
}

std::string Console::name_of(const Address& address) const {
  const bool is_host = !address.is_unspecified() && !address.is_refclock();
  return client::printable(settings_.shows_names && is_host ? client::name_of(address) : address.text());
}

std::string Console::stamp(Timestamp stamp) const {
  return client::stamp_text(stamp, client::unix_seconds_now(), surroundings_.zone);
}

bool Console::set_key_type(const std::string& type) {
  const auto found = crypto::find_mac_type(type);
  if (!found) {
    complain(fmt::format("***Key type {} is not known", client::printable(type)));
    return false;
  }
  settings_.key_type = (*found)->name;
  credentials_.reset();
  return true;
}

std::size_t Console::digest_length() const {
  const auto found = crypto::find_mac_type(settings_.key_type);
  return found ? std::min((*found)->digest_length, crypto::kMaxWireDigest) : 0;
}

bool Console::set_key_id(const std::string& text) {
  const auto id = client::parse_key_id(text);
  if (!id) {
    complain("Invalid key identifier");
    return false;
  }
  settings_.key_id = *id;
  credentials_.reset();
  return true;
}

bool Console::set_password(const std::string& password) {
  auto credentials = client::key_of_password(settings_.key_id, settings_.key_type, password);
  if (!credentials) {
    complain("***" + credentials.error());
    return false;
  }
  credentials_ = std::move(*credentials);
  if (session_) session_->set_credentials(credentials_);
  return true;
}

bool Console::get_credentials() {
  if (settings_.key_id == 0) {
    const auto typed = surroundings_.ask_line("Keyid: ");
    if (!set_key_id(typed.value_or(""))) return false;
  }
  if (credentials_) {
    session_->set_credentials(credentials_);
    return true;
  }
  if (!settings_.keys_file.empty()) {
    auto credentials = client::key_of_file(settings_.keys_file, settings_.key_id);
    if (!credentials) {
      complain("***" + credentials.error());
      return false;
    }
    credentials_ = std::move(*credentials);
    session_->set_credentials(credentials_);
    return true;
  }
  const auto typed = surroundings_.ask_hidden(fmt::format("{} Password: ", settings_.key_type));
  if (typed && !typed->empty()) return set_password(*typed);
  complain("***Invalid password");
  return false;
}

void Console::set_timeout(double seconds) {
  settings_.timeout_s = seconds;
  if (session_) session_->set_timeout(seconds);
}

}  // namespace ntp::tools::ntpdc
