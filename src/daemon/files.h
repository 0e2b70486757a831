// SPDX-License-Identifier: BSD-2-Clause
//
// Files that are replaced as a whole: written beside, synced, renamed over the old one. Readers see the old or the new.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace ntp::daemon {

/// The errno of a call that failed, and which.
struct FileError {
  std::string text;
};

/// Reads at most `limit` octets; a longer file is an error, and so is what is neither a file nor a device: a named pipe would
/// make the reader wait for whoever writes.
std::expected<std::string, FileError> read_file(const std::string& path, std::size_t limit);

enum class Durability : unsigned char { written, synced };
std::expected<void, FileError> replace_file(const std::string& path, std::string_view content, Durability durability);

}  // namespace ntp::daemon
