// SPDX-License-Identifier: BSD-2-Clause
//
// ntpq's saveconfig: a new file in one folder, whatever name is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace ntp::daemon {

/// The name with its conversions (as of strftime, of local time) done; nothing if what comes out is not a plain file name:
/// letters, digits, dots, underscores and hyphens, at most 128, with neither a dot nor a hyphen in front.
[[nodiscard]] std::optional<std::string> saved_file_name(std::string_view pattern, std::int64_t unix_time_s);

/// Most files of this user that a folder may have when another one is made: nobody fills a disk from afar.
inline constexpr std::size_t kMostSavedFiles = 64;

/// Makes the file, which must not be there, for this user and group alone to read. An error is the system's own text, or that the
/// folder has enough files. Does not wait for the disk.
[[nodiscard]] std::expected<void, std::string> write_new_file(const std::string& folder, const std::string& name,
                                                              std::string_view text);

}  // namespace ntp::daemon
