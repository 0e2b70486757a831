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
};

enum class KeysPurpose : unsigned char {
  use,
  check,  ///< what only the daemon may read is left unread
};

/// Reads all files; of two keys of one id the later one counts. A file that isn't there costs its keys; one that is there and
/// can't be read, or is faulty, refuses the start. `origin` names the configuration in messages.
LoadedKeys load_keys(const config::Config& config, const std::string& origin, KeysPurpose purpose);

/// Memory for keys, as much as may be locked. Once, in the process that serves, before load_keys().
class KeyMemory {
 public:
  KeyMemory();
  /// What the user should know about where the keys of `ring` lie; nothing if all is as it should be.
  [[nodiscard]] std::optional<std::string> notice(const policy::KeyRing& ring) const;

 private:
  crypto::SecretHeap heap_;
};

/// No core file of this process, and no look into its memory without root's rights. After the last change of user.
void forbid_dumps();

}  // namespace ntp::daemon
