// SPDX-License-Identifier: BSD-2-Clause
//
// ntp.conf: text in, a configuration and messages out.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "config/message.h"
#include "config/model.h"

namespace ntp::config {

struct CommandEntry;
struct Fault;
struct Line;

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
  std::vector<std::string_view>
      resets;  ///< options of reset lines, in their order; for text that comes in a control message
};

/// Every line is applied in full or not at all; a faulty line leaves a message and the rest goes on. `filename` is for the
/// messages, and relative includes start at its folder.
ParseResult parse(std::string_view text, const std::string& filename, const IncludeReader& reader,
                  const Folders& folders = {});

/// An association as the daemon knows it.
struct KnownSource {
  std::uint16_t association_id = 0;
  Address address;
  std::string line;  ///< the name that its line has
};

/// What text is parsed on top of.
struct ParseBase {
  const Config& base;
  std::span<const KnownSource> sources;  ///< for unpeer
  /// Why a line is not even looked at, with what is in force by then; may be empty.
  std::function<std::optional<Fault>(const CommandEntry&, const Line&, const Config&)> refuse;
};

/// Lines that come one after another, not in a file: there is nothing to include, and what is refused is named as unsupported.
ParseResult parse_more(std::string_view text, const ParseBase& on);

}  // namespace ntp::config
