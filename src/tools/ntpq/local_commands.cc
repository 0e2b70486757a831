// SPDX-License-Identifier: BSD-2-Clause
//
// Commands that ask no server: settings of this program.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/credentials.h"
#include "client/options.h"
#include "tools/ntpq/commands.h"
#include "tools/ntpq/numbers.h"

namespace ntp::ntpq {
namespace {

using client::printable;

constexpr std::int64_t kMostMilliseconds = 3'600'000;

Text line(std::string text) { return Text{std::move(text) + "\n"}; }

std::optional<bool> yes_or_no(const std::string& word) {
  if (word == "yes") return true;
  if (word == "no") return false;
  return std::nullopt;
}

/// A number of milliseconds from a command's word.
std::expected<std::int64_t, Failure> milliseconds(const char* command, const std::string& word) {
  const auto number = parse_integer(word);
  if (!number || *number < 0 || *number > kMostMilliseconds)
    return failure(fmt::format("***Command `{}': `{}' is no number of milliseconds from 0 to {}", command,
                               printable(word), kMostMilliseconds));
  return *number;
}

std::unexpected<Failure> wrong_word(const char* command, const std::string& word, const char* expected) {
  return failure(fmt::format("***Command `{}': expected {}, not `{}'", command, expected, printable(word)));
}

/// "-4" or "-6".
std::optional<Family> family_of(const std::string& word) {
  if (word == "-4") return Family::ipv4;
  if (word == "-6") return Family::ipv6;
  return std::nullopt;
}

}  // namespace

Outcome run_raw(Context& context, const Words&) {
  context.settings.is_raw = true;
  return line("Output set to raw");
}

Outcome run_cooked(Context& context, const Words&) {
  context.settings.is_raw = false;
  return line("Output set to cooked");
}

Outcome run_quit(Context& context, const Words&) {
  context.has_ended = true;
  return Done{};
}

Outcome run_version(Context&, const Words&) { return line(client::version_text({.name = "ntpq"})); }

Outcome run_poll(Context&, const Words&) { return line("poll not implemented yet"); }

Outcome run_timeout(Context& context, const Words& words) {
  if (words.empty())
    return line(
        fmt::format("primary timeout {} ms", static_cast<std::int64_t>(context.settings.control.timeout_s * 1000)));
  const auto wanted = milliseconds("timeout", words[0]);
  if (!wanted) return std::unexpected(wanted.error());
  context.settings.control.timeout_s = static_cast<double>(*wanted) / 1000;
  context.apply_options();
  return Done{};
}

Outcome run_delay(Context& context, const Words& words) {
  if (words.empty()) return line(fmt::format("delay {} ms", context.settings.delay_ms));
  const auto wanted = milliseconds("delay", words[0]);
  if (!wanted) return std::unexpected(wanted.error());
  context.settings.delay_ms = *wanted;
  return Done{};
}

Outcome run_host(Context& context, const Words& words) {
  const auto family = words.empty() ? std::nullopt : family_of(words[0]);
  const std::size_t name_at = family ? 1 : 0;
  if (words.size() > name_at + 1) return failure("***Command `host' takes one host name");
  if (words.size() <= name_at) {
    if (!context.host()) return line("no current host");
    return line("current host is " + printable(context.host()->name));
  }
  const auto chosen = context.choose_host(words[name_at], family ? family : context.settings.family);
  if (!chosen) return failure("***" + chosen.error());
  return line("current host set to " + printable(words[name_at]));
}

Outcome run_hostnames(Context& context, const Words& words) {
  bool& shows = context.settings.shows_names;
  if (words.empty()) return line(shows ? "hostnames being shown" : "hostnames not being shown");
  const auto wanted = yes_or_no(words[0]);
  if (!wanted) return wrong_word("hostnames", words[0], "yes or no");
  shows = *wanted;
  return Done{};
}

Outcome run_debug(Context& context, const Words& words) {
  int& level = context.settings.debug_level;
  constexpr int kMost = 10;
  if (!words.empty()) {
    if (words[0] == "no")
      level = 0;
    else if (words[0] == "more")
      level = std::min(level + 1, kMost);
    else if (words[0] == "less")
      level = std::max(level - 1, 0);
    else
      return wrong_word("debug", words[0], "no, more or less");
  }
  return line(fmt::format("debug level is {}", level));
}

Outcome run_ntpversion(Context& context, const Words& words) {
  auto& version = context.settings.control.version;
  if (words.empty()) return line(fmt::format("NTP version being claimed is {}", version));
  const auto wanted = parse_integer(words[0]);
  if (!wanted || *wanted < 1 || *wanted > 7) return wrong_word("ntpversion", words[0], "a number from 1 to 7");
  version = static_cast<std::uint8_t>(*wanted);
  context.apply_options();
  return Done{};
}

Outcome run_drefid(Context& context, const Words& words) {
  auto& refid = context.settings.refid;
  if (words.empty()) return line(std::string("drefid value is ") + (refid == RefidDisplay::hash ? "hash" : "ipv4"));
  if (words[0] != "hash" && words[0] != "ipv4") return wrong_word("drefid", words[0], "hash or ipv4");
  refid = words[0] == "hash" ? RefidDisplay::hash : RefidDisplay::ipv4;
  return Done{};
}

Outcome run_authenticate(Context& context, const Words& words) {
  bool& proves = context.settings.proves_all;
  if (words.empty()) return line(proves ? "authenticated requests being sent" : "unauthenticated requests being sent");
  const auto wanted = yes_or_no(words[0]);
  if (!wanted) return wrong_word("authenticate", words[0], "yes or no");
  proves = *wanted;
  return Done{};
}

Outcome run_keyid(Context& context, const Words& words) {
  auto& key_id = context.settings.key_id;
  if (words.empty()) return line(key_id ? fmt::format("keyid is {}", *key_id) : "no keyid defined");
  const auto id = client::parse_key_id(words[0]);
  if (!id) return failure("Invalid key identifier\n***" + printable(id.error()));
  key_id = *id;
  context.forget_key();
  return Done{};
}

Outcome run_keytype(Context& context, const Words& words) {
  std::string& type = context.settings.key_type;
  // A key of one octet is enough to learn what a type is.
  const auto described = client::key_of_password(1, words.empty() ? type : words[0], "x");
  if (!described) return failure("***" + printable(described.error()));
  if (words.empty())
    return line(fmt::format("keytype is {} with {} octet digests", type, described->key->digest_length()));
  type = std::string(described->key->type());
  context.forget_key();
  return Done{};
}

Outcome run_passwd(Context& context, const Words& words) {
  if (!context.settings.key_id) {
    const auto id = client::parse_key_id(context.world.ask_line("Keyid: ").value_or(""));
    if (!id) return failure("Invalid key identifier");
    context.settings.key_id = *id;
  }
  std::optional<std::string> password;
  if (!words.empty())
    password = words[0];
  else
    password = context.world.ask_hidden(context.settings.key_type + " Password: ");
  if (!password || password->empty()) return failure("Password unchanged");
  const auto set = context.set_password(*password);
  if (!set) return std::unexpected(set.error());
  return Done{};
}

}  // namespace ntp::ntpq
