// SPDX-License-Identifier: BSD-2-Clause
#include "control/writes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "control/request_items.h"
#include "control/variables.h"

namespace ntp::control {
namespace {

constexpr std::string_view kNonceLine = "#nonce=";
constexpr std::size_t kMostNameLength = 128;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == '%';
}

/// What can become a name once its conversions are carried out; whether it does, who carries them out must see.
bool may_become_name(std::string_view pattern) {
  return !pattern.empty() && pattern.size() <= kMostNameLength && pattern.front() != '.' && pattern.front() != '-' &&
         std::all_of(pattern.begin(), pattern.end(), is_name_character);
}

/// Blanks, line ends and zeros at the end are padding.
std::string_view without_padding(std::string_view text) {
  const std::size_t end = text.find_last_not_of(std::string_view(" \t\r\n\0", 5));
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// For a message: nothing that moves a cursor.
std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

Orderer orderer_of(const Request& request) {
  return {.remote = request.query.remote, .is_this_host = request.query.is_this_host};
}

bool must_not_modify(const Request& request) { return has(request.query.access, policy::Access::nomodify); }

/// A value that a line of configuration can hold in quotes.
bool is_quotable(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"'; });
}

}  // namespace

NoncedText split_nonce(std::string_view data) {
  if (!data.starts_with(kNonceLine)) return {.nonce = {}, .text = data};
  const std::size_t end = data.find('\n');
  if (end == std::string_view::npos) return {.nonce = {}, .text = data};
  std::string_view nonce = data.substr(kNonceLine.size(), end - kNonceLine.size());
  if (nonce.ends_with('\r')) nonce.remove_suffix(1);
  return {.nonce = nonce, .text = data.substr(end + 1)};
}

void configure(const Request& request, std::string_view text, Commands& commands, Answer& out) {
  if (request.header.association_id != 0) {
    out.refuse(wire::ControlError::bad_value);
    return;
  }
  if (must_not_modify(request)) {
    out.text.item({"runtime configuration prohibited by restrict ... nomodify"});
    return;
  }
  const std::string_view asked = without_padding(text);
  if (asked.find('\0') != std::string_view::npos) {
    out.text.item({"runtime configuration failed: a zero octet in the text"});
    return;
  }
  out.text.item({commands.configure(asked, orderer_of(request))});
}

void save_configuration(const Request& request, std::string_view text, const ServiceOptions& options,
                        Commands& commands, Answer& out) {
  if (must_not_modify(request)) {
    out.text.item({"saveconfig prohibited by restrict ... nomodify"});
    return;
  }
  if (options.save_folder.empty()) {
    out.text.item({"saveconfig prohibited, no saveconfigdir configured"});
    return;
  }
  const std::string_view pattern = without_padding(text);
  if (!may_become_name(pattern)) {
    out.text.item({"saveconfig rejects unsafe file name '", printable(pattern), "'"});
    return;
  }
  out.text.item({commands.save_configuration(pattern, orderer_of(request))});
}

void write_variables(const Request& request, std::string_view text, Facts& facts, Commands& commands, Answer& out) {
  if (request.header.association_id != 0 || must_not_modify(request)) {
    out.refuse(wire::ControlError::permission);
    return;
  }
  const state::VariableSet& known = facts.variables();
  std::string lines;
  RequestItems items(without_padding(text));
  while (const auto item = items.next()) {
    if (is_system_variable(item->name)) {
      // The reference implementation lets nobody write but `leap`, and then does nothing.
      out.refuse(item->name == "leap" ? wire::ControlError::unspecified : wire::ControlError::permission);
      return;
    }
    const auto* variable = known.find(item->name);
    if (variable == nullptr) {
      out.refuse(wire::ControlError::unknown_variable);
      return;
    }
    const std::string_view value = item->value.value_or("");
    if (!is_quotable(value)) {
      out.refuse(wire::ControlError::bad_value);
      return;
    }
    fmt::format_to(std::back_inserter(lines), "setvar {} = \"{}\"{}\n", variable->name, value,
                   variable->is_default ? " default" : "");
  }
  out.status = facts.view().system.status;
  if (lines.empty()) return;
  commands.configure(lines, orderer_of(request));
  if (!commands.did_configure()) out.refuse(wire::ControlError::bad_value);
}

}  // namespace ntp::control
