// SPDX-License-Identifier: BSD-2-Clause
//
// The table of commands (commands.def) as data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::config {

enum class Command : std::uint8_t {
#define NTP_COMMAND(name, status, safety, options, synopsis, meaning, note) name,
#define NTP_OPTION(options, name, status, safety, value, low, high, unit, standard, meaning, note)
#include "config/commands.def"
#undef NTP_COMMAND
#undef NTP_OPTION
};

enum class Status : std::uint8_t {
  works,
  later,     ///< known, but not part of this version: named with what it costs
  obsolete,  ///< accepted with a notice
};

/// What a faulty or unsupported line costs.
enum class Safety : std::uint8_t {
  plain,                  ///< the line alone
  withholds_association,  ///< the association: it asks for a protection that it would not get
  refuses_if_faulty,      ///< the function; but a line that nobody could follow costs the start
  refuses_start,          ///< the start: without the line, strangers might get more than was meant
};

enum class OptionGroup : std::uint8_t {
  none,
  association,
  fudge,
  refclock,
  restrict,
  delrestrict,
  discard,
  limit,
  mru,
  statistics,
  filegen,
  tos,
  tinker,
  enable,
  trap,
  reset,
};

enum class ValueKind : std::uint8_t { none, boolean, integer, real, text };

struct CommandEntry {
  Command command;
  std::string_view name;
  Status status;
  Safety safety;
  OptionGroup options;
  std::string_view synopsis;
  std::string_view meaning;
  std::string_view note;
};

struct OptionEntry {
  OptionGroup group;
  std::string_view name;
  Status status;
  Safety safety;
  ValueKind value;
  double low;
  double high;
  std::string_view unit;
  std::string_view standard;  ///< the default, as text
  std::string_view meaning;
  std::string_view note;
};

/// True where a faulty line of this command costs the start.
constexpr bool refuses_when_faulty(Safety safety) {
  return safety == Safety::refuses_start || safety == Safety::refuses_if_faulty;
}

std::span<const CommandEntry> commands();
std::span<const OptionEntry> options();

/// The entry of this exact word; null if there is none.
const CommandEntry* find_command(std::string_view word);
const OptionEntry* find_option(OptionGroup group, std::string_view word);

std::vector<std::string_view> command_names();
std::vector<std::string_view> option_names(OptionGroup group);

/// The candidate that `word` most likely stands for (few edits away, or the same but for case); empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "3 to 17 (log2 of seconds)".
std::string range_text(const OptionEntry& option);

}  // namespace ntp::config
