// SPDX-License-Identifier: BSD-2-Clause
//
// ntp.conf: text in, a configuration and messages out.
#pragma once

#include <expected>
#include <functional>
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

struct ParseResult {
  Config config;
  std::vector<Message> messages;  ///< in the order of the text
};

/// Every line is applied in full or not at all; a faulty line leaves a message and the rest goes on. `filename` is for the
/// messages, and relative includes start at its folder.
ParseResult parse(std::string_view text, const std::string& filename, const IncludeReader& reader);

}  // namespace ntp::config
