// SPDX-License-Identifier: BSD-2-Clause
#include "control/writes.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/calendar.h"
#include "base/civil_date.h"
#include "control/request_items.h"
#include "control/variables.h"

namespace ntp::control {
namespace {

constexpr std::string_view kNonceLine = "#nonce=";
constexpr std::size_t kMostNameLength = 128;
/// Any second since 2020 will do to find the era.
constexpr std::int64_t kNearNow = std::int64_t{1'577'836'800} + (std::int64_t{1} << 31U);

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
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

void append_conversion(char conversion, const CivilDate& date, std::int64_t of_day, std::string& out) {
  auto to = std::back_inserter(out);
  switch (conversion) {
    case 'Y':
      fmt::format_to(to, "{:04}", date.year);
      return;
    case 'y':
      fmt::format_to(to, "{:02}", date.year % 100);
      return;
    case 'm':
      fmt::format_to(to, "{:02}", date.month);
      return;
    case 'd':
      fmt::format_to(to, "{:02}", date.day);
      return;
    case 'H':
      fmt::format_to(to, "{:02}", of_day / 3600);
      return;
    case 'M':
      fmt::format_to(to, "{:02}", of_day / 60 % 60);
      return;
    case 'S':
      fmt::format_to(to, "{:02}", of_day % 60);
      return;
    default:
      out += {'%', conversion};
  }
}

std::string expanded(std::string_view asked, Timestamp now) {
  const std::int64_t seconds = unix_from_timestamp(now, kNearNow).seconds;
  const std::int64_t day = (seconds >= 0 ? seconds : seconds - (kSecondsPerDay - 1)) / kSecondsPerDay;
  const CivilDate date = civil_date(day);
  std::string out;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (asked[i] != '%' || i + 1 == asked.size())
      out += asked[i];
    else
      append_conversion(asked[++i], date, seconds - day * kSecondsPerDay, out);
  }
  return out;
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

std::expected<std::string, std::string> saved_file_name(std::string_view asked, Timestamp now) {
  std::string name = expanded(without_padding(asked), now);
  const bool is_safe = !name.empty() && name.size() <= kMostNameLength && name.front() != '.' && name.front() != '-' &&
                       std::all_of(name.begin(), name.end(), is_name_character);
  if (!is_safe) return std::unexpected(std::move(name));
  return name;
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
  const auto name = saved_file_name(text, request.now.real);
  if (!name) {
    out.text.item({"saveconfig rejects unsafe file name '", printable(name.error()), "'"});
    return;
  }
  out.text.item({commands.save_configuration(*name, orderer_of(request))});
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
