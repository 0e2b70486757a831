// SPDX-License-Identifier: BSD-2-Clause
//
// Configuration text that comes in a control message: the grammar of the file, on top of what is in force, less what only the
// host itself may say.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "config/arguments.h"
#include "config/commands.h"
#include "config/lexer.h"
#include "config/message.h"
#include "config/model.h"
#include "config/parser.h"
#include "policy/key_ring.h"

namespace ntp::config {

/// Most restrict lines, interface lines and ranges of trusted keys that remote texts add to those of the host's own configuration.
inline constexpr std::size_t kMaxRemoteLines = 10'000;

/// How many lines of a kind there are.
struct LineCounts {
  std::size_t restricts = 0;
  std::size_t interfaces = 0;
  std::size_t trusted = 0;  ///< ranges of trustedkey
};
[[nodiscard]] LineCounts line_counts(const Config& config);

/// Gives trust to a key, or takes it, and touches no other one: a range around it may become two.
void change_trust(std::vector<KeyRange>& trusted, std::uint32_t id, bool is_trusted);

/// Why this line may not come in a control message, when `so_far` is in force; nothing if it may. Names of files and folders are
/// the host's own (CVE-2015-7703, CVE-2015-7851, CVE-2015-7976, CVE-2015-7850), and so is what would shut the operator out
/// (CVE-2016-2517) or open a door (mode 7).
[[nodiscard]] std::optional<Fault> remote_refusal(const CommandEntry& command, const Line& line, const Config& so_far,
                                                  const policy::KeyRing* keys);

struct RemoteText {
  std::string_view text;
  const Config& running;
  std::span<const KnownSource> sources;   ///< for unpeer
  const policy::KeyRing* keys = nullptr;  ///< that were read
  LineCounts own = {};                    ///< of the host's own configuration, before all remote texts
};

/// `running` with the lines of the text. Lines that say the same as before leave no trace, so that repeating them makes nothing
/// grow. Take it only if is_clean(messages).
[[nodiscard]] ParseResult parse_remote(const RemoteText& remote);

}  // namespace ntp::config
