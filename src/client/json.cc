// SPDX-License-Identifier: BSD-2-Clause
#include "client/json.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include "base/json_text.h"

namespace ntp::client {
namespace {

constexpr std::size_t kMostDigits = 17;  // what a double can hold

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The grammar of RFC 8259 section 6 without an exponent.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const bool has_fraction = point < text.size();
  return !whole.empty() && std::ranges::all_of(whole, is_digit) && (whole.size() == 1 || whole.front() != '0') &&
         (!has_fraction || (!fraction.empty() && std::ranges::all_of(fraction, is_digit))) &&
         whole.size() + fraction.size() <= kMostDigits;
}

}  // namespace

Json::Json(double value) {
  if (std::isfinite(value)) value_ = Number{.digits = fmt::format("{}", value)};
}

Json Json::of_text(std::string_view text) {
  const std::string_view unsigned_text = text.starts_with('+') ? text.substr(1) : text;
  if (!is_number(unsigned_text) || (text.starts_with('+') && unsigned_text.starts_with('-'))) return {text};
  Json number;
  number.value_ = Number{.digits = std::string(unsigned_text)};
  return number;
}

void Json::add(std::string name, Json value) {
  if (is_null()) value_ = Members();
  if (auto* members = std::get_if<Members>(&value_)) members->emplace_back(std::move(name), std::move(value));
}

void Json::append(Json item) {
  if (is_null()) value_ = Array();
  if (auto* items = std::get_if<Array>(&value_)) items->push_back(std::move(item));
}

std::string Json::text() const {
  std::string out;
  write(out);
  return out;
}

void Json::write(std::string& out) const {
  std::visit(
      [&](const auto& value) {
        using Kind = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Kind, std::monostate>) {
          out += "null";
        } else if constexpr (std::is_same_v<Kind, bool>) {
          out += value ? "true" : "false";
        } else if constexpr (std::is_same_v<Kind, std::int64_t>) {
          out += fmt::to_string(value);
        } else if constexpr (std::is_same_v<Kind, Number>) {
          out += value.digits;
        } else if constexpr (std::is_same_v<Kind, std::string>) {
          out += '"' + json_text(value) + '"';
        } else if constexpr (std::is_same_v<Kind, Array>) {
          out += '[';
          for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out += ", ";
            value[i].write(out);
          }
          out += ']';
        } else {
          out += '{';
          for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out += ", ";
            out += '"' + json_text(value[i].first) + "\": ";
            value[i].second.write(out);
          }
          out += '}';
        }
      },
      value_);
}

}  // namespace ntp::client
