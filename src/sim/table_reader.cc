// SPDX-License-Identifier: BSD-2-Clause
#include "sim/table_reader.h"

#include <algorithm>

namespace ntp::sim {

void Mistakes::add(const toml::source_region& where, const std::string& what) {
  texts.push_back(fmt::format("{}:{}:{}: {}", file, where.begin.line, where.begin.column, what));
}

const toml::node* TableReader::find(std::string_view key) {
  known_.push_back(key);
  return table_.get(key);
}

void TableReader::wrong(const toml::node& node, std::string_view key, const std::string& expected) {
  mistakes_.add(node.source(), fmt::format("{} {}: expected {}", name_, key, expected));
}

void TableReader::number(std::string_view key, double& target, Range range) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (value && *value >= range.least && *value <= range.most)
    target = *value;
  else
    wrong(*node, key, fmt::format("a number from {} to {}", range.least, range.most));
}

void TableReader::number(std::string_view key, std::optional<double>& target, Range range) {
  double value = target.value_or(0.0);
  const std::size_t before = mistakes_.texts.size();
  number(key, value, range);
  if (table_.get(key) != nullptr && mistakes_.texts.size() == before) target = value;
}

std::optional<std::int64_t> TableReader::whole(std::string_view key, Range range) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->is_integer() ? node->value<std::int64_t>() : std::nullopt;
  if (value && static_cast<double>(*value) >= range.least && static_cast<double>(*value) <= range.most) return value;
  wrong(*node, key, fmt::format("a whole number from {} to {}", range.least, range.most));
  return std::nullopt;
}

void TableReader::integer(std::string_view key, std::optional<std::int64_t>& target, Range range) {
  if (const auto value = whole(key, range)) target = value;
}

void TableReader::truth(std::string_view key, bool& target) {
  std::optional<bool> value;
  truth(key, value);
  target = value.value_or(target);
}

void TableReader::truth(std::string_view key, std::optional<bool>& target) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  if (node->is_boolean())
    target = node->value<bool>();
  else
    wrong(*node, key, "true or false");
}

void TableReader::text(std::string_view key, std::string& target) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  if (node->is_string())
    target = node->value<std::string>().value_or("");
  else
    wrong(*node, key, "a text in quotes");
}

void TableReader::finish() {
  for (const auto& [key, node] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    std::string names;
    for (const std::string_view name : known_) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    mistakes_.add(key.source(), fmt::format("{} {}: unknown key, expected one of {}", name_, key.str(), names));
  }
}

}  // namespace ntp::sim
