// SPDX-License-Identifier: BSD-2-Clause
//
// Which servers want to be left alone: the file of -K. A line is "SECONDS CODE ADDRESS": when it was said, in hexadecimal
// seconds since 1970, the kiss code, and who said it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "wire/refid.h"

namespace ntp::tools::sntp {

struct KissEntry {
  std::int64_t at_unix_s = 0;
  std::string code;  ///< "RATE", "DENY", "RSTR"
  Address address;

  friend bool operator==(const KissEntry&, const KissEntry&) = default;
};

/// A file of more is read no further.
inline constexpr std::size_t kMaxKissEntries = 1000;
/// A server that was asked too often is left alone for so long, one that denies access for a day.
inline constexpr std::int64_t kRateRest_s = 3600;
inline constexpr std::int64_t kDenialRest_s = 86400;

/// Lines that make no sense are left out.
[[nodiscard]] std::vector<KissEntry> parse_kiss_file(std::string_view text);
[[nodiscard]] std::string to_text(const std::vector<KissEntry>& entries);

/// True if one of the entries says that this server is to be left alone now.
[[nodiscard]] bool wants_rest(const std::vector<KissEntry>& entries, const Address& address, std::int64_t now_unix_s);
/// The entries that still count, with a new one; one an address.
[[nodiscard]] std::vector<KissEntry> with_kiss(std::vector<KissEntry> entries, const KissEntry& kiss);

}  // namespace ntp::tools::sntp
