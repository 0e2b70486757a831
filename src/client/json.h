// SPDX-License-Identifier: BSD-2-Clause
//
// A JSON value (RFC 8259), built by the tools and written on one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ntp::client {

class Json {
 public:
  using Array = std::vector<Json>;
  using Members = std::vector<std::pair<std::string, Json>>;  ///< in this order

  Json() = default;  ///< null
  Json(bool value) : value_(value) {}
  Json(std::int64_t value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(std::size_t value) : value_(static_cast<std::int64_t>(value)) {}
  /// JSON has no infinity and no NaN: they become null.
  Json(double value);
  Json(std::string_view text) : value_(std::string(text)) {}
  Json(const std::string& text) : value_(text) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(Array items) : value_(std::move(items)) {}
  Json(Members members) : value_(std::move(members)) {}

  /// A number where `text` is a plain decimal number of at most 17 digits ("+0.25", "-24"), digits kept as they are; else a
  /// string, as it is for "0x1f", "007", "nan" and "1e999".
  static Json of_text(std::string_view text);

  /// Appends a member; of a value that is no object nothing becomes of it.
  void add(std::string name, Json value);
  void append(Json item);

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  /// On one line, without a newline. Octets that are no UTF-8 become U+FFFD.
  [[nodiscard]] std::string text() const;

 private:
  struct Number {
    std::string digits;
  };
  void write(std::string& out) const;

  std::variant<std::monostate, bool, std::int64_t, Number, std::string, Array, Members> value_;
};

}  // namespace ntp::client
