// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/drift_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "engine/constants.h"

namespace ntp::daemon {
namespace {

using Model = engine::DriftRecord::Model;

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kName = "meridian";
constexpr std::string_view kVersion = "1";

/// A value of the model: its name in the file, and what a clock can have. An unsound file must not reach the filter.
struct Field {
  std::string_view name;
  double Model::* value;
  double low;
  double high;
};
constexpr auto kFields = std::to_array<Field>({
    {"deviation_ppm", &Model::deviation_ppm, 0, 500},
    {"wander_ppm", &Model::wander_ppm, 0, 10},
    {"aging_ppm_per_day", &Model::aging_ppm_per_day, -100, 100},
    {"temperature_ppm_per_K", &Model::temperature_ppm_per_K, -50, 50},
    {"temperature_celsius", &Model::temperature_celsius, -100, 200},
});

/// Takes the next word of the line; empty at its end.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

std::optional<double> number(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// NaN is in no range.
bool is_sound(const Field& field, double value) { return value >= field.low && value <= field.high; }

bool is_sound(const Model& model) {
  return std::ranges::all_of(kFields, [&](const Field& field) { return is_sound(field, model.*field.value); });
}

std::expected<std::optional<Model>, std::string> parse_model(std::string_view line) {
  const std::string_view first = take_word(line);
  if (first.empty()) return std::nullopt;
  if (first != kName) return std::unexpected("it is not one of this program");
  if (take_word(line) != kVersion) return std::unexpected("it is of another version");
  Model model;
  for (std::string_view name = take_word(line); !name.empty(); name = take_word(line)) {
    const auto value = number(take_word(line));
    // Names are letters, digits and _: no other octet of a broken file goes into the log.
    if (!value) return std::unexpected("a name in it is not followed by a number");
    const auto* field = std::ranges::find(kFields, name, &Field::name);
    if (field == kFields.end()) continue;
    if (!is_sound(*field, *value))
      return std::unexpected(fmt::format("{} {} is not between {} and {}", name, *value, field->low, field->high));
    model.*field->value = *value;
  }
  return model;
}

}  // namespace

std::expected<DriftFile, std::string> parse_drift(std::string_view content) {
  const std::size_t start = content.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return std::unexpected("it is empty");
  content.remove_prefix(start);
  const std::size_t end = std::min(content.find('\n'), content.size());
  std::string_view line = content.substr(0, end);
  const auto frequency_ppm = number(take_word(line));
  if (!frequency_ppm) return std::unexpected("its first word is no number");
  if (!std::isfinite(*frequency_ppm) || std::abs(*frequency_ppm) > engine::kMaxFrequency_ppm)
    return std::unexpected(
        fmt::format("{} ppm is beyond the {} ppm that a clock may be off", *frequency_ppm, engine::kMaxFrequency_ppm));

  DriftFile file{.drift = {.frequency_ppm = *frequency_ppm, .model = std::nullopt}, .notice = ""};
  content.remove_prefix(std::min(end + 1, content.size()));
  auto model = parse_model(content.substr(0, content.find('\n')));
  if (model) {
    file.drift.model = *model;
  } else {
    file.notice = std::move(model).error();
  }
  return file;
}

std::string format_drift(const engine::DriftRecord& drift) {
  if (!std::isfinite(drift.frequency_ppm)) return "";
  std::string out = fmt::format("{:.6f}\n", drift.frequency_ppm);
  if (!drift.model || !is_sound(*drift.model)) return out;
  out += fmt::format("{} {}", kName, kVersion);
  for (const Field& field : kFields) out += fmt::format(" {} {:.6g}", field.name, (*drift.model).*field.value);
  return out + "\n";
}

}  // namespace ntp::daemon
