// SPDX-License-Identifier: BSD-2-Clause
//
// ntp.conf: text in, a configuration and messages out.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/message.h"
#include "config/model.h"

namespace ntp::config {

inline constexpr int kMaxIncludeDepth = 5;
inline constexpr int kMaxIncludedFiles = 1000;

/// Gives the text of the file at this path, or says why it can't be read.
using IncludeReader = std::function<std::expected<std::string, std::string>(const std::string& path)>;

/// What stands in a folder. Of a folder that is read, the files and folders whose names end in .conf count, by name.
struct Folders {
  using Names = std::vector<std::string>;
  /// The names in the folder at this path; nothing if there is no folder; or why it can't be read.
  std::function<std::expected<std::optional<Names>, std::string>(const std::string& path)> names;
  std::string drop_ins;  ///< this folder is read after the text, if it is there
};

/// A line that left an error or names a function that this version lacks.
struct UnappliedLine {
  std::string file;
  std::size_t line = 0;
  std::string text;
};

struct Place {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

struct ParseResult {
  Config config;
  std::vector<Message> messages;         ///< in the order of the text
  std::vector<UnappliedLine> unapplied;  ///< in the order of the text
  std::size_t more_unapplied = 0;        ///< lines beyond the limit of that list
  std::vector<Place> servers;            ///< where each of config.servers stands
};

/// Every line is applied in full or not at all; a faulty line leaves a message and the rest goes on. `filename` is for the
/// messages, and relative includes start at its folder.
ParseResult parse(std::string_view text, const std::string& filename, const IncludeReader& reader,
                  const Folders& folders = {});

}  // namespace ntp::config
