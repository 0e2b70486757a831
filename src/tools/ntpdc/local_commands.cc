// SPDX-License-Identifier: BSD-2-Clause
//
// Commands that ask nobody.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "client/options.h"
#include "client/variables.h"
#include "tools/ntpdc/commands.h"

namespace ntp::tools::ntpdc {
namespace {

/// The commands' names in columns, each one as wide as the longest and one more; read from top to bottom.
std::string columns() {
  constexpr std::size_t kWidth = 78;
  const auto all = commands();
  std::size_t width = 0;
  for (const Command& command : all) width = std::max(width, std::string_view(command.name).size() + 1);
  const std::size_t count = kWidth / width;
  const std::size_t rows = (all.size() + count - 1) / count;
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = row; i < all.size(); i += rows) text += fmt::format("{:<{}}", all[i].name, width);
    text += '\n';
  }
  return text;
}

std::optional<int> milliseconds(Console& console, const std::string& text) {
  constexpr int kMost = 600'000;
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault == std::errc() && end == text.data() + text.size() && value >= 0 && value <= kMost) return value;
  console.complain(fmt::format("***{} is no number of milliseconds from 0 to {}", client::printable(text), kMost));
  return std::nullopt;
}

constexpr client::Tool kNamed{.name = "ntpdc"};

}  // namespace

void run_help(Console& console, const Words& words) {
  if (words.empty()) return console.print("ntpdc commands:\n" + columns());
  std::string text;
  for (const Command& command : commands())
    if (std::string_view(command.name).starts_with(words[0]))
      text += fmt::format("function: {}\nusage: {}\n", command.meaning, command.usage());
  if (text.empty()) return console.complain(fmt::format("***Command `{}' unknown", client::printable(words[0])));
  console.print(text);
}

void run_version(Console& console, const Words&) { console.print(client::version_text(kNamed) + "\n"); }
void run_quit(Console& console, const Words&) { console.leave(); }
void run_exit(Console& console, const Words&) { console.leave(); }

void run_timeout(Console& console, const Words& words) {
  if (words.empty())
    return console.print(fmt::format("primary timeout {:.0f} ms\n", console.settings().timeout_s * 1000));
  if (const auto value = milliseconds(console, words[0])) console.set_timeout(*value / 1000.0);
}

void run_delay(Console& console, const Words& words) {
  if (words.empty()) return console.print(fmt::format("delay {} ms\n", console.settings().delay_ms));
  if (const auto value = milliseconds(console, words[0])) console.settings().delay_ms = *value;
}

void run_host(Console& console, const Words& words) {
  Settings& settings = console.settings();
  Words names = words;
  if (!names.empty() && (names[0] == "-4" || names[0] == "-6")) {
    settings.family = names[0] == "-4" ? Family::ipv4 : Family::ipv6;
    names.erase(names.begin());
  }
  if (names.size() > 1) return console.explain_use("host [-4|-6] [HOST]");
  if (!names.empty() && !console.use_host(names[0])) return;
  const std::string& host = console.host();
  console.print(host.empty() ? "no current host\n" : fmt::format("current host is {}\n", client::printable(host)));
}

void run_hostnames(Console& console, const Words& words) {
  Settings& settings = console.settings();
  if (words.empty())
    return console.print(settings.shows_names ? "hostnames being shown\n" : "hostnames not being shown\n");
  if (words[0] != "yes" && words[0] != "no") return console.explain_use("hostnames [yes|no]");
  settings.shows_names = words[0] == "yes";
}

void run_keyid(Console& console, const Words& words) {
  if (!words.empty()) {
    (void)console.set_key_id(words[0]);
    return;
  }
  const std::uint32_t id = console.settings().key_id;
  console.print(id == 0 ? "no keyid defined\n" : fmt::format("keyid is {}\n", id));
}

void run_keytype(Console& console, const Words& words) {
  if (!words.empty()) {
    (void)console.set_key_type(words[0]);
    return;
  }
  console.print(
      fmt::format("keytype is {} with {} octet digests\n", console.settings().key_type, console.digest_length()));
}

void run_passwd(Console& console, const Words& words) {
  if (console.settings().key_id == 0) {
    const auto typed = console.surroundings().ask_line("Keyid: ");
    if (!console.set_key_id(typed.value_or(""))) return;
  }
  if (!words.empty()) {
    (void)console.set_password(words[0]);
    return;
  }
  const auto typed = console.surroundings().ask_hidden(fmt::format("{} Password: ", console.settings().key_type));
  if (!typed || typed->empty()) return console.complain("password unchanged");
  (void)console.set_password(*typed);
}

void run_debug(Console& console, const Words& words) {
  int& level = console.settings().debug_level;
  if (!words.empty()) {
    if (words[0] == "no")
      level = 0;
    else if (words[0] == "more")
      ++level;
    else if (words[0] == "less")
      level = std::max(level - 1, 0);
    else
      return console.explain_use("debug [no|more|less]");
  }
  console.print(fmt::format("debug level is {}\n", level));
}

}  // namespace ntp::tools::ntpdc
