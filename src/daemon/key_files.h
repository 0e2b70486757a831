// SPDX-License-Identifier: BSD-2-Clause
//
// The symmetric keys of this run: read from the files of the keys lines, and told which of them may be used.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/message.h"
#include "config/model.h"
#include "policy/key_ring.h"

namespace ntp::daemon {

struct LoadedKeys {
  std::shared_ptr<const policy::KeyRing> ring;  ///< null where there is no keys line
  std::vector<config::Message> messages;        ///< of the files by line, of the configuration by `origin`
  bool is_complete = true;  ///< every file was read and none is faulty; else a reload keeps the old keys
  bool is_faulty = false;   ///< not merely closed to this process: a reload keeps the whole old configuration
};

enum class KeysPurpose : unsigned char {
  use,
  check,  ///< what only the daemon may read is left unread
};

/// Reads all files; of two keys of one id the later one counts. A file that isn't there costs its keys; one that is there and
/// can't be read, or is faulty, refuses the start. `origin` names the configuration in messages.
LoadedKeys load_keys(const config::Config& config, const std::string& origin, KeysPurpose purpose);

/// The keys of `ring` (null: none) as `keys` wants them used. For a reload that may not read the files itself.
std::shared_ptr<const policy::KeyRing> used_by(const config::Keys& keys, const policy::KeyRing* ring);

/// Trust, secrets or uses differ; a null ring has no keys.
[[nodiscard]] bool differ(const policy::KeyRing* before, const policy::KeyRing* after);

/// What the user should know about where the keys of `ring` lie; nothing if none of them can be swapped out. Memory for keys is
/// set aside when the first keys file is read: by the process that serves, as forks don't inherit locks.
[[nodiscard]] std::optional<std::string> key_memory_notice(const policy::KeyRing& ring);

/// No core file of this process, and no look into its memory without root's rights. After the last change of user.
void forbid_dumps();

}  // namespace ntp::daemon
