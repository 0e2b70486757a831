// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_reading.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/address.h"
#include "base/utf8.h"
#include "client/time_text.h"
#include "policy/access_list.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/numbers.h"

namespace ntp::ntpq {
namespace {

using client::find_value;
using client::Variable;

/// Beyond that nobody measured it.
constexpr double kMostNumber = 1e12;
constexpr double kEmptyStage_ms = 16000;
/// More than any server's filter has.
constexpr std::size_t kMostStages = 20;

std::optional<double> number_of(std::string_view text) {
  const auto value = parse_decimal(text);
  return value && std::abs(*value) <= kMostNumber ? value : std::nullopt;
}

std::optional<double> number(const std::vector<Variable>& variables, std::string_view name) {
  const auto value = find_value(variables, name);
  return value ? number_of(*value) : std::nullopt;
}

std::optional<int> small_number(const std::vector<Variable>& variables, std::string_view name, int most) {
  const auto value = find_value(variables, name);
  const auto read = value ? parse_unsigned(*value) : std::nullopt;
  if (!read || *read > static_cast<std::uint64_t>(most)) return std::nullopt;
  return static_cast<int>(*read);
}

std::string text(const std::vector<Variable>& variables, std::string_view name, std::size_t most) {
  return plain(find_value(variables, name).value_or(""), most);
}

std::vector<double> numbers_of(std::string_view text) {
  std::vector<double> out;
  while (!text.empty() && out.size() < kMostStages) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find(' '), text.size());
    const auto value = number_of(text.substr(0, end));
    if (!value) break;
    out.push_back(*value);
    text.remove_prefix(end);
  }
  return out;
}

/// A reference clock is no host: "LOCAL(0)" for 127.127.1.0.
std::string address_text(const std::string& value) {
  const auto address = Address::parse(value);
  return address ? clock_name(*address).value_or(value) : value;
}

std::string refid_text(const std::string& value) {
  if (value.empty()) return ".INIT.";
  return Address::parse(value) ? address_text(value) : "." + value + ".";
}

/// ntpq's letter for the kind of an association.
char type_of(const std::vector<Variable>& variables) {
  const auto address = Address::parse(find_value(variables, "srcadr").value_or(""));
  const bool is_multicast = address && address->is_multicast();
  switch (small_number(variables, "hmode", 7).value_or(0)) {
    case 1:
      return 's';
    case 2:
      return 'S';
    case 3:
      if (address && address->is_refclock()) return 'l';
      if (address && address->is_unspecified()) return 'p';
      return is_multicast ? 'a' : 'u';
    case 5:
      return is_multicast ? 'M' : 'B';
    case 6:
      return 'b';
    default:
      return ' ';
  }
}

std::optional<double> poll_of(const std::vector<Variable>& variables) {
  constexpr int kMostPoll = 17;
  const auto ours = small_number(variables, "hpoll", kMostPoll);
  const auto theirs = small_number(variables, "ppoll", kMostPoll);
  if (!ours) return std::nullopt;
  return exp2_s(theirs && *theirs > 0 ? std::min(*ours, *theirs) : *ours);
}

std::vector<double> filter_offsets(const std::vector<Variable>& variables) {
  std::vector<double> offsets = numbers_of(find_value(variables, "filtoffset").value_or(""));
  const std::vector<double> dispersions = numbers_of(find_value(variables, "filtdisp").value_or(""));
  const auto empty = std::ranges::find_if(dispersions, [](double value) { return value >= kEmptyStage_ms; });
  const auto filled = static_cast<std::size_t>(empty - dispersions.begin());
  if (empty != dispersions.end()) offsets.resize(std::min(offsets.size(), filled));
  return offsets;
}

std::optional<Timestamp> stamp(const std::vector<Variable>& variables, std::string_view name) {
  const auto value = find_value(variables, name);
  const auto read = value ? client::parse_stamp(*value) : std::nullopt;
  if (!read || read->is_unknown()) return std::nullopt;
  return read;
}

}  // namespace

std::string plain(std::string_view text, std::size_t most) {
  std::string out;
  std::string_view left = text;
  while (!left.empty() && out.size() < most) {
    const std::size_t length = std::max<std::size_t>(utf8_length(left), 1);
    const char c = left.front();
    left.remove_prefix(length);
    if (c == '\r') continue;
    if (c == '\n' || c == '\t')
      out += ' ';
    else
      out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return out;
}

std::vector<ListedSource> read_list(std::string_view data) {
  const auto octet = [data](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(data[i])); };
  std::vector<ListedSource> list;
  for (std::size_t i = 0; i + 4 <= data.size() && list.size() < kMostWatchedSources; i += 4) {
    const auto id = static_cast<std::uint16_t>(octet(i) << 8U | octet(i + 1));
    const auto status = static_cast<std::uint16_t>(octet(i + 2) << 8U | octet(i + 3));
    const bool is_known = std::ranges::any_of(list, [id](const ListedSource& one) { return one.association_id == id; });
    if (id != 0 && !is_known) list.push_back({.association_id = id, .status = status});
  }
  // As ntpq's billboards have them.
  std::ranges::sort(list, {}, &ListedSource::association_id);
  return list;
}

ClockSample read_clock(const std::vector<Variable>& variables) {
  ClockSample clock{
      .version = text(variables, "version", 80),
      .refid = address_text(text(variables, "refid", 40)),
      .leap = small_number(variables, "leap", 3),
      .stratum = small_number(variables, "stratum", 255),
      .offset_ms = number(variables, "offset"),
      .frequency_ppm = number(variables, "frequency"),
      .jitter_ms = number(variables, "sys_jitter"),
  };
  const auto delay_ms = number(variables, "rootdelay");
  const auto dispersion_ms = number(variables, "rootdisp");
  if (delay_ms && dispersion_ms) clock.bound_ms = std::max(0.0, *delay_ms / 2 + *dispersion_ms);
  return clock;
}

std::optional<Timestamp> read_time(const std::vector<Variable>& variables) { return stamp(variables, "clock"); }

SourceSample read_source(std::uint16_t association_id, const std::vector<Variable>& variables,
                         std::optional<Timestamp> server_now) {
  constexpr int kMostReach = 255;
  SourceSample sample{
      .association_id = association_id,
      .address = address_text(text(variables, "srcadr", 60)),
      .name = text(variables, "srchost", 100),
      .refid = refid_text(text(variables, "refid", 40)),
      .type = type_of(variables),
      .stratum = small_number(variables, "stratum", 255),
      .poll_s = poll_of(variables),
      .delay_ms = number(variables, "delay"),
      .offset_ms = number(variables, "offset"),
      .jitter_ms = number(variables, "jitter"),
      .filter_offsets_ms = filter_offsets(variables),
  };
  if (const auto reach = small_number(variables, "reach", kMostReach)) sample.reach = static_cast<unsigned>(*reach);
  // A reference clock gets no packets: it was read when its time was set.
  const char* stamp_name = stamp(variables, "rec") ? "rec" : "reftime";
  sample.received_at = text(variables, stamp_name, 40);
  const auto received = stamp(variables, stamp_name);
  if (!received) {
    // Zeros of a source that was never measured are no measurements.
    sample.delay_ms.reset();
    sample.offset_ms.reset();
    sample.jitter_ms.reset();
    sample.filter_offsets_ms.clear();
  }
  if (received && server_now) sample.since_received_s = std::max(0.0, (*server_now - *received).seconds());
  for (const Variable& variable : variables)
    sample.variables.emplace_back(plain(variable.name, 60), plain(variable.value));
  return sample;
}

// ---------------------------------------------------------------------------------------------------------------- clients

namespace {

struct ClientRow {
  std::string address;
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  std::uint64_t count = 0;
  std::uint64_t mode_and_version = 0;
  std::uint64_t restrictions = 0;
};

ClientSample sample_of(const ClientRow& row, Timestamp now) {
  constexpr auto kLimited = static_cast<std::uint64_t>(policy::Access::limited);
  constexpr auto kKod = static_cast<std::uint64_t>(policy::Access::kod);
  const auto place = parse_place(row.address);
  const double lasted_s = (*row.last - row.first.value_or(*row.last)).seconds();
  return {.address = place ? place->address.text() : plain(row.address, 60),
          .port = place ? place->port : std::uint16_t{0},
          .count = row.count,
          .since_last_s = std::max(0.0, (now - *row.last).seconds()),
          .interval_s = row.count > 1 ? std::max(0.0, lasted_s / static_cast<double>(row.count - 1)) : 0,
          .restrictions = static_cast<unsigned>(row.restrictions & 0xffffU),
          .limited = (row.restrictions & kKod) != 0       ? 'K'
                     : (row.restrictions & kLimited) != 0 ? 'L'
                                                          : '.',
          .mode = static_cast<unsigned>(row.mode_and_version & 7U),
          .version = static_cast<unsigned>((row.mode_and_version >> 3U) & 7U)};
}

}  // namespace

ClientsSample read_clients(const std::vector<Variable>& variables) {
  std::map<std::string, ClientRow> rows;
  for (const Variable& variable : variables) {
    const std::size_t point = variable.name.find('.');
    if (point == std::string::npos ||
        (rows.size() >= kMostWatchedClients && !rows.contains(variable.name.substr(point + 1))))
      continue;
    const std::string_view tag = std::string_view(variable.name).substr(0, point);
    ClientRow& row = rows[variable.name.substr(point + 1)];
    if (tag == "addr") row.address = variable.value;
    if (tag == "first") row.first = client::parse_stamp(variable.value);
    if (tag == "last") row.last = client::parse_stamp(variable.value);
    if (tag == "ct") row.count = parse_unsigned(variable.value).value_or(0);
    if (tag == "mv") row.mode_and_version = parse_unsigned(variable.value).value_or(0);
    if (tag == "rs") row.restrictions = parse_unsigned(variable.value).value_or(0);
  }
  const auto now = stamp(variables, "now");
  ClientsSample sample;
  for (const auto& [index, row] : rows) {
    const bool is_whole = !row.address.empty() && row.last;
    if (is_whole) sample.newest_first.push_back(sample_of(row, now.value_or(*row.last)));
  }
  std::ranges::sort(sample.newest_first, {}, [](const ClientSample& client) { return client.since_last_s; });
  return sample;
}

}  // namespace ntp::ntpq
