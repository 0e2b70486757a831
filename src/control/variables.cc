// SPDX-License-Identifier: BSD-2-Clause
#include "control/variables.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <iterator>
#include <span>
#include <vector>

#include <fmt/core.h>

#include "base/calendar.h"
#include "base/civil_date.h"
#include "control/request_items.h"
#include "control/variable_format.h"
#include "state/reasons.h"

namespace ntp::control {
namespace {

/// Until broadcasts are part of this version: the reference implementation's way to say that nothing is set.
constexpr double kBroadcastDelayNotSet_s = -0.05;
/// Stamps of signed replies are taken when the MAC is made.
constexpr double kNoAuthenticationDelay_s = 0;
constexpr unsigned kUnsynchronizedStratum = 16;

unsigned shown_stratum(std::uint8_t stratum) { return stratum == 0 ? kUnsynchronizedStratum : stratum; }

/// Text where it is a name: of a clock, or of why there is none.
std::string refid_text(wire::Refid refid, std::uint8_t stratum) {
  return wire::to_text(refid, stratum >= kUnsynchronizedStratum ? std::uint8_t{0} : stratum);
}

/// A reference clock is shown as what it was configured as: 127.127.1.0.
std::string source_refid(const state::SourceView& source) {
  return source.clock ? refid_text(source.clock->refid, 1) : refid_text(source.refid, source.stratum);
}

std::string address_text(const Endpoint& endpoint) { return endpoint.address.text(); }
std::string leader_address(const state::SourceView* leader) { return leader ? leader->remote.text() : "0.0.0.0:0"; }
unsigned leader_mode(const state::SourceView* leader) { return leader ? static_cast<unsigned>(leader->mode) : 0; }

std::uint64_t kibibytes(std::uint64_t octets) { return octets / 1024 + (octets % 1024 >= 512 ? 1 : 0); }
double milli(double seconds) { return seconds * 1000; }
std::optional<double> nonzero(double value) { return value != 0 ? std::optional(value) : std::nullopt; }
std::optional<double> positive(double value) { return value > 0 ? std::optional(value) : std::nullopt; }
std::optional<double> known(double since_s) { return since_s >= 0 ? std::optional(since_s) : std::nullopt; }
std::optional<double> smear_offset(const state::SystemView& system) {
  return system.leap_smear_interval_s > 0 ? std::optional(system.leap_smear_offset_s) : std::nullopt;
}

/// A local clock's is what tools call it; empty where a host was configured by its address.
std::string host_name(const state::SourceView& source) {
  constexpr std::uint8_t kLocalClock = 1;
  const Address& address = source.remote.address;
  if (address.is_refclock() && address.octets()[2] == kLocalClock) return fmt::format("LOCAL({})", address.octets()[3]);
  return Address::parse(source.name) ? std::string() : source.name;
}

Stages filter_stages(const state::SourceView& source, double state::FilterStage::* value) {
  Stages stages;
  std::transform(source.filter.begin(), source.filter.end(), stages.begin(),
                 [&](const state::FilterStage& stage) { return stage.*value; });
  return stages;
}

std::optional<unsigned> type_without_device(const state::ClockView& clock) {
  return clock.device.empty() ? std::optional(unsigned{clock.type}) : std::nullopt;
}

/// The names of the bits of timex.status, from the lowest on.
std::string kernel_status_text(std::uint32_t status) {
  constexpr std::array kNames = {"pll",      "ppsfreq",  "ppstime",   "fll",       "ins",       "del",
                                 "unsync",   "freqhold", "ppssignal", "ppsjitter", "ppswander", "ppserror",
                                 "clockerr", "nano",     "mode=fll",  "src=B"};
  std::string text;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if ((status >> i & 1U) == 0) continue;
    if (!text.empty()) text += ' ';
    text += kNames.at(i);
  }
  return text;
}

std::string changes_text(const state::View& view, Timestamp now) {
  // Any second since 2020 will do to find the era.
  constexpr std::int64_t kNear = std::int64_t{1'577'836'800} + (std::int64_t{1} << 31U);
  const std::int64_t near = unix_from_timestamp(now, kNear).seconds;
  std::string text;
  for (const state::Change& change : view.changes) {
    const std::int64_t at = unix_from_timestamp(change.at, near).seconds;
    const std::int64_t day = (at >= 0 ? at : at - (kSecondsPerDay - 1)) / kSecondsPerDay;
    const std::int64_t of_day = at - day * kSecondsPerDay;
    const CivilDate date = civil_date(day);
    fmt::format_to(std::back_inserter(text), "{}{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z {} {}", text.empty() ? "" : " | ",
                   date.year, date.month, date.day, of_day / 3600, of_day / 60 % 60, of_day % 60, change.association_id,
                   change.text);
  }
  return text;
}

template <class Row>
class NamesOfTable final : public NameList {
 public:
  NamesOfTable(std::span<const Row> rows, const state::VariableSet* own) : rows_(rows), own_(own) {}

  void append_to(std::string& out) const override {
    const auto append = [&](std::string_view name) {
      if (!out.empty()) out += ',';
      out += name;
    };
    for (const Row& row : rows_) append(row.name);
    if (own_ == nullptr) return;
    for (const auto& variable : own_->all()) append(variable.name);
  }

 private:
  std::span<const Row> rows_;
  const state::VariableSet* own_;
};

class SystemTold;
class PeerTold;
class ClockTold;

template <class ToldRow>
struct Row {
  std::string_view name;
  unsigned place = 0;
  void (*put)(const ToldRow& t, Field& field) = nullptr;
};

class SystemTold {
 public:
  explicit SystemTold(const Told& told) : told_(told) {}
  [[nodiscard]] const state::View& view() const { return told_.view(); }
  [[nodiscard]] const state::SystemView& system() const { return told_.view().system; }
  [[nodiscard]] const state::HostView& host() const { return told_.host(); }
  [[nodiscard]] const state::ControlCounts& counts() const { return told_.counts(); }
  [[nodiscard]] const Instant& instant() const { return told_.instant(); }
  [[nodiscard]] Date near_now(Timestamp at) const { return {.at = at, .now = told_.instant().real}; }
  /// Null: nobody leads.
  [[nodiscard]] const state::SourceView* leader() const {
    return system().peer_association_id == 0 ? nullptr : find_source(view(), system().peer_association_id);
  }
  [[nodiscard]] NamesOfTable<Row<SystemTold>> names() const;

 private:
  const Told& told_;
};

class PeerTold {
 public:
  PeerTold(const Told& told, const state::SourceView& source) : told_(told), source_(source) {}
  [[nodiscard]] const state::SystemView& system() const { return told_.view().system; }
  [[nodiscard]] const state::SourceView& source() const { return source_; }
  [[nodiscard]] static NamesOfTable<Row<PeerTold>> names();

 private:
  const Told& told_;
  const state::SourceView& source_;
};

class ClockTold {
 public:
  explicit ClockTold(const state::ClockView& clock) : clock_(clock) {}
  [[nodiscard]] const state::ClockView& clock() const { return clock_; }
  [[nodiscard]] static NamesOfTable<Row<ClockTold>> names();

 private:
  const state::ClockView& clock_;
};

// The tables. Each includes all of variables.def, and makes rows of its own kind only.
#define NTP_ROW(kind, name, place, format, value) \
  Row<kind>{#name, place, []([[maybe_unused]] const kind& t, [[maybe_unused]] Field& field) { field.format(value); }},
#define NTP_PEER_VARIABLE(name, place, format, value, meaning)
#define NTP_CLOCK_VARIABLE(name, place, format, value, meaning)
#define NTP_SYSTEM_VARIABLE(name, place, format, value, meaning) NTP_ROW(SystemTold, name, place, format, value)
constexpr auto kSystemRows = std::to_array<Row<SystemTold>>({
#include "control/variables.def"
});
#undef NTP_SYSTEM_VARIABLE
#undef NTP_PEER_VARIABLE
#define NTP_SYSTEM_VARIABLE(name, place, format, value, meaning)
#define NTP_PEER_VARIABLE(name, place, format, value, meaning) NTP_ROW(PeerTold, name, place, format, value)
constexpr auto kPeerRows = std::to_array<Row<PeerTold>>({
#include "control/variables.def"
});
#undef NTP_PEER_VARIABLE
#undef NTP_CLOCK_VARIABLE
#define NTP_PEER_VARIABLE(name, place, format, value, meaning)
#define NTP_CLOCK_VARIABLE(name, place, format, value, meaning) NTP_ROW(ClockTold, name, place, format, value)
constexpr auto kClockRows = std::to_array<Row<ClockTold>>({
#include "control/variables.def"
});
#undef NTP_SYSTEM_VARIABLE
#undef NTP_PEER_VARIABLE
#undef NTP_CLOCK_VARIABLE
#undef NTP_ROW

NamesOfTable<Row<SystemTold>> SystemTold::names() const { return {kSystemRows, &told_.own()}; }
NamesOfTable<Row<PeerTold>> PeerTold::names() { return {kPeerRows, nullptr}; }
NamesOfTable<Row<ClockTold>> ClockTold::names() { return {kClockRows, nullptr}; }

using RowIndex = std::uint8_t;

/// Where each name stands, and the default set, made once by the compiler.
template <std::size_t Count>
struct Index {
  std::array<RowIndex, Count> by_name{};
  std::array<RowIndex, Count> by_place{};
  std::size_t default_count = 0;

  template <class ToldRow>
  explicit constexpr Index(const std::array<Row<ToldRow>, Count>& rows) {
    static_assert(Count <= 256);
    for (std::size_t i = 0; i < Count; ++i) {
      by_name[i] = static_cast<RowIndex>(i);
      if (rows[i].place != 0) by_place[default_count++] = static_cast<RowIndex>(i);
    }
    std::sort(by_name.begin(), by_name.end(), [&](RowIndex a, RowIndex b) { return rows[a].name < rows[b].name; });
    std::sort(by_place.begin(), by_place.begin() + static_cast<std::ptrdiff_t>(default_count),
              [&](RowIndex a, RowIndex b) { return rows[a].place < rows[b].place; });
  }
};
constexpr Index kSystemIndex(kSystemRows);
constexpr Index kPeerIndex(kPeerRows);
constexpr Index kClockIndex(kClockRows);

template <class ToldRow, std::size_t Count>
struct Table {
  const std::array<Row<ToldRow>, Count>& rows;
  const Index<Count>& index;

  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    const auto found = std::lower_bound(index.by_name.begin(), index.by_name.end(), name,
                                        [&](RowIndex i, std::string_view wanted) { return rows[i].name < wanted; });
    if (found == index.by_name.end() || rows[*found].name != name) return std::nullopt;
    return *found;
  }
};
template <class ToldRow, std::size_t Count>
Table(const std::array<Row<ToldRow>, Count>&, const Index<Count>&) -> Table<ToldRow, Count>;

/// A value that would end an item stands in quotes.
void put_own(const state::VariableSet::Variable& variable, AnswerText& out) {
  if (variable.value.find_first_of(",\" \t\r\n=") == std::string::npos)
    out.word(variable.name, variable.value);
  else
    Field(out, variable.name).quoted(variable.value);
}

template <class ToldRow, std::size_t Count>
void put_row(const Table<ToldRow, Count>& table, std::size_t row, const ToldRow& told, AnswerText& out) {
  Field field(out, table.rows[row].name);
  table.rows[row].put(told, field);
}

template <class ToldRow, std::size_t Count>
void put_default(const Table<ToldRow, Count>& table, const ToldRow& told, const state::VariableSet* own,
                 AnswerText& out) {
  for (std::size_t i = 0; i < table.index.default_count; ++i) put_row(table, table.index.by_place[i], told, out);
  if (own == nullptr) return;
  for (const auto& variable : own->all())
    if (variable.is_default && !out.is_full()) put_own(variable, out);
}

template <class ToldRow, std::size_t Count>
VariableResult put_named(const Table<ToldRow, Count>& table, const ToldRow& told, const state::VariableSet* own,
                         std::string_view request, AnswerText& out) {
  std::bitset<Count> wanted;
  std::vector<const state::VariableSet::Variable*> wanted_own;
  RequestItems items(request);
  while (const auto item = items.next()) {
    if (const auto row = table.find(item->name)) {
      wanted.set(*row);
      continue;
    }
    const auto* variable = own == nullptr ? nullptr : own->find(item->name);
    if (variable == nullptr) return std::unexpected(wire::ControlError::unknown_variable);
    if (std::find(wanted_own.begin(), wanted_own.end(), variable) == wanted_own.end()) wanted_own.push_back(variable);
  }
  for (std::size_t row = 0; row < Count; ++row) {
    if (!wanted[row] || out.is_full()) continue;
    const std::size_t before = out.text().size();
    put_row(table, row, told, out);
    // A name of the program's that has no value here ("cert") leaves its place to one that was set.
    const bool is_empty = own != nullptr && out.text().size() == before;
    if (const auto* variable = is_empty ? own->find(table.rows[row].name) : nullptr) wanted_own.push_back(variable);
  }
  std::sort(wanted_own.begin(), wanted_own.end());  // they lie in one vector: in the order in which they came up
  for (const auto* variable : wanted_own)
    if (!out.is_full()) put_own(*variable, out);
  return {};
}

template <class ToldRow, std::size_t Count>
VariableResult put_variables(const Table<ToldRow, Count>& table, const ToldRow& told, const state::VariableSet* own,
                             std::string_view request, AnswerText& out) {
  if (!is_blank(request)) return put_named(table, told, own, request, out);
  put_default(table, told, own, out);
  return {};
}

constexpr Table kSystemTable{kSystemRows, kSystemIndex};
constexpr Table kPeerTable{kPeerRows, kPeerIndex};
constexpr Table kClockTable{kClockRows, kClockIndex};

template <class ToldRow, std::size_t Count>
void put_rows_up_to(std::string_view last, const Table<ToldRow, Count>& table, const ToldRow& told, AnswerText& out) {
  const auto end = table.find(last);
  for (std::size_t row = 0; end && row <= *end; ++row) put_row(table, row, told, out);
}

}  // namespace

const state::View& Told::view() const {
  if (view_ == nullptr) view_ = &facts_.view();
  return *view_;
}

const state::HostView& Told::host() const {
  if (host_ == nullptr) host_ = &facts_.host();
  return *host_;
}

const state::SourceView* find_source(const state::View& view, std::uint16_t association_id) {
  const auto found = std::find_if(view.sources.begin(), view.sources.end(), [&](const state::SourceView& source) {
    return source.association_id == association_id;
  });
  return found == view.sources.end() ? nullptr : &*found;
}

const state::SourceView* find_clock(const state::View& view, std::uint16_t association_id) {
  const std::uint16_t wanted = association_id != 0 ? association_id : view.system.peer_association_id;
  const state::SourceView* source = find_source(view, wanted);
  if (source != nullptr && source->clock) return source;
  if (association_id != 0) return nullptr;
  const auto first = std::find_if(view.sources.begin(), view.sources.end(),
                                  [](const state::SourceView& each) { return each.clock.has_value(); });
  return first == view.sources.end() ? nullptr : &*first;
}

VariableResult put_system_variables(const Told& told, std::string_view request, AnswerText& out) {
  return put_variables(kSystemTable, SystemTold(told), &told.own(), request, out);
}

VariableResult put_peer_variables(const Told& told, const state::SourceView& source, std::string_view request,
                                  AnswerText& out) {
  return put_variables(kPeerTable, PeerTold(told, source), nullptr, request, out);
}

VariableResult put_clock_variables(const state::ClockView& clock, std::string_view request, AnswerText& out) {
  return put_variables(kClockTable, ClockTold(clock), nullptr, request, out);
}

void put_system_report(const Told& told, AnswerText& out) {
  put_rows_up_to("sys_var_list", kSystemTable, SystemTold(told), out);
}

void put_peer_report(const Told& told, const state::SourceView& source, AnswerText& out) {
  put_rows_up_to("candidate", kPeerTable, PeerTold(told, source), out);
}

bool is_system_variable(std::string_view name) { return kSystemTable.find(name).has_value(); }

}  // namespace ntp::control
