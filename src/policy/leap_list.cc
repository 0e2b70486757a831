// SPDX-License-Identifier: BSD-2-Clause
//
// The reader of leap-seconds.list (hpiers.obspm.fr/iers/bul/bulc/ntp; NIST's lists look the same).
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/civil_date.h"
#include "crypto/digest.h"
#include "policy/leap_table.h"

namespace ntp::policy {
namespace {

using Hash = std::array<std::uint8_t, 20>;

constexpr LeapSeconds k1972 = 2'272'060'800;
/// The year 10000: what lies beyond is no date but damage.
constexpr LeapSeconds kLatest = 255'611'462'400;
/// A second each month would take 80 years for so many.
constexpr std::size_t kMaxEntries = 1000;
constexpr std::size_t kMaxLineLength = 1000;
constexpr int kMaxTaiOffset_s = 10'000;
constexpr std::size_t kHashWords = 5;

struct Draft {
  std::vector<LeapTable::Entry> entries;
  std::optional<LeapSeconds> expires;
  std::optional<LeapSeconds> updated;
  std::optional<Hash> hash;
  std::string digits;  ///< what the hash is over
};

/// Takes the next word off the front; empty at the end.
std::string_view next_word(std::string_view& line) {
  const std::size_t start = std::min(line.find_first_not_of(" \t"), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t", start), line.size());
  const std::string_view word = line.substr(start, end - start);
  line.remove_prefix(end);
  return word;
}

template <class Number>
std::optional<Number> number_of(std::string_view word, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (error != std::errc{} || end != word.data() + word.size() || word.starts_with('-')) return std::nullopt;
  return value;
}

std::string quoted(std::string_view word) { return word.empty() ? "nothing" : fmt::format("\"{}\"", word); }

/// A line that says one instant (#$ and #@). Gives what is wrong, if something is.
std::optional<std::string> read_instant(std::string_view rest, std::optional<LeapSeconds>& instant, Draft& draft) {
  const std::string_view word = next_word(rest);
  const auto value = number_of<LeapSeconds>(word);
  if (!value || *value > kLatest || !next_word(rest).empty())
    return fmt::format("expected one number, seconds since 1900, found {}", quoted(word));
  if (instant) return "a second line of this kind";
  instant = value;
  draft.digits += word;
  return std::nullopt;
}

std::optional<std::string> read_hash(std::string_view rest, Draft& draft) {
  Hash hash{};
  for (std::size_t i = 0; i < kHashWords; ++i) {
    const std::string_view word = next_word(rest);
    const auto value = number_of<std::uint32_t>(word, 16);
    if (!value || word.size() > 8)
      return fmt::format("the hash has five words of up to eight hexadecimal digits, found {}", quoted(word));
    store_big_endian(std::as_writable_bytes(std::span(hash)), 4 * i, *value);
  }
  if (!next_word(rest).empty()) return "the hash has more than five words";
  if (draft.hash) return "a second hash";
  draft.hash = hash;
  return std::nullopt;
}

bool is_start_of_month(LeapSeconds at) {
  const std::int64_t unix = at - kUnixEpochInNtp;
  return unix % kSecondsPerDay == 0 && civil_date(unix / kSecondsPerDay).day == 1;
}

std::optional<std::string> read_entry(std::string_view line, Draft& draft) {
  const std::string_view at_word = next_word(line);
  const std::string_view offset_word = next_word(line);
  const auto at = number_of<LeapSeconds>(at_word);
  const auto offset_s = number_of<int>(offset_word);
  if (!at) return fmt::format("expected a number, seconds since 1900, found {}", quoted(at_word));
  if (!offset_s || *offset_s > kMaxTaiOffset_s)
    return fmt::format("expected TAI - UTC in seconds after the time, found {}", quoted(offset_word));
  if (const std::string_view more = next_word(line); !more.empty() && !more.starts_with('#'))
    return fmt::format("expected a comment or the end of the line, found {}", quoted(more));
  if (*at < k1972 || *at > kLatest || !is_start_of_month(*at))
    return fmt::format("{} is no midnight (UTC) at the start of a month since 1972", *at);
  if (!draft.entries.empty()) {
    const LeapTable::Entry& last = draft.entries.back();
    if (*at <= last.at) return fmt::format("{} does not come after {}", *at, last.at);
    if (*offset_s != last.tai_offset_s + 1 && *offset_s != last.tai_offset_s - 1)
      return fmt::format("TAI - UTC goes from {} to {} s; a leap second is one second", last.tai_offset_s, *offset_s);
  }
  if (draft.entries.size() == kMaxEntries) return fmt::format("more than {} entries", kMaxEntries);
  draft.entries.push_back({.at = *at, .tai_offset_s = *offset_s});
  draft.digits += at_word;
  draft.digits += offset_word;
  return std::nullopt;
}

/// True for "#x" that stands alone or before a blank: "#history" is a comment.
bool has_mark(std::string_view line, std::string_view mark) {
  return line.starts_with(mark) &&
         (line.size() == mark.size() || line[mark.size()] == ' ' || line[mark.size()] == '\t');
}

std::optional<std::string> read_line(std::string_view line, Draft& draft) {
  if (line.size() > kMaxLineLength) return fmt::format("longer than {} characters", kMaxLineLength);
  for (const char c : line)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return "not text: a control character";
  if (has_mark(line, "#$")) return read_instant(line.substr(2), draft.updated, draft);
  if (has_mark(line, "#@")) return read_instant(line.substr(2), draft.expires, draft);
  if (has_mark(line, "#h")) return read_hash(line.substr(2), draft);
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || line[start] == '#') return std::nullopt;
  return read_entry(line, draft);
}

/// What only the whole list shows.
std::optional<std::string> judge(const Draft& draft, bool checks_hash) {
  if (draft.entries.empty()) return "there is no entry: not a list of leap seconds";
  if (!draft.expires) return "there is no line \"#@ SECONDS\" that says when the list expires";
  const LeapSeconds last = draft.entries.back().at;
  if (last >= *draft.expires)
    return fmt::format("the entry of {} lies beyond {}, when the list expires", date_text(last),
                       date_text(*draft.expires));
  if (checks_hash && draft.hash && *draft.hash != crypto::sha1(std::as_bytes(std::span(draft.digits))))
    return "the hash (#h) is not that of the list: it is damaged or was changed (ignorehash takes it all the same)";
  return std::nullopt;
}

}  // namespace

std::expected<LeapTable, std::string> LeapTable::parse(std::string_view text, bool checks_hash) {
  Draft draft;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t length = text.find('\n');
    std::string_view line = text.substr(0, length);
    text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto wrong = read_line(line, draft)) return std::unexpected(fmt::format("line {}: {}", number, *wrong));
  }
  if (auto wrong = judge(draft, checks_hash)) return std::unexpected(std::move(*wrong));
  return LeapTable(std::move(draft.entries), *draft.expires, draft.updated.value_or(0));
}

}  // namespace ntp::policy
