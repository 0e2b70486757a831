// SPDX-License-Identifier: BSD-2-Clause
//
// Checked reading of one TOML table: each key is asked for with its type and range, and what nobody asked for is a mistake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace ntp::sim {

struct Range {
  double least = 0;
  double most = 0;
};

/// Mistakes of a whole file.
struct Mistakes {
  std::string file;
  std::vector<std::string> texts;

  void add(const toml::source_region& where, const std::string& what);
};

class TableReader {
 public:
  /// `name` as in messages: "[client]".
  TableReader(const toml::table& table, std::string name, Mistakes& mistakes)
      : table_(table), name_(std::move(name)), mistakes_(mistakes) {}

  // Each leaves `target` as it is if the key is absent or wrong.
  void number(std::string_view key, double& target, Range range);
  void number(std::string_view key, std::optional<double>& target, Range range);
  void truth(std::string_view key, bool& target);
  void truth(std::string_view key, std::optional<bool>& target);
  void text(std::string_view key, std::string& target);
  template <class Integer>
  void integer(std::string_view key, Integer& target, Range range) {
    if (const auto value = whole(key, range)) target = static_cast<Integer>(*value);
  }
  void integer(std::string_view key, std::optional<std::int64_t>& target, Range range);
  template <class Value>
  void choice(std::string_view key, Value& target, const std::vector<std::pair<std::string_view, Value>>& values) {
    const toml::node* const node = find(key);
    if (node == nullptr) return;
    const auto word = node->value<std::string>();
    std::string known;
    for (const auto& [name, value] : values) {
      if (word && *word == name) {
        target = value;
        return;
      }
      known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", name);
    }
    wrong(*node, key, "one of " + known);
  }

  /// The node of a key that has a shape of its own; the key counts as known.
  const toml::node* find(std::string_view key);
  /// "file:line:column: [client] key: expected ...".
  void wrong(const toml::node& node, std::string_view key, const std::string& expected);
  /// Names every key that was not asked for.
  void finish();

 private:
  std::optional<std::int64_t> whole(std::string_view key, Range range);

  const toml::table& table_;
  std::string name_;
  Mistakes& mistakes_;
  std::vector<std::string_view> known_;
};

}  // namespace ntp::sim
