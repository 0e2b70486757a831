// SPDX-License-Identifier: BSD-2-Clause
//
// keys, trustedkey, controlkey, requestkey, crypto and nts. A line that nobody could follow refuses the start: without it, keys
// would be missing that somebody counts on. crypto and nts are not part of this version; a well-formed line costs its function
// alone, and associations that ask for it are not started.
#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/handlers.h"

namespace ntp::config {
namespace {

constexpr std::uint32_t kMaxKeyId = 65535;
constexpr std::size_t kMaxKeyFiles = 64;

/// A word of crypto or nts, and whether a value follows.
struct Setting {
  std::string_view name;
  bool has_value;
};
constexpr Setting kCryptoSettings[] = {
    {"cert", true}, {"digest", true}, {"gqpar", true}, {"host", true},     {"ident", true},  {"iffpar", true},
    {"leap", true}, {"mvpar", true},  {"pw", true},    {"randfile", true}, {"revoke", true}, {"sign", true},
};
constexpr Setting kNtsSettings[] = {
    {"aead", true},          {"ca", true},
    {"cert", true},          {"cookie", true},
    {"disable", false},      {"enable", false},
    {"key", true},           {"maxtls", true},
    {"mintls", true},        {"pool", true},
    {"port", true},          {"tlscipherserverpreference", false},
    {"tlsciphers", true},    {"tlsciphersuites", true},
    {"tlsecdhcurves", true},
};

/// Names the function that is lost, with the line's own command.
void note_loss(Arguments& arguments) {
  arguments.note(Severity::unsupported, arguments.start(),
                 fmt::format("{}: {}", arguments.command().name, arguments.command().note));
}

std::expected<std::uint32_t, Fault> take_key_id(Arguments& arguments) {
  const auto token = arguments.take("the number of a key, 1 to 65535");
  if (!token) return std::unexpected(token.error());
  const std::string_view digits = (*token)->text;
  std::uint32_t id = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  const bool is_number = error == std::errc() && stop == digits.data() + digits.size();
  if ((*token)->kind == TokenKind::word && is_number && id >= 1 && id <= kMaxKeyId) return id;
  return std::unexpected(Arguments::wrong(**token, fmt::format("{} {}: expected the number of a key, 1 to {}",
                                                               arguments.command().name, quotable(digits), kMaxKeyId)));
}

Handled take_kind(Arguments& arguments, TokenKind kind, std::string_view expected) {
  const auto token = arguments.take(expected);
  if (!token) return std::unexpected(token.error());
  if ((*token)->kind == kind) return {};
  return std::unexpected(Arguments::wrong(
      **token,
      fmt::format("{}: expected {}, found \"{}\"", arguments.command().name, expected, quotable((*token)->text))));
}

/// (FIRST ... LAST), from its opening parenthesis.
std::expected<KeyRange, Fault> take_range(Arguments& arguments) {
  arguments.skip();
  const auto first = take_key_id(arguments);
  if (!first) return std::unexpected(first.error());
  if (auto dots = take_kind(arguments, TokenKind::ellipsis, "..."); !dots) return std::unexpected(dots.error());
  const Token* at = arguments.peek();
  const auto last = take_key_id(arguments);
  if (!last) return std::unexpected(last.error());
  if (*last < *first)
    return std::unexpected(Arguments::wrong(*at, fmt::format("{}: expected at least {}", *last, *first)));
  if (auto close = take_kind(arguments, TokenKind::close, ")"); !close) return std::unexpected(close.error());
  return KeyRange{*first, *last};
}

Handled take_settings(Arguments& arguments, std::span<const Setting> settings) {
  while (!arguments.at_end()) {
    const Token& token = *arguments.peek();
    arguments.skip();
    const auto known = std::ranges::find(settings, token.text, &Setting::name);
    if (known == settings.end() || token.kind != TokenKind::word) {
      std::vector<std::string_view> names;
      for (const Setting& setting : settings) names.push_back(setting.name);
      Fault fault = Arguments::unknown(token, fmt::format("option of {}", arguments.command().name), names);
      if (fault.nearest.empty()) fault.text += fmt::format(": expected an option of {}", arguments.command().name);
      return std::unexpected(std::move(fault));
    }
    if (!known->has_value) continue;
    if (const auto value = arguments.take(fmt::format("a word after {}", known->name)); !value)
      return std::unexpected(value.error());
  }
  return {};
}

}  // namespace

Handled handle_keys(Arguments& arguments, Config& config) {
  const auto file = arguments.take("the name of a file");
  if (!file) return std::unexpected(file.error());
  if ((*file)->text.empty()) return std::unexpected(Arguments::wrong(**file, "keys: expected the name of a file"));
  if (auto end = arguments.finish(); !end) return end;
  std::vector<std::string>& files = config.keys.files;
  if (std::ranges::find(files, (*file)->text) != files.end()) return {};
  if (files.size() == kMaxKeyFiles)
    return std::unexpected(Arguments::wrong(**file, fmt::format("keys: expected at most {} files", kMaxKeyFiles)));
  files.emplace_back((*file)->text);
  return {};
}

Handled handle_trustedkey(Arguments& arguments, Config& config) {
  std::vector<KeyRange> trusted;
  do {
    const Token* next = arguments.peek();
    if (next != nullptr && next->kind == TokenKind::open) {
      const auto range = take_range(arguments);
      if (!range) return std::unexpected(range.error());
      trusted.push_back(*range);
    } else {
      const auto id = take_key_id(arguments);
      if (!id) return std::unexpected(id.error());
      trusted.push_back({*id, *id});
    }
  } while (!arguments.at_end());
  config.keys.trusted.insert(config.keys.trusted.end(), trusted.begin(), trusted.end());
  return {};
}

Handled handle_key_id(Arguments& arguments, Config& config) {
  const auto id = take_key_id(arguments);
  if (!id) return std::unexpected(id.error());
  if (auto end = arguments.finish(); !end) return end;
  const bool is_control = arguments.command().command == Command::controlkey;
  (is_control ? config.keys.control_key : config.keys.request_key) = *id;
  return {};
}

Handled handle_crypto(Arguments& arguments, Config& /*config*/) {
  if (auto taken = take_settings(arguments, kCryptoSettings); !taken) return taken;
  note_loss(arguments);
  return {};
}

Handled handle_nts(Arguments& arguments, Config& /*config*/) {
  if (arguments.at_end()) return std::unexpected(arguments.missing("enable, disable, cert, key or another option"));
  if (auto taken = take_settings(arguments, kNtsSettings); !taken) return taken;
  note_loss(arguments);
  return {};
}

}  // namespace ntp::config
