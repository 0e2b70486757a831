// SPDX-License-Identifier: BSD-2-Clause
//
// How the values of variables are written: name=value, in the reference implementation's formats.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "base/time.h"
#include "control/answer_text.h"
#include "state/view.h"

namespace ntp::control {

/// A date in the calendar; the era of a Timestamp is that of the clock now.
struct Date {
  Timestamp at;
  Timestamp now;
};

/// Values of a filter's stages, newest first, in seconds.
using Stages = std::array<double, state::kFilterStages>;

/// A list of names, made when it is needed.
class NameList {
 public:
  virtual ~NameList() = default;
  virtual void append_to(std::string& out) const = 0;
};

/// Writes one variable; a std::optional that is empty, and an empty word, write nothing.
class Field {
 public:
  Field(AnswerText& out, std::string_view name) : out_(out), name_(name) {}

  template <class Value>
  void number(Value value) {
    if constexpr (std::is_enum_v<Value>)
      number(static_cast<unsigned>(value));
    else if constexpr (std::is_signed_v<Value> || std::is_same_v<Value, bool>)
      put("{}", static_cast<std::int64_t>(value));
    else
      put("{}", static_cast<std::uint64_t>(value));
  }
  template <class Value>
  void number(const std::optional<Value>& value) {
    if (value) number(*value);
  }
  void hex(std::uint64_t value) { put("0x{:x}", value); }
  void general(double value) { put("{:g}", value); }
  void milliseconds(double value_s) { put("{:.3f}", value_s * kMillisecondsPerSecond); }
  void milliseconds(const std::optional<double>& value_s) {
    if (value_s) milliseconds(*value_s);
  }
  void fine_milliseconds(double value_s) { put("{:.6f}", value_s * kMillisecondsPerSecond); }
  void ppm(double value_ppm) { put("{:.3f}", value_ppm); }
  void seconds(const std::optional<double>& value_s);
  void stamp(Timestamp value) { put("0x{:08x}.{:08x}", value.seconds(), value.fraction()); }
  void date(const Date& value);
  void word(std::string_view value) {
    if (!value.empty()) out_.word(name_, value);
  }
  /// What would end the quotes, or a line, becomes an apostrophe or a blank.
  void quoted(std::string_view value);
  /// The same, but an empty text writes nothing.
  void text(std::string_view value) {
    if (!value.empty()) quoted(value);
  }
  void names(const NameList& value);
  void stages(const Stages& value);
  void absent(int) {}

 private:
  static constexpr double kMillisecondsPerSecond = 1000;

  template <class... Values>
  void put(fmt::format_string<Values...> format, Values... values) {
    fmt::memory_buffer text;
    fmt::vformat_to(fmt::appender(text), format, fmt::make_format_args(values...));
    out_.word(name_, {text.data(), text.size()});
  }

  AnswerText& out_;
  std::string_view name_;
};

}  // namespace ntp::control
