// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/statistics.h"

#include <algorithm>
#include <cmath>

#include "daemon/statistics_lines.h"
#include "net/poll_loop.h"
#include "state/status.h"

namespace ntp::daemon {
namespace {

struct Row {
  StatisticsType type;
  const char* name;  ///< also of its files, where filegen gives no other
  config::StatisticsFile config::Statistics::* file;
  bool engine::StatisticsSettings::* flag;  ///< null: its records are made unasked
};
constexpr auto kTypes = std::to_array<Row>({
    {StatisticsType::raw, "rawstats", &config::Statistics::raw, &engine::StatisticsSettings::has_raw},
    {StatisticsType::error, "errorstats", &config::Statistics::error, &engine::StatisticsSettings::has_error},
    {StatisticsType::loop, "loopstats", &config::Statistics::loop, &engine::StatisticsSettings::has_loop},
    {StatisticsType::peer, "peerstats", &config::Statistics::peer, &engine::StatisticsSettings::has_peer},
    {StatisticsType::clock, "clockstats", &config::Statistics::clock, &engine::StatisticsSettings::has_clock},
    {StatisticsType::protocol, "protostats", &config::Statistics::protocol, nullptr},
    {StatisticsType::system, "sysstats", &config::Statistics::system, nullptr},
    {StatisticsType::crypto, "cryptostats", &config::Statistics::crypto, nullptr},
});
static_assert(kTypes.size() == static_cast<std::size_t>(StatisticsType::count));

bool is_wanted(const config::Statistics& statistics, const Row& row) {
  return statistics.is_enabled.value_or(true) && (statistics.*row.file).is_enabled.value_or(false);
}

StatisticsType type_of(const engine::ExchangeRecord&) { return StatisticsType::raw; }
StatisticsType type_of(const engine::ErrorRecord&) { return StatisticsType::error; }
StatisticsType type_of(const engine::LoopRecord&) { return StatisticsType::loop; }
StatisticsType type_of(const engine::PeerRecord&) { return StatisticsType::peer; }
StatisticsType type_of(const engine::ClockRecord&) { return StatisticsType::clock; }

}  // namespace

engine::StatisticsSettings statistics_settings(const config::Statistics& statistics) {
  engine::StatisticsSettings settings;
  for (const Row& row : kTypes)
    if (row.flag != nullptr) settings.*row.flag = statistics.folder && is_wanted(statistics, row);
  return settings;
}

StatisticsFiles::StatisticsFiles(const config::Statistics& statistics, Log& log)
    : log_(log), start_(net::monotonic_now()) {
  configure(statistics);
}

void StatisticsFiles::configure(const config::Statistics& statistics) {
  for (auto& writer : writers_) writer.reset();
  const bool is_any_wanted =
      std::any_of(kTypes.begin(), kTypes.end(), [&](const Row& row) { return is_wanted(statistics, row); });
  if (!statistics.folder) {
    if (is_any_wanted) log_.write(Log::Level::warning, "statistics: there is no statsdir line, so none are written");
    return;
  }
  std::string prefix = *statistics.folder;
  if (!prefix.ends_with('/')) prefix += '/';
  for (const Row& row : kTypes) {
    if (!is_wanted(statistics, row)) continue;
    const config::StatisticsFile& file = statistics.*row.file;
    writers_.at(static_cast<std::size_t>(row.type)) =
        std::make_unique<StatisticsWriter>(prefix + file.name.value_or(row.name), file, log_);
  }
}

void StatisticsFiles::put(StatisticsType type, Timestamp at, std::string_view line) {
  if (StatisticsWriter* files = writer(type); files != nullptr) files->write(at, net::monotonic_now() - start_, line);
}

void StatisticsFiles::write(const engine::WriteStatistics& statistics) {
  const auto type = std::visit([](const auto& record) { return type_of(record); }, statistics.record);
  if (has(type)) put(type, statistics.at, statistics_line(statistics));
}

void StatisticsFiles::write(const engine::ReportEvent& event) {
  if (has(StatisticsType::protocol)) put(StatisticsType::protocol, event.at, protocol_line(event));
  constexpr auto kBadAuth = static_cast<std::uint8_t>(state::PeerEvent::bad_auth) | state::kPeerEventBit;
  if (event.code == kBadAuth && has(StatisticsType::crypto)) put(StatisticsType::crypto, event.at, crypto_line(event));
}

void StatisticsFiles::write_system(Timestamp at, double since_reset_s, const state::PacketCounts& counts) {
  if (has(StatisticsType::system)) put(StatisticsType::system, at, system_line(at, since_reset_s, counts));
}

MonoTime StatisticsFiles::next_deadline() const {
  MonoTime due = MonoTime::never();
  for (const auto& writer : writers_)
    if (writer && std::isfinite(writer->due_age_s())) due = std::min(due, start_ + writer->due_age_s());
  return due;
}

void StatisticsFiles::tick(MonoTime now) {
  for (const auto& writer : writers_)
    if (writer) writer->tick(now - start_);
}

void StatisticsFiles::reopen() {
  for (const auto& writer : writers_)
    if (writer) writer->close();
}

}  // namespace ntp::daemon
