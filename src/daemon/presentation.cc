// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/presentation.h"

#include <cmath>

#include <fmt/format.h>

#include "base/json_text.h"

namespace ntp::daemon {
namespace {

/// Seconds in the unit that leaves one to three digits before the point.
std::string scaled(double seconds) {
  const double magnitude = std::abs(seconds);
  if (magnitude >= 1) return fmt::format("{:.3f} s", seconds);
  if (magnitude >= 1e-3) return fmt::format("{:.3f} ms", seconds * 1e3);
  if (magnitude >= 1e-6) return fmt::format("{:.3f} us", seconds * 1e6);
  return fmt::format("{:.0f} ns", seconds * 1e9);
}

std::string signed_scaled(double seconds) { return (seconds < 0 ? "" : "+") + scaled(seconds); }

/// The same in three digits, for a column.
std::string short_scaled(double seconds) {
  constexpr struct {
    double least_s, unit_s;
    const char* name;
  } kUnits[] = {{0.9995, 1, "s"}, {0.9995e-3, 1e-3, "ms"}, {0.9995e-6, 1e-6, "us"}, {0, 1e-9, "ns"}};
  for (const auto& unit : kUnits) {
    if (std::abs(seconds) < unit.least_s) continue;
    const double value = seconds / unit.unit_s;
    const int decimals = std::abs(value) < 9.995 ? 2 : std::abs(value) < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", value, decimals, unit.name);
  }
  return "-";
}

std::string short_signed(double seconds) { return (seconds < 0 ? "" : "+") + short_scaled(seconds); }

std::string interval_text(std::int8_t poll_log2s) {
  return poll_log2s < 0 ? fmt::format("1/{:.0f}", exp2_s(static_cast<std::int8_t>(-poll_log2s)))
                        : fmt::format("{:.0f}", exp2_s(poll_log2s));
}

/// The error bar of what the source says: its standard deviation; the classic discipline knows the jitter only.
double deviation_of(const state::SourceView& source) {
  return source.deviation_s > 0 ? source.deviation_s : source.jitter_s;
}

/// A reference clock's refid is text whatever its stratum; so is that of a source that has not answered yet.
std::uint8_t refid_stratum(const state::SourceView& source) {
  return source.remote.address.is_refclock() ? 0 : source.stratum;
}

std::string refid_text(const state::SourceView& source) {
  if (source.stratum >= 16) return "." + wire::to_text(wire::kRefidInit, 0) + ".";
  const std::string text = wire::to_text(source.refid, refid_stratum(source));
  return refid_stratum(source) <= 1 ? "." + text + "." : text;
}

std::string source_line(const state::SourceView& source) {
  const bool has_samples = source.dispersion_s < 16;
  return fmt::format("{}{:<21.21} {:<15.15} {:>2} {:>5} {:>5o} {:>7} {:>8} {:>7}\n", state::tally(source.selection),
                     source.remote.address.text(), refid_text(source), source.stratum, interval_text(source.poll_log2s),
                     source.reach, has_samples ? short_scaled(source.delay_s) : "-",
                     has_samples ? short_signed(source.offset_s) : "-",
                     has_samples ? short_scaled(deviation_of(source)) : "-");
}

std::string clock_lines(const state::SystemView& system) {
  if (system.leap == wire::Leap::unsynchronized)
    return fmt::format("Clock: unsynchronised, waiting for {}\n",
                       system.waiting_for.empty() ? "samples" : system.waiting_for);
  const double deviation_s = system.deviation_s > 0 ? system.deviation_s : system.jitter_s;
  return fmt::format("Clock: synchronised, stratum {}, refid {}\n       offset {} +- {}, within {}\n", system.stratum,
                     wire::to_text(system.refid, system.stratum), signed_scaled(system.offset_s), scaled(deviation_s),
                     scaled(system.root_delay_s / 2 + system.root_dispersion_s));
}

std::string steering_line(const state::SystemView& system) {
  if (!system.sets_clock) return "       left alone: measured and served as it is\n";
  return fmt::format("       steered: {}, frequency {:+.3f} ppm, wander {:.3f} ppm, poll {} s\n",
                     state::to_text(system.discipline), system.frequency_ppm, system.clock_wander_ppm,
                     interval_text(system.poll_log2s));
}

std::string source_json(const state::SourceView& s) {
  return fmt::format(
      R"({{"remote":"{}","name":"{}","refid":"{}","leap":{},"stratum":{},"poll_log2s":{},"reach":{},"flash":{},)"
      R"("delay_s":{:.9f},"offset_s":{:.9f},"jitter_s":{:.9f},"dispersion_s":{:.9f},"root_distance_s":{:.9f},)"
      R"("selection":"{}","stamp_source":"{}","sent":{},"received":{},"bogus":{},"bad_auth":{},"key_id":{},"authenticated":{}}})",
      s.remote.address.text(), json_text(s.name), json_text(wire::to_text(s.refid, refid_stratum(s))),
      static_cast<int>(s.leap), s.stratum, s.poll_log2s, s.reach, s.flash, s.delay_s, s.offset_s, s.jitter_s,
      s.dispersion_s, s.root_distance_s, state::to_text(s.selection), state::to_text(s.stamp_source), s.sent,
      s.received, s.bogus, s.bad_auth, s.key_id, s.is_authenticated);
}

const state::SourceView* leader_of(const state::View& view) {
  for (const state::SourceView& source : view.sources)
    if (source.association_id == view.system.peer_association_id) return &source;
  return nullptr;
}

}  // namespace

std::string live_table(const state::View& view, const LiveContext& context) {
  std::string text = fmt::format("Meridian ntpd   {}   port {}   {} answered\nConfiguration: {}\n\n",
                                 context.clock_text, context.port, context.answered, context.origin);
  text += fmt::format(" {:<21} {:<15} {:>2} {:>5} {:>5} {:>7} {:>8} {:>7}\n", "remote", "refid", "st", "poll", "reach",
                      "delay", "offset", "+-");
  for (const state::SourceView& source : view.sources) text += source_line(source);
  if (view.sources.empty()) text += " (no source has an address yet)\n";
  text += "\n" + clock_lines(view.system) + steering_line(view.system);
  if (!context.last_message.empty()) text += "\nLast: " + context.last_message + "\n";
  return text;
}

std::string status_json(const state::View& view, const state::VariableSet& variables) {
  const state::SystemView& s = view.system;
  const state::SourceView* leader = leader_of(view);
  std::string text = fmt::format(
      R"({{"leap":{},"stratum":{},"refid":"{}","offset_s":{:.9f},"frequency_ppm":{:.6f},"jitter_s":{:.9f},)"
      R"("root_delay_s":{:.9f},"root_dispersion_s":{:.9f},"state":"{}","sets_clock":{},"peer":"{}","waiting_for":"{}",)"
      R"("sources":[)",
      static_cast<int>(s.leap), s.stratum, json_text(wire::to_text(s.refid, s.stratum)), s.offset_s, s.frequency_ppm,
      s.jitter_s, s.root_delay_s, s.root_dispersion_s, state::to_text(s.discipline), s.sets_clock,
      leader == nullptr ? "" : leader->remote.address.text(), json_text(s.waiting_for));
  for (std::size_t i = 0; i < view.sources.size(); ++i) text += (i == 0 ? "" : ",") + source_json(view.sources[i]);
  text += R"(],"variables":{)";
  const char* separator = "";
  for (const state::VariableSet::Variable& variable : variables.all()) {
    text += fmt::format(R"({}"{}":"{}")", separator, json_text(variable.name), json_text(variable.value));
    separator = ",";
  }
  return text + "}}\n";
}

}  // namespace ntp::daemon
