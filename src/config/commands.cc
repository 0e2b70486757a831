// SPDX-License-Identifier: BSD-2-Clause
#include "config/commands.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

namespace ntp::config {
namespace {

constexpr auto kCommands = std::to_array<CommandEntry>({
#define NTP_COMMAND(name, status, safety, options, synopsis, meaning, note) \
  {Command::name, #name, Status::status, Safety::safety, OptionGroup::options, synopsis, meaning, note},
#define NTP_OPTION(options, name, status, safety, value, low, high, unit, standard, meaning, note)
#include "config/commands.def"
#undef NTP_COMMAND
#undef NTP_OPTION
});

constexpr auto kOptions = std::to_array<OptionEntry>({
#define NTP_COMMAND(name, status, safety, options, synopsis, meaning, note)
#define NTP_OPTION(options, name, status, safety, value, low, high, unit, standard, meaning, note) \
  {OptionGroup::options,                                                                           \
   name,                                                                                           \
   Status::status,                                                                                 \
   Safety::safety,                                                                                 \
   ValueKind::value,                                                                               \
   low,                                                                                            \
   high,                                                                                           \
   unit,                                                                                           \
   standard,                                                                                       \
   meaning,                                                                                        \
   note},
#include "config/commands.def"
#undef NTP_COMMAND
#undef NTP_OPTION
});

constexpr std::size_t kLongestGuess = 32;  ///< longer words are not compared: no command comes near

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Insertions, deletions, replacements and swaps of neighbours that turn a into b, ignoring case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kLongestGuess + 1>, kLongestGuess + 1> d{};
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::span<const CommandEntry> commands() { return kCommands; }
std::span<const OptionEntry> options() { return kOptions; }

const CommandEntry* find_command(std::string_view word) {
  const auto* found = std::ranges::find(kCommands, word, &CommandEntry::name);
  return found == kCommands.end() ? nullptr : found;
}

const OptionEntry* find_option(OptionGroup group, std::string_view word) {
  const auto* found =
      std::ranges::find_if(kOptions, [&](const OptionEntry& o) { return o.group == group && o.name == word; });
  return found == kOptions.end() ? nullptr : found;
}

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  names.reserve(kCommands.size());
  for (const CommandEntry& entry : kCommands) names.push_back(entry.name);
  return names;
}

std::vector<std::string_view> option_names(OptionGroup group) {
  std::vector<std::string_view> names;
  for (const OptionEntry& entry : kOptions)
    if (entry.group == group) names.push_back(entry.name);
  return names;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestGuess) return {};
  // A third of the letters may be wrong, but never so many that any short word would do.
  std::size_t best_distance = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  std::string_view best;
  for (const std::string_view candidate : candidates) {
    // At least the difference of the lengths has to be inserted or deleted.
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer > kLongestGuess || longer - std::min(word.size(), candidate.size()) >= best_distance) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

std::string range_text(const OptionEntry& option) {
  const std::string range = fmt::format("{} to {}", option.low, option.high);
  return option.unit.empty() ? range : fmt::format("{} ({})", range, option.unit);
}

}  // namespace ntp::config
