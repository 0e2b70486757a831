// SPDX-License-Identifier: BSD-2-Clause
//
// What the tests of the parser share: text in, configuration or messages out.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/parser.h"

namespace ntp::config::test {

/// Files by path. A folder is what stands before a slash of one of them.
using Files = std::map<std::string, std::string>;
using Texts = std::vector<std::string>;

/// What stands in a folder, in no useful order; a folder called "locked" can't be read.
inline std::expected<std::optional<Folders::Names>, std::string> names_in(const Files& files, std::string folder) {
  if (folder.ends_with("locked")) return std::unexpected(std::string("permission denied"));
  if (!folder.ends_with('/')) folder += '/';
  Folders::Names names;
  for (const auto& [path, text] : files) {
    if (!path.starts_with(folder)) continue;
    const std::string rest = path.substr(folder.size());
    const std::string name = rest.substr(0, rest.find('/'));
    if (std::ranges::find(names, name) == names.end()) names.insert(names.begin(), name);
  }
  if (names.empty()) return std::nullopt;
  return names;
}

inline ParseResult parse_text(std::string_view text, const Files& files = {}, const std::string& drop_ins = {}) {
  const IncludeReader reader = [&](const std::string& path) -> std::expected<std::string, std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected(std::string("no such file"));
    return found->second;
  };
  const Folders folders{.names = [&](const std::string& path) { return names_in(files, path); }, .drop_ins = drop_ins};
  return parse(text, "/etc/ntp.conf", reader, folders);
}

/// The messages as text, with a mark at those that refuse the start.
inline Texts messages_of(std::string_view text, const Files& files = {}, const std::string& drop_ins = {}) {
  Texts out;
  for (const Message& message : parse_text(text, files, drop_ins).messages)
    out.push_back(config::text(message) + (message.refuses_start ? " [refuses start]" : ""));
  return out;
}

/// Fails the test if there is any message, but that a word has no effect.
inline Config config_of(std::string_view text) {
  const ParseResult result = parse_text(text);
  for (const Message& message : result.messages)
    if (message.severity != Severity::obsolete) ADD_FAILURE() << config::text(message);
  return result.config;
}

/// A line and what is said about it, without the file's name; "" = nothing.
struct MessageCase {
  std::string line;
  std::string message;
};

/// Each line alone gives its one message, and a faulty one leaves the configuration as it was.
inline void expect_messages(const std::vector<MessageCase>& cases) {
  for (const MessageCase& each : cases) {
    const Texts expected = each.message.empty() ? Texts{} : Texts{"/etc/ntp.conf:" + each.message};
    EXPECT_EQ(messages_of(each.line + "\n"), expected) << each.line;
    if (each.message.find(" error: ") != std::string::npos) {
      EXPECT_EQ(parse_text(each.line + "\n").config, Config{}) << each.line;
    }
  }
}

}  // namespace ntp::config::test
