// SPDX-License-Identifier: BSD-2-Clause
//
// The table of leap seconds (leap-seconds.list of IERS or NIST): when the difference of TAI and UTC changes.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntp::policy {

/// Seconds of NTP time with their era: since 1 January 1900.
using LeapSeconds = std::int64_t;

class LeapTable {
 public:
  struct Entry {
    LeapSeconds at = 0;  ///< from this instant (UTC midnight) on
    int tai_offset_s = 0;

    friend constexpr bool operator==(const Entry&, const Entry&) = default;
  };
  struct Next {
    LeapSeconds at = 0;    ///< the midnight at whose edge it happens
    int change_s = 0;      ///< +1: a second is inserted before it, -1: the last one is left out
    int tai_offset_s = 0;  ///< afterwards

    friend constexpr bool operator==(const Next&, const Next&) = default;
  };

  LeapTable() = default;
  /// Entries in ascending order (parse() and embedded() see to that).
  LeapTable(std::vector<Entry> entries, LeapSeconds expires, LeapSeconds updated);

  /// Text of a leap-seconds.list. An error says where and why. The hash (#h) must be right if it is asked for and present.
  ///
  ///   #$ UPDATED      when the list was made, seconds since 1900 (may be missing)
  ///   #@ EXPIRES      until when it is known to be complete
  ///   AT OFFSET # c   midnight at the start of a month, and TAI - UTC in seconds from then on; ascending, one second apart
  ///   #h A B C D E    SHA-1 over the digits of the lines above in their order; words may lack leading zeros
  ///   # anything      a comment
  static std::expected<LeapTable, std::string> parse(std::string_view text, bool checks_hash);
  /// The table that this program was built with.
  static const LeapTable& embedded();

  [[nodiscard]] bool is_empty() const { return entries_.empty(); }
  [[nodiscard]] LeapSeconds expires() const { return expires_; }
  [[nodiscard]] LeapSeconds updated() const { return updated_; }
  [[nodiscard]] bool is_expired(LeapSeconds now) const { return now >= expires_; }
  /// TAI - UTC; nothing before the first entry.
  [[nodiscard]] std::optional<int> tai_offset_s(LeapSeconds now) const;
  /// The first leap second after `now`, if the table has one.
  [[nodiscard]] std::optional<Next> next(LeapSeconds now) const;
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  LeapSeconds expires_ = 0;
  LeapSeconds updated_ = 0;
};

/// "2027-06-28", for messages.
std::string date_text(LeapSeconds at);

}  // namespace ntp::policy
