// SPDX-License-Identifier: BSD-2-Clause
//
// Statistics files: which types there are, and which of them are written (statsdir, statistics, filegen, enable stats).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "config/model.h"
#include "daemon/log.h"
#include "daemon/statistics_writer.h"
#include "engine/events.h"
#include "engine/settings.h"
#include "state/packet_counts.h"

namespace ntp::daemon {

enum class StatisticsType : std::uint8_t { raw, error, loop, peer, clock, protocol, system, crypto, count };

/// What the engine is to make records of. Nothing without a folder, or after `disable stats`.
engine::StatisticsSettings statistics_settings(const config::Statistics& statistics);

class StatisticsFiles {
 public:
  StatisticsFiles(const config::Statistics& statistics, Log& log);

  /// Other settings from now on; what was kept is written to the old files.
  void configure(const config::Statistics& statistics);
  [[nodiscard]] bool has(StatisticsType type) const { return writer(type) != nullptr; }

  void write(const engine::WriteStatistics& statistics);
  /// protostats; failed authentication also goes to cryptostats.
  void write(const engine::ReportEvent& event);
  /// sysstats: what came in the last `since_reset_s` seconds.
  void write_system(Timestamp at, double since_reset_s, const state::PacketCounts& counts);

  /// When kept lines want to be written.
  [[nodiscard]] MonoTime next_deadline() const;
  void tick(MonoTime now);
  /// Closes all files; they are opened anew with the next line.
  void reopen();

 private:
  [[nodiscard]] StatisticsWriter* writer(StatisticsType type) const {
    return writers_.at(static_cast<std::size_t>(type)).get();
  }
  void put(StatisticsType type, Timestamp at, std::string_view line);

  Log& log_;
  MonoTime start_;
  std::array<std::unique_ptr<StatisticsWriter>, static_cast<std::size_t>(StatisticsType::count)> writers_;
};

}  // namespace ntp::daemon
