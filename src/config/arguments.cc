// SPDX-License-Identifier: BSD-2-Clause
#include "config/arguments.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ntp::config {
namespace {

/// A finite decimal number: digits, sign, point, exponent.
std::optional<double> parse_real(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  // from_chars also knows "inf" and "nan": no setting means them.
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string expected_value(const OptionEntry& entry) {
  switch (entry.value) {
    case ValueKind::none:
      return "nothing";
    case ValueKind::text:
      return entry.unit.empty() ? "a word after it" : std::string(entry.unit);
    case ValueKind::boolean:
      return "0, 1, true or false";
    case ValueKind::integer:
      return fmt::format("a whole number, {}", range_text(entry));
    case ValueKind::real:
      return fmt::format("a number, {}", range_text(entry));
  }
  return {};
}

/// What a number or a word says for an option that takes one; nothing if it can't be meant.
std::optional<double> value_of(const OptionEntry& entry, const Token& token) {
  if (token.kind != TokenKind::word) return std::nullopt;
  if (entry.value == ValueKind::boolean && (token.text == "true" || token.text == "false"))
    return token.text == "true" ? 1 : 0;
  const auto number = parse_real(token.text);
  if (entry.value == ValueKind::boolean && number && *number != 0 && *number != 1) return std::nullopt;
  if (entry.value == ValueKind::integer && number && *number != std::trunc(*number)) return std::nullopt;
  return number;
}

std::string words_that_work(OptionGroup group) {
  std::vector<std::string_view> names;
  for (const OptionEntry& entry : options())
    if (entry.group == group && entry.status == Status::works) names.push_back(entry.name);
  if (names.empty()) names = option_names(group);
  return fmt::format("{}", fmt::join(names, " "));
}

}  // namespace

bool Arguments::take_word(std::string_view word) {
  if (at_end() || !peek()->is_word(word)) return false;
  skip();
  return true;
}

std::expected<const Token*, Fault> Arguments::take(std::string_view expected) {
  if (at_end()) return std::unexpected(missing(expected));
  const Token* token = peek();
  skip();
  return token;
}

std::expected<Option, Fault> Arguments::take_option(OptionGroup group) {
  auto token = take(fmt::format("one of: {}", words_that_work(group)));
  if (!token) return std::unexpected(std::move(token).error());
  Option option{.name = *token};
  if ((*token)->kind == TokenKind::word) option.entry = find_option(group, (*token)->text);
  if (option.entry == nullptr) {
    Fault fault = unknown(**token, fmt::format("option of {}", command_.name), option_names(group));
    if (fault.nearest.empty()) fault.text += fmt::format(": expected one of: {}", words_that_work(group));
    return std::unexpected(std::move(fault));
  }
  if (auto value = take_value(option); !value) {
    value.error().refuses_start = option.entry->safety == Safety::refuses_start;
    return std::unexpected(std::move(value).error());
  }
  note_status(option);
  return option;
}

std::expected<void, Fault> Arguments::take_value(Option& option) {
  const OptionEntry& entry = *option.entry;
  if (entry.value == ValueKind::none) return {};
  if (at_end()) {
    Fault fault = missing("");
    fault.text = fmt::format("{}: expected {}", entry.name, expected_value(entry));
    return std::unexpected(std::move(fault));
  }
  const Token& token = *peek();
  skip();
  option.value = &token;
  option.text = token.text;
  if (entry.value == ValueKind::text) return {};

  const auto number = value_of(entry, token);
  if (!number) {
    return std::unexpected(
        wrong(token, fmt::format("{} {}: expected {}", entry.name, quotable(token.text), expected_value(entry))));
  }
  if (*number < entry.low || *number > entry.high) {
    return std::unexpected(
        wrong(token, fmt::format("{} {}: expected {}", entry.name, quotable(token.text), range_text(entry))));
  }
  option.real = *number + 0.0;  // -0 becomes 0
  if (entry.value != ValueKind::real) option.integer = static_cast<int>(*number);
  return {};
}

std::expected<double, Fault> Arguments::take_real(std::string_view what, double low, double high) {
  const auto token = take(fmt::format("{}, {} to {}", what, low, high));
  if (!token) return std::unexpected(token.error());
  const auto number = (*token)->kind == TokenKind::word ? parse_real((*token)->text) : std::nullopt;
  if (!number || *number < low || *number > high) {
    return std::unexpected(wrong(**token, fmt::format("{} {}: expected {}, {} to {}", command_.name,
                                                      quotable((*token)->text), what, low, high)));
  }
  return *number + 0.0;  // -0 becomes 0
}

void Arguments::note_status(const Option& option) {
  const OptionEntry& entry = *option.entry;
  if (entry.status == Status::works) return;
  const Severity severity = entry.status == Status::obsolete ? Severity::obsolete : Severity::unsupported;
  const std::string_view loss =
      entry.safety == Safety::withholds_association ? "; this association is not started" : "";
  note(severity, *option.name, fmt::format("{}: {}{}", entry.name, entry.note, loss));
}

std::expected<void, Fault> Arguments::finish() const {
  if (at_end()) return {};
  return std::unexpected(
      wrong(*peek(), fmt::format("{}: expected nothing more, found \"{}\"", command_.name, quotable(peek()->text))));
}

Fault Arguments::missing(std::string_view expected) const {
  return {.column = line_.end_column, .text = fmt::format("{}: expected {}", command_.name, expected)};
}

Fault Arguments::wrong(const Token& token, std::string text) {
  return {.column = token.column, .text = std::move(text), .token = quotable(token.text)};
}

Fault Arguments::unknown(const Token& token, std::string_view what, std::span<const std::string_view> candidates) {
  Fault fault = wrong(token, fmt::format("unknown {} \"{}\"", what, quotable(token.text)));
  fault.nearest = nearest(token.text, candidates);
  if (!fault.nearest.empty()) fault.text += fmt::format(": perhaps \"{}\"", fault.nearest);
  return fault;
}

Fault Arguments::wrong_word(const Token& token, std::string_view name, std::span<const std::string_view> words,
                            std::string_view expected) {
  Fault fault = wrong(token, fmt::format("{} {}: ", name, quotable(token.text)));
  fault.nearest = nearest(token.text, words);
  fault.text +=
      fault.nearest.empty() ? fmt::format("expected {}", expected) : fmt::format("perhaps \"{}\"", fault.nearest);
  return fault;
}

void Arguments::note(Severity severity, const Token& token, std::string text) {
  notes_.push_back({.line = token.line,
                    .column = token.column,
                    .severity = severity,
                    .text = std::move(text),
                    .token = quotable(token.text)});
}

void Arguments::note_refusal(const Token& token, std::string text) {
  note(Severity::unsupported, token, std::move(text));
  notes_.back().refuses_start = true;
}

std::expected<Prefix, Fault> parse_prefix(const Token& token) {
  const std::size_t slash = token.text.find('/');
  const auto address = Address::parse(token.text.substr(0, slash));
  if (!address) {
    return std::unexpected(
        Arguments::wrong(token, fmt::format("\"{}\": expected an IPv4 or IPv6 address", quotable(token.text))));
  }
  const auto bits = static_cast<unsigned>(8 * address->length());
  if (slash == std::string_view::npos) return Prefix{*address, bits, false};

  const std::string_view digits = token.text.substr(slash + 1);
  unsigned length = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (digits.empty() || error != std::errc() || stop != digits.data() + digits.size() || length > bits) {
    return std::unexpected(
        Arguments::wrong(token, fmt::format("prefix length \"{}\": expected 0 to {}", quotable(digits), bits)));
  }
  return Prefix{*address, length, true};
}

}  // namespace ntp::config
