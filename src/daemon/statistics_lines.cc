// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics_lines.h"

#include <cstdint>

#include <fmt/format.h>

#include "daemon/statistics_dates.h"
#include "wire/refid.h"

namespace ntp::daemon {
namespace {

std::string ntp_seconds(Timestamp at) { return fmt::format("{}.{:09}", at.seconds(), nanoseconds(at)); }

/// Kiss codes and kinds of clock stand between dots, as the classic writes them.
std::string refid_text(const wire::Header& header) {
  const std::string text = wire::to_text(header.refid, header.stratum);
  return header.stratum <= 1 ? fmt::format(".{}.", text) : text;
}

std::string tail_text(const engine::PacketTail& tail) {
  if (tail.length == 0) return "";
  std::string text = fmt::format(" {}: ", tail.length);
  for (const std::byte octet : tail.bytes()) text += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
  return text;
}

std::string text_of(const engine::ExchangeRecord& x) {
  const wire::Header& h = x.header;
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {:.6f} {:.6f} {}{}", x.remote.address.text(), x.local.text(),
                     ntp_seconds(x.t1), ntp_seconds(x.t2), ntp_seconds(x.t3), ntp_seconds(x.t4),
                     static_cast<int>(h.leap), h.version, static_cast<int>(h.mode), h.stratum, h.poll_log2s,
                     h.precision_log2s, h.root_delay.seconds(), h.root_dispersion.seconds(), refid_text(h),
                     tail_text(x.tail));
}

std::string text_of(const engine::ErrorRecord& e) {
  return fmt::format("{:.12f} {:.12f} {:.12f} {}", e.offset_s, e.deviation_s, e.root_distance_s,
                     static_cast<int>(e.leap));
}

std::string text_of(const engine::LoopRecord& l) {
  return fmt::format("{:.9f} {:.3f} {:.9f} {:.6f} {}", l.offset_s, l.frequency_ppm, l.jitter_s, l.wander_ppm,
                     l.poll_log2s);
}

std::string text_of(const engine::PeerRecord& p) {
  return fmt::format("{} {:x} {:.9f} {:.9f} {:.9f} {:.9f}", p.address.text(), p.status, p.offset_s, p.delay_s,
                     p.dispersion_s, p.jitter_s);
}

std::string text_of(const engine::ClockRecord& c) { return fmt::format("{} {}", c.address.text(), c.text); }

/// The classic tells milliseconds.
std::string dated(Timestamp at, std::string_view record) {
  const MjdTime time = mjd_time(at);
  return fmt::format("{} {}.{:03} {}\n", time.day, time.second, time.ns / 1'000'000, record);
}

}  // namespace

std::string statistics_line(const engine::WriteStatistics& statistics) {
  const std::string record = std::visit([](const auto& known) { return text_of(known); }, statistics.record);
  if (!std::holds_alternative<engine::ErrorRecord>(statistics.record)) return dated(statistics.at, record);
  // Where each nanosecond counts, milliseconds are too few.
  const MjdTime time = mjd_time(statistics.at);
  return fmt::format("{} {}.{:09} {}\n", time.day, time.second, time.ns, record);
}

std::string event_text(const engine::ReportEvent& event) {
  const std::string source =
      event.source.is_refclock() ? fmt::format("LOCAL({})", event.source.v4_host_order() & 0xffU) : event.source.text();
  return fmt::format("{} {:04x} {:02x} {}{}{}", source, event.status, event.code, event.name,
                     event.detail.empty() ? "" : " ", event.detail);
}

std::string protocol_line(const engine::ReportEvent& event) { return dated(event.at, event_text(event)); }

std::string crypto_line(const engine::ReportEvent& event) {
  return dated(event.at, fmt::format("{} {}{}{}", event.source.text(), event.name, event.detail.empty() ? "" : " ",
                                     event.detail));
}

std::string system_line(Timestamp at, double since_reset_s, const state::PacketCounts& c) {
  return dated(
      at, fmt::format("{:.0f} {} {} {} {} {} {} {} {} {} {}", since_reset_s, c.received, c.processed, c.current_version,
                      c.older_version, c.denied, c.bad_format, c.bad_auth, c.declined, c.limited, c.kisses));
}

}  // namespace ntp::daemon
