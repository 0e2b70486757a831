// SPDX-License-Identifier: BSD-2-Clause
//
// What the engine is told to do. Daemon and simulator make it of their configurations; all values are already checked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "engine/constants.h"
#include "engine/events.h"
#include "policy/key_ring.h"
#include "policy/leap_table.h"

namespace ntp::engine {

/// One server or pool line, or the local clock (127.127.1.u).
struct SourceSettings {
  enum class Kind : std::uint8_t { server, pool, local_clock };
  Kind kind = Kind::server;
  std::string name;                ///< as written: a name or an address
  std::optional<Address> address;  ///< set if the name is an address
  Resolve::Wanted wanted = Resolve::Wanted::any;
  std::uint16_t port = wire::kPort;
  std::int8_t min_poll_log2s = kDefaultMinPoll;
  std::int8_t max_poll_log2s = kDefaultMaxPoll;
  std::uint8_t version = wire::kVersion;
  bool has_iburst = false;
  bool has_burst = false;
  bool is_preferred = false;
  bool is_never_selected = false;  ///< noselect
  bool is_always_true = false;     ///< true: survives selection and clustering
  std::uint32_t key_id = 0;        ///< requests carry a MAC of this key, and only answers with one of it count; 0: none
  // local_clock only (fudge)
  std::uint8_t stratum = kLocalClockStratum;
  std::optional<wire::Refid> refid;
  double time_offset_s = 0;  ///< fudge time1

  friend bool operator==(const SourceSettings&, const SourceSettings&) = default;
};

/// tos (ntp.conf).
struct SelectionSettings {
  int min_clock = kMinClock;
  int max_clock = kMaxClock;
  int min_sane = kMinSane;
  int floor_stratum = 1;
  int ceiling_stratum = kMaxStratum;
  double min_distance_s = kMinDistance_s;
  double max_distance_s = kMaxDistance_s;
  double orphan_wait_s = kOrphanWait_s;  ///< how long other sources go before the local clock and orphan mode
  int orphan_stratum = kMaxStratum;      ///< kMaxStratum: no orphan mode

  friend bool operator==(const SelectionSettings&, const SelectionSettings&) = default;
};

/// tinker (ntp.conf).
struct DisciplineSettings {
  enum class Algorithm : std::uint8_t {
    estimator,  ///< Kalman filters in undisciplined time (docs/design/clock.md)
    classic,    ///< RFC 5905's clock filter and hybrid loop
  };
  Algorithm algorithm = Algorithm::estimator;
  double step_threshold_s = kStepThreshold_s;       ///< 0: never step
  double step_back_threshold_s = kStepThreshold_s;  ///< for offsets < 0
  double stepout_s = kStepout_s;
  double panic_threshold_s = kPanicThreshold_s;  ///< 0: never panic
  std::optional<double> packets_per_hour;        ///< the estimator's budget for each server; else by minpoll
  double dispersion_rate = kFrequencyTolerance;  ///< phi, seconds a second
  int allan_intercept_log2s = kAllanIntercept_log2s;

  friend bool operator==(const DisciplineSettings&, const DisciplineSettings&) = default;
};

/// Which records the engine makes.
struct StatisticsSettings {
  bool has_raw = false;    ///< rawstats: one for each exchange
  bool has_error = false;  ///< errorstats: one each second
  bool has_loop = false;   ///< loopstats: one for each update of the clock
  bool has_peer = false;   ///< peerstats: one for each sample that counted
  bool has_clock = false;  ///< clockstats: one for each reading of a reference clock
};

struct Settings {
  std::vector<SourceSettings> sources;
  SelectionSettings selection;
  DisciplineSettings discipline;
  std::int8_t precision_log2s = -20;
  std::optional<DriftRecord> drift;  ///< from the drift file or tinker freq
  StatisticsSettings statistics;
  std::shared_ptr<const policy::KeyRing> keys;          ///< null: there are none
  std::shared_ptr<const policy::LeapTable> leap_table;  ///< of the leap file; null: there is none
  /// Decides where leap_table is missing or has expired; null or expired: the sources decide.
  std::shared_ptr<const policy::LeapTable> spare_leap_table;
  double leap_smear_interval_s = 0;  ///< 0: leap seconds are not spread for clients
  double kernel_frequency_ppm = 0;   ///< what the clock runs at when the engine starts
  bool sets_clock = true;            ///< false: measures and serves, never touches the clock
  bool lifts_panic_once = false;     ///< -g
  bool steps_once = false;           ///< -G: step whatever the offset is, once
  bool quits_after_set = false;      ///< -q
};

}  // namespace ntp::engine
