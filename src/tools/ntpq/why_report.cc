// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/why_report.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "tools/ntpq/status_text.h"
#include "tools/ntpq/watch_reading.h"

namespace ntp::ntpq {
namespace {

using client::ControlFailure;
using client::ControlFault;
using client::Json;
using wire::ControlError;
using wire::ControlOpcode;

constexpr std::size_t kMostNameColumns = 40;

using Variables = std::vector<client::Variable>;

std::expected<Variables, ControlFailure> read(const Ask& ask, std::uint16_t association_id, std::string_view names) {
  auto answer = ask({.opcode = ControlOpcode::read_variables, .association_id = association_id, .data = names});
  if (!answer) return std::unexpected(answer.error());
  return client::parse_variables(answer->data);
}

/// A variable by name; nothing if the server doesn't know it or has nothing to say.
std::expected<std::optional<std::string>, ControlFailure> words(const Ask& ask, std::uint16_t association_id,
                                                                std::string_view name, std::size_t most) {
  const auto variables = read(ask, association_id, name);
  if (!variables) {
    const ControlFailure& failure = variables.error();
    if (failure.fault == ControlFault::told && failure.code == ControlError::unknown_variable) return std::nullopt;
    return std::unexpected(failure);
  }
  const auto value = client::find_value(*variables, name);
  if (!value || value->empty()) return std::nullopt;
  return plain(*value, most);
}

std::expected<void, ControlFailure> add_clock(const Ask& ask, const std::vector<ListedSource>& list,
                                              WhyReport& report) {
  auto why = words(ask, 0, "why", 400);
  if (!why) return std::unexpected(why.error());
  report.is_told = why->has_value();
  if (*why) {
    report.clock = std::move(**why);
    return {};
  }
  const auto variables = read(ask, 0, "");
  if (!variables) return std::unexpected(variables.error());
  std::vector<std::uint16_t> statuses;
  for (const ListedSource& source : list) statuses.push_back(source.status);
  report.clock = explain_clock(*variables, statuses);
  return {};
}

std::expected<void, ControlFailure> add_source(const Ask& ask, const ListedSource& listed, WhyReport& report) {
  const auto variables = read(ask, listed.association_id, "");
  if (!variables) {
    // It went between the list and now.
    const ControlFailure& failure = variables.error();
    if (failure.fault == ControlFault::told && failure.code == ControlError::unknown_association) return {};
    return std::unexpected(failure);
  }
  WhySource source{.association_id = listed.association_id,
                   .status = listed.status,
                   .address = read_source(listed.association_id, *variables, std::nullopt).address};
  // One unknown name fails the whole question: a server that has no reasons isn't asked for more of them.
  const bool may_tell = report.is_told || (!report.clock && report.sources.empty());
  auto why = may_tell ? words(ask, listed.association_id, "why", 400) : std::optional<std::string>();
  if (!why) return std::unexpected(why.error());
  if (*why) report.is_told = true;
  source.text = *why ? std::move(**why) : explain_source(listed.status, *variables);
  report.sources.push_back(std::move(source));
  return {};
}

std::string name_in(const WhyReport& report, std::uint16_t association_id, const NameOf& name_of) {
  if (association_id == 0) return "clock";
  const auto source = std::ranges::find(report.sources, association_id, &WhySource::association_id);
  if (source == report.sources.end() || source->address.empty()) return fmt::format("association {}", association_id);
  return client::printable(name_of(source->address));
}

/// "2026-11-21T19:45:42Z" as people write it.
std::string time_text(std::string time) {
  std::ranges::replace(time, 'T', ' ');
  std::erase(time, 'Z');
  return time;
}

}  // namespace

std::expected<WhyReport, ControlFailure> gather_why(const Ask& ask, std::optional<std::uint16_t> only) {
  const auto answer = ask({.opcode = ControlOpcode::read_status});
  if (!answer) return std::unexpected(answer.error());
  const std::vector<ListedSource> list = read_list(answer->data);
  if (only && *only != 0 && std::ranges::find(list, *only, &ListedSource::association_id) == list.end())
    return std::unexpected(ControlFailure{
        .fault = ControlFault::told, .code = ControlError::unknown_association, .association_id = *only});

  WhyReport report;
  if (!only || *only == 0) {
    if (auto done = add_clock(ask, list, report); !done) return std::unexpected(done.error());
  }
  for (const ListedSource& listed : list) {
    if (only && *only != listed.association_id) continue;
    if (auto done = add_source(ask, listed, report); !done) return std::unexpected(done.error());
  }
  if (!report.is_told) return report;

  constexpr std::size_t kMostChangesText = 32768;
  const auto changes = words(ask, 0, "changes", kMostChangesText);
  if (!changes) return std::unexpected(changes.error());
  report.changes = parse_changes(changes->value_or(""));
  if (only) std::erase_if(report.changes, [&](const WhyChange& change) { return change.association_id != *only; });
  return report;
}

std::vector<WhyChange> parse_changes(std::string_view text) {
  constexpr std::string_view kBetween = " | ";
  std::vector<WhyChange> changes;
  while (!text.empty() && changes.size() < kMostWhyChanges) {
    const std::size_t end = std::min(text.find(kBetween), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + kBetween.size(), text.size()));

    const std::size_t after_time = entry.find(' ');
    if (after_time == std::string_view::npos) continue;
    const std::string_view rest = entry.substr(after_time + 1);
    WhyChange change{.time = plain(entry.substr(0, after_time), 40)};
    const auto [id_end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), change.association_id);
    const auto id_length = static_cast<std::size_t>(id_end - rest.data());
    if (error != std::errc() || id_length >= rest.size() || rest[id_length] != ' ') continue;
    change.text = plain(rest.substr(id_length + 1));
    changes.push_back(std::move(change));
  }
  return changes;
}

Table why_table(const WhyReport& report, const NameOf& name_of) {
  Table table;
  const auto add = [&table](std::string text, std::uint16_t association_id, std::string_view subject) -> Json& {
    TableRow row{.text = std::move(text), .value = Json::Members()};
    row.value.add("associd", int{association_id});
    row.value.add("subject", subject);
    table.rows.push_back(std::move(row));
    return table.rows.back().value;
  };

  if (report.clock) {
    Json& value = add("clock: " + *report.clock, 0, "clock");
    value.add("why", *report.clock);
    value.add("is_told", report.is_told);
  }
  std::size_t width = 0;
  for (const WhySource& source : report.sources)
    width = std::max(width, utf8_count(name_in(report, source.association_id, name_of)));
  width = std::min(width, kMostNameColumns);
  const char* gap = report.clock ? "\n" : "";
  for (const WhySource& source : report.sources) {
    const std::string name = name_in(report, source.association_id, name_of);
    const std::size_t length = utf8_count(name);
    const std::string blanks(length < width ? width - length : 0, ' ');
    Json& value = add(std::exchange(gap, "") + (tally_of(source.status) + name + blanks) + "  " + source.text,
                      source.association_id, name);
    value.add("address", source.address);
    value.add("tally", std::string(1, tally_of(source.status)));
    value.add("status", fmt::format("{:04x}", source.status));
    value.add("why", source.text);
    value.add("is_told", report.is_told);
  }

  const char* head = "\nLast changes (UTC), oldest first:\n";
  for (const WhyChange& change : report.changes) {
    const std::string name = name_in(report, change.association_id, name_of);
    Json& value = add(std::exchange(head, "") + time_text(change.time) + "  " + name + ": " + change.text,
                      change.association_id, name);
    value.add("time", change.time);
    value.add("change", change.text);
  }
  if (!report.is_told && !table.rows.empty())
    table.rows.back().text +=
        "\n\n(The server gives no reasons of its own: these are read from its status and flash words.)";
  return table;
}

}  // namespace ntp::ntpq
