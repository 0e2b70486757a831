// SPDX-License-Identifier: BSD-2-Clause
#include "client/time_text.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <system_error>

#include <fmt/format.h>

namespace ntp::client {
namespace {

constexpr std::int64_t kSecondsTo1970 = 2208988800;
constexpr std::int64_t kEra = std::int64_t{1} << 32;
constexpr std::size_t kStampDigits = 8;
constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
  std::uint32_t value = 0;
  if (digits.empty() || digits.size() > kStampDigits) return std::nullopt;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::int64_t unix_seconds(Timestamp stamp, std::int64_t near_unix_seconds) {
  const std::int64_t in_first_era = std::int64_t{stamp.seconds()} - kSecondsTo1970;
  // Floor division: how many eras later lies at most half an era from `near`.
  const std::int64_t distance = near_unix_seconds - in_first_era + kEra / 2;
  const std::int64_t eras = distance >= 0 ? distance / kEra : (distance - (kEra - 1)) / kEra;
  return in_first_era + eras * kEra;
}

std::int64_t unix_seconds_now() { return static_cast<std::int64_t>(std::time(nullptr)); }

std::string stamp_text(Timestamp stamp, std::int64_t near_unix_seconds, Zone zone) {
  if (stamp.is_unknown()) return "(no time)";
  const auto seconds = static_cast<std::time_t>(unix_seconds(stamp, near_unix_seconds));
  const std::uint64_t milliseconds = (std::uint64_t{stamp.fraction()} * 1000) >> 32U;
  const std::string bits = fmt::format("{:08x}.{:08x}", stamp.seconds(), stamp.fraction());
  std::tm date{};
  const bool is_known = (zone == Zone::utc ? ::gmtime_r(&seconds, &date) : ::localtime_r(&seconds, &date)) != nullptr;
  if (!is_known) return bits;
  return fmt::format("{}  {}, {} {:2} {:4} {:2}:{:02}:{:02}.{:03}", bits, kDays[static_cast<std::size_t>(date.tm_wday)],
                     kMonths[static_cast<std::size_t>(date.tm_mon)], date.tm_mday, date.tm_year + 1900, date.tm_hour,
                     date.tm_min, date.tm_sec, milliseconds);
}

std::optional<Timestamp> parse_stamp(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  const std::size_t point = text.find('.');
  const auto seconds = hexadecimal(text.substr(0, point));
  if (!seconds) return std::nullopt;
  if (point == std::string_view::npos) return Timestamp::from_parts(*seconds, 0);
  const std::string_view digits = text.substr(point + 1);
  const auto fraction = hexadecimal(digits);
  if (!fraction) return std::nullopt;
  return Timestamp::from_parts(*seconds, *fraction << (4U * (kStampDigits - digits.size())));
}

}  // namespace ntp::client
