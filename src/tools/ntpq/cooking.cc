// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/cooking.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "client/time_text.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/numbers.h"
#include "tools/ntpq/status_text.h"

namespace ntp::ntpq {
namespace {

enum class Form : std::uint8_t { as_is, address, stamp, refid, leap, octal, flash, offset, plain_list, offset_list };

struct Known {
  std::string_view name;
  Form form;
};
constexpr std::array kKnown = {
    Known{"srcadr", Form::address},
    Known{"dstadr", Form::address},
    Known{"peeradr", Form::address},
    Known{"reftime", Form::stamp},
    Known{"clock", Form::stamp},
    Known{"org", Form::stamp},
    Known{"rec", Form::stamp},
    Known{"xmt", Form::stamp},
    Known{"refid", Form::refid},
    Known{"leap", Form::leap},
    Known{"reach", Form::octal},
    Known{"flash", Form::flash},
    Known{"offset", Form::offset},
    Known{"frequency", Form::offset},
    Known{"filtdelay", Form::plain_list},
    Known{"filtoffset", Form::offset_list},
    Known{"filtdisp", Form::plain_list},
};
constexpr std::size_t kListWidth = 8;
constexpr std::size_t kLongestList = std::string_view("filtoffset").size();
constexpr std::size_t kMostListed = 16;

Form form_of(std::string_view name) {
  const auto* found = std::ranges::find(kKnown, name, &Known::name);
  return found == kKnown.end() ? Form::as_is : found->form;
}

/// What can't be read is shown as it stands.
std::string doubtful(const std::string& value) { return client::printable(value) + "?"; }

/// Blank-separated numbers in columns, which stand one under another whatever the list is called; at most kMostListed.
std::string list_text(std::string_view name, const std::string& value, bool is_signed) {
  std::string out;
  std::string_view rest = value;
  for (std::size_t count = 0; count < kMostListed; ++count) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty()) return out;
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    const auto number = parse_decimal(word);
    if (!number) return doubtful(value);
    std::string text = fmt::format("{:.2f}", *number);
    if (text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-')) text.erase(0, 1);
    if (is_signed && !text.starts_with('-')) text.insert(0, 1, '+');
    if (text.size() >= kListWidth) out += ' ';  // numbers must not run together
    out += fmt::format("{:>{}}", text,
                       count == 0 && name.size() < kLongestList ? kListWidth + kLongestList - name.size() : kListWidth);
  }
  return out;
}

client::Json list_json(const std::string& value) {
  client::Json::Array out;
  std::string_view rest = value;
  while (out.size() < kMostListed) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty()) break;
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    out.push_back(client::Json::of_text(client::printable(word)));
  }
  return out;
}

std::string address_text(const Context& context, const std::string& value) {
  const auto place = parse_place(value);
  if (!place) return doubtful(value);
  return host_text(context, place->address);
}

std::string form_text(const Context& context, Form form, const client::Variable& variable) {
  const std::string& value = variable.value;
  switch (form) {
    case Form::as_is:
      return client::printable(value);
    case Form::address:
      return address_text(context, value);
    case Form::stamp:
      return date_text(context, value);
    case Form::refid: {
      const auto address = Address::parse(value);
      const auto clock = address ? clock_name(*address) : std::nullopt;
      return clock ? *clock : client::printable(value);
    }
    case Form::leap: {
      const auto leap = parse_unsigned(value);
      return leap && *leap <= 3 ? fmt::format("{:02b}", *leap) : doubtful(value);
    }
    case Form::octal: {
      const auto number = parse_unsigned(value);
      return number ? fmt::format("{:03o}", *number) : doubtful(value);
    }
    case Form::flash: {
      const auto flash = parse_unsigned(value);
      return flash && *flash <= 0xffff ? flash_text(static_cast<unsigned>(*flash)) : doubtful(value);
    }
    case Form::offset: {
      if (!parse_decimal(value)) return doubtful(value);
      return value.starts_with('-') || value.starts_with('+') ? value : "+" + value;
    }
    case Form::plain_list:
      return list_text(variable.name, value, false);
    case Form::offset_list:
      return list_text(variable.name, value, true);
  }
  return {};
}

}  // namespace

CookedVariable cooked(const Context& context, const client::Variable& variable) {
  const std::string name = client::printable(variable.name);
  if (variable.is_quoted) {
    const std::string text = client::printable(variable.value);
    return {.name = name, .text = "\"" + text + "\"", .value = text};
  }
  const Form form = form_of(variable.name);
  CookedVariable out{.name = name, .text = form_text(context, form, variable), .value = {}};
  const bool is_list = form == Form::plain_list || form == Form::offset_list;
  // Dates, names and flags are text; a number stays the server's own.
  const bool is_text = form == Form::stamp || form == Form::address || form == Form::refid || form == Form::flash;
  if (is_list)
    out.value = list_json(variable.value);
  else
    out.value = is_text ? client::Json(out.text) : client::Json::of_text(client::printable(variable.value));
  return out;
}

std::vector<CookedVariable> cooked(const Context& context, const std::vector<client::Variable>& variables) {
  std::vector<CookedVariable> out;
  out.reserve(variables.size());
  for (const client::Variable& variable : variables) out.push_back(cooked(context, variable));
  return out;
}

std::string date_text(const Context& context, const std::string& stamp) {
  const auto parsed = client::parse_stamp(stamp);
  if (!parsed) return doubtful(stamp);
  const std::int64_t now = client::unix_seconds(context.world.now(), client::unix_seconds_now());
  return client::stamp_text(*parsed, now, client::Zone::local);
}

std::string mode_text(const std::string& mode) {
  constexpr std::array kModes = {"unspec", "sym_active", "sym_passive", "client",
                                 "server", "broadcast",  "control",     "private"};
  const auto number = parse_unsigned(mode);
  if (!number) return doubtful(mode);
  if (*number == 6) return "bclient";
  return *number < kModes.size() ? kModes[*number] : doubtful(mode);
}

}  // namespace ntp::ntpq
