// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/key_files.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "config/commands.h"
#include "crypto/mac_type.h"
#include "daemon/reading_advice.h"
#include "net/descriptor.h"
#include "policy/keys_file.h"

namespace ntp::daemon {
namespace {

using config::Message;
using config::Severity;

/// 65,535 of the longest lines that ntp-keygen writes are a third of it.
constexpr std::size_t kMaxKeysFile = std::size_t{16} << 20U;
/// Every key that there can be, twice: at a reload the old ones live on beside the new ones.
constexpr std::size_t kKeyMemory = std::size_t{4} << 20U;
constexpr std::size_t kLeastKeyMemory = std::size_t{64} << 10U;

/// By id.
std::vector<bool> trust_of(const config::Keys& keys) {
  std::vector<bool> is_trusted(std::size_t{policy::kMaxKeyId} + 1);
  for (const config::KeyRange& range : keys.trusted)
    for (std::uint32_t id = range.first; id <= std::min(range.last, policy::kMaxKeyId); ++id) is_trusted[id] = true;
  return is_trusted;
}

/// What may be locked at once, as far as this process asks for it; root isn't held to the limit.
std::size_t lockable_octets() {
  rlimit limit{};
  if (geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kKeyMemory;
  return std::clamp(std::bit_floor(static_cast<std::size_t>(limit.rlim_cur) / 2), kLeastKeyMemory, kKeyMemory);
}

/// Opened at the first call.
crypto::SecretHeap key_memory() {
  static const crypto::SecretHeap heap = crypto::open_secret_heap(lockable_octets());
  return heap;
}

class Loader {
 public:
  Loader(const config::Config& config, const std::string& origin, KeysPurpose purpose)
      : config_(config), origin_(origin), purpose_(purpose) {}

  LoadedKeys load();

 private:
  void read_file(const std::string& path);
  void refuse(const std::string& path, std::string text);
  void deny(const std::string& path);
  void note_unread(const std::string& path, int error);
  void note_permissions(const std::string& path, mode_t mode);
  void take(const std::string& path, policy::KeysFile file);
  void trust();
  void check_uses(const policy::KeyRing& ring);
  void note(const std::string& file, Severity severity, std::string text);

  const config::Config& config_;
  const std::string& origin_;
  KeysPurpose purpose_;
  LoadedKeys loaded_;
  std::vector<policy::Key> keys_;
  std::vector<const std::string*> file_of_id_ =
      std::vector<const std::string*>(std::size_t{policy::kMaxKeyId} + 1, nullptr);
};

void Loader::note(const std::string& file, Severity severity, std::string text) {
  loaded_.messages.push_back({.file = file, .severity = severity, .text = std::move(text)});
}

void Loader::refuse(const std::string& path, std::string text) {
  loaded_.is_complete = false;
  loaded_.is_faulty = true;
  note(path, Severity::error, std::move(text));
  loaded_.messages.back().refuses_start = true;
}

void Loader::deny(const std::string& path) {
  loaded_.is_complete = false;
  if (purpose_ == KeysPurpose::check) {
    note(path, Severity::warning, "this keys file may not be read by this user: it was not checked");
    return;
  }
  note(path, Severity::error,
       fmt::format("this keys file can't be read: {}; {}", std::strerror(EACCES), reading_advice(path)));
  loaded_.messages.back().refuses_start = true;
}

void Loader::note_unread(const std::string& path, int error) {
  if (error == ENOENT) {
    loaded_.is_complete = false;
    loaded_.is_faulty = true;
    note(path, Severity::error,
         "this keys file is not there: none of its keys can be used. ntp-keygen -M makes one; or remove the keys line");
  } else if (error == EACCES) {
    deny(path);
  } else {
    refuse(path, fmt::format("this keys file can't be read: {}", std::strerror(error)));
  }
}

void Loader::note_permissions(const std::string& path, mode_t mode) {
  if ((mode & (S_IROTH | S_IWOTH)) != 0) {
    note(path, Severity::warning,
         fmt::format("everybody on this machine may {} the keys (mode {:04o}): chmod o= {}",
                     (mode & S_IWOTH) != 0 ? "change" : "read", mode & 07777U, path));
  } else if ((mode & S_IWGRP) != 0) {
    note(path, Severity::warning,
         fmt::format("its group may change the keys (mode {:04o}): chmod g-w {}", mode & 07777U, path));
  }
}

void Loader::read_file(const std::string& path) {
  // A named pipe without a writer must not hold up a reload.
  const net::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) {
    note_unread(path, errno);
    return;
  }
  // A folder says itself what is wrong with it.
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode) && !S_ISDIR(status.st_mode)) {
    refuse(path, "this keys file can't be read: neither a file nor a device");
    return;
  }
  crypto::SecretText text(static_cast<std::size_t>(std::clamp<off_t>(status.st_size, 0, kMaxKeysFile)) + 1);
  std::size_t length = 0;
  for (;;) {
    if (length == text.size()) text.resize(std::min(2 * text.size(), kMaxKeysFile + 1));
    const ssize_t count = read(file.get(), text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      note_unread(path, errno);
      return;
    }
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
    if (length > kMaxKeysFile) {
      refuse(path, fmt::format("this keys file has more than {} octets", kMaxKeysFile));
      return;
    }
  }
  note_permissions(path, status.st_mode);
  take(path, policy::parse_keys_file({text.data(), length}));
}

void Loader::take(const std::string& path, policy::KeysFile file) {
  using Kind = policy::KeysMessage::Kind;
  const std::vector<std::string_view> types = crypto::mac_type_names();
  for (policy::KeysMessage& found : file.messages) {
    Message message{.file = path,
                    .line = found.line,
                    .column = found.column,
                    .severity = found.kind == Kind::warning ? Severity::warning : Severity::error,
                    .text = std::move(found.text),
                    .refuses_start = found.kind == Kind::fault,
                    .token = std::move(found.token)};
    if (found.kind == Kind::skipped) message.nearest = config::nearest(message.token, types);
    loaded_.messages.push_back(std::move(message));
  }
  if (file.is_faulty) {
    loaded_.is_complete = false;
    loaded_.is_faulty = true;
  }
  std::size_t replaced = 0;
  std::string first;
  for (policy::Key& key : file.keys) {
    const std::string*& owner = file_of_id_[key.id];
    if (owner != nullptr && owner != &path && replaced++ == 0) first = fmt::format("key {} of {}", key.id, *owner);
    owner = &path;
    keys_.push_back(std::move(key));
  }
  if (replaced > 0)
    note(path, Severity::warning,
         fmt::format("keys that another file has too: {}, the first is {}; those of this file count", replaced, first));
}

void Loader::trust() {
  const std::vector<bool> is_trusted = trust_of(config_.keys);
  for (const config::KeyRange& range : config_.keys.trusted) {
    bool has_key = false;
    for (std::uint32_t id = range.first; id <= std::min(range.last, policy::kMaxKeyId); ++id)
      has_key = has_key || file_of_id_[id] != nullptr;
    if (has_key || !loaded_.is_complete) continue;
    note(origin_, Severity::warning,
         range.first == range.last
             ? fmt::format("trustedkey {}: no keys file has this key", range.first)
             : fmt::format("trustedkey ({} ... {}): no keys file has any of them", range.first, range.last));
  }
  for (policy::Key& key : keys_) key.is_trusted = is_trusted[key.id];
}

/// Says which uses of keys come to nothing.
void Loader::check_uses(const policy::KeyRing& ring) {
  const auto reason = [&](std::uint32_t id) -> std::optional<std::string> {
    if (ring.find_trusted(id) != nullptr) return std::nullopt;
    if (ring.find(id) != nullptr) return fmt::format("key {} is not trusted: trustedkey {}", id, id);
    if (config_.keys.files.empty()) return "there is no keys line";
    return fmt::format("no keys file has key {}", id);
  };
  for (const auto& [word, id, cost] : {std::tuple{"controlkey", ring.control_key(), "ntpq can't change anything"},
                                       std::tuple{"requestkey", ring.request_key(), "ntpdc can't change anything"}})
    if (const auto why = id ? reason(*id) : std::nullopt)
      note(origin_, Severity::warning, fmt::format("{} {}: {} ({})", word, *id, cost, *why));
  for (const config::Server& server : config_.servers)
    if (const auto why = server.key_id ? reason(*server.key_id) : std::nullopt)
      note(origin_, Severity::warning, fmt::format("{} is not asked for the time: {}", server.name, *why));
}

LoadedKeys Loader::load() {
  if (!config_.keys.files.empty()) key_memory();
  for (const std::string& path : config_.keys.files) read_file(path);
  trust();
  policy::KeyRing ring(std::move(keys_), config_.keys.control_key, config_.keys.request_key);
  if (loaded_.is_complete) check_uses(ring);
  if (!config_.keys.files.empty()) loaded_.ring = std::make_shared<const policy::KeyRing>(std::move(ring));
  return std::move(loaded_);
}

}  // namespace

LoadedKeys load_keys(const config::Config& config, const std::string& origin, KeysPurpose purpose) {
  return Loader(config, origin, purpose).load();
}

std::shared_ptr<const policy::KeyRing> used_by(const config::Keys& keys, const policy::KeyRing* ring) {
  if (ring == nullptr) return nullptr;
  return std::make_shared<const policy::KeyRing>(ring->with_uses(trust_of(keys), keys.control_key, keys.request_key));
}

bool differ(const policy::KeyRing* before, const policy::KeyRing* after) {
  static const policy::KeyRing kNone;
  return (before != nullptr ? *before : kNone) != (after != nullptr ? *after : kNone);
}

std::optional<std::string> key_memory_notice(const policy::KeyRing& ring) {
  const auto outside =
      std::ranges::count_if(ring.keys(), [](const policy::Key& key) { return !key.mac.is_set_aside(); });
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  const std::string advice =
      fmt::format("raise the limit of locked memory, which is {} kB (LimitMEMLOCK= of the service, or ulimit -l)",
                  limit.rlim_cur / 1024);
  switch (key_memory()) {
    case crypto::SecretHeap::locked:
      if (outside == 0) return std::nullopt;
      return fmt::format("{} of {} keys may be swapped out: {}", outside, ring.size(), advice);
    case crypto::SecretHeap::not_locked:
      return fmt::format("the keys may be swapped out: {}", advice);
    case crypto::SecretHeap::unavailable:
      return "the keys may be swapped out: this system sets no memory aside for them";
  }
  return std::nullopt;
}

void forbid_dumps() { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace ntp::daemon
