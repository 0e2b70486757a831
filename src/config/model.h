// SPDX-License-Identifier: BSD-2-Clause
//
// What a configuration says, as plain values. What is not written is absent: defaults belong to those who use it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "policy/access_list.h"

namespace ntp::config {

/// A server or pool line, or the local clock (server 127.127.1.u).
struct Server {
  enum class Kind : std::uint8_t { server, pool, local_clock };
  Kind kind = Kind::server;
  std::string name;                ///< as written: a name or an address
  std::optional<Address> address;  ///< set if the name is an address
  std::optional<Family> family;    ///< -4 or -6
  std::optional<int> min_poll_log2s;
  std::optional<int> max_poll_log2s;
  std::optional<int> version;
  bool has_iburst = false;
  bool has_burst = false;
  bool is_preferred = false;
  bool is_never_selected = false;  ///< noselect
  bool is_always_true = false;     ///< true
  bool is_preemptable = false;
  std::optional<std::uint32_t> key_id;  ///< requests carry a MAC of this key, and answers must

  friend bool operator==(const Server&, const Server&) = default;
};

/// All fudge lines of one clock.
struct Fudge {
  Address clock;  ///< 127.127.1.u
  std::optional<double> time1_s;
  std::optional<double> time2_s;
  std::optional<int> stratum;
  std::optional<std::string> refid;  ///< one to four printable characters
  std::array<std::optional<bool>, 4> flags;

  friend bool operator==(const Fudge&, const Fudge&) = default;
};

/// A restrict, unrestrict or delrestrict line; `restrict default` without a family becomes two.
struct Restrict {
  enum class Action : std::uint8_t {
    add,           ///< restrict: flags are added to an equal rule, or a new rule is made
    remove_flags,  ///< unrestrict ADDRESS FLAGS
    remove_rule,   ///< unrestrict ADDRESS, delrestrict ADDRESS
  };
  Action action = Action::add;
  bool is_source = false;         ///< a template for the address of every association; only flags and limit count
  std::string host;               ///< a name: the rule's address and mask are those of each address it has; else empty
  std::optional<Family> family;   ///< -4 or -6 before a name
  policy::AccessRule rule;        ///< the address has no bits outside its mask
  std::optional<int> peer_limit;  ///< ippeerlimit: -1 unlimited, 0 none

  friend bool operator==(const Restrict&, const Restrict&) = default;
};

/// keys, trustedkey, controlkey and requestkey.
struct KeyRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};
struct Keys {
  std::vector<std::string> files;  ///< all are read; of two keys of one id the later one counts
  std::vector<KeyRange> trusted;
  std::optional<std::uint32_t> control_key;
  std::optional<std::uint32_t> request_key;

  friend bool operator==(const Keys&, const Keys&) = default;
};

/// discard: the reference implementation's rate limits. A line of it chooses its counter.
struct Discard {
  std::optional<int> average_log2s;        ///< least average time between packets of an address
  std::optional<int> minimum_s;            ///< least time between two packets
  std::optional<int> monitor_probability;  ///< kept and not used: the table makes room by age

  friend bool operator==(const Discard&, const Discard&) = default;
};

/// limit: packets a second and address.
struct Limit {
  std::optional<double> average_per_s;
  std::optional<double> burst;
  std::optional<double> kod_per_s;  ///< most kisses a second and address

  friend bool operator==(const Limit&, const Limit&) = default;
};

/// mru: the size of the list of clients.
struct Mru {
  std::optional<long long> initial_entries;  ///< initalloc
  std::optional<long long> initial_kB;       ///< initmem
  std::optional<long long> step_entries;     ///< incalloc
  std::optional<long long> step_kB;          ///< incmem
  std::optional<long long> min_entries;      ///< mindepth
  std::optional<long long> max_entries;      ///< maxdepth
  std::optional<long long> max_kB;           ///< maxmem
  std::optional<long long> min_age_s;        ///< minage
  std::optional<long long> max_age_s;        ///< maxage

  friend bool operator==(const Mru&, const Mru&) = default;
};

/// leapfile.
struct LeapFile {
  std::string path;
  bool checks_hash = true;

  friend bool operator==(const LeapFile&, const LeapFile&) = default;
};

/// setvar NAME=VALUE [default].
struct SetVariable {
  std::string name;
  std::string value;
  bool is_default = false;  ///< part of what a query without names is answered with

  friend bool operator==(const SetVariable&, const SetVariable&) = default;
};

/// enable and disable; the last one counts.
struct Switches {
  std::optional<bool> auth;
  std::optional<bool> monitor;
  std::optional<bool> ntp;
  std::optional<bool> kernel;
  std::optional<bool> mode7;

  friend bool operator==(const Switches&, const Switches&) = default;
};

struct Tos {
  std::optional<int> min_clock;
  std::optional<int> max_clock;
  std::optional<int> min_sane;
  std::optional<int> floor_stratum;
  std::optional<int> ceiling_stratum;
  std::optional<double> min_distance_s;
  std::optional<double> max_distance_s;
  std::optional<double> orphan_wait_s;
  std::optional<int> orphan_stratum;  ///< 16: no orphan mode
  std::optional<bool> has_cohort;

  friend bool operator==(const Tos&, const Tos&) = default;
};

struct Tinker {
  enum class Discipline : std::uint8_t { estimator, classic };
  std::optional<Discipline> discipline;
  std::optional<int> allan_intercept_log2s;
  std::optional<double> dispersion_ppm;
  std::optional<double> frequency_ppm;
  std::optional<double> packets_per_hour;  ///< and server, in the long run
  std::optional<double> panic_s;           ///< 0: never
  std::optional<double> step_back_s;       ///< 0: never; `step` sets both this and the next
  std::optional<double> step_forward_s;    ///< 0: never
  std::optional<double> stepout_s;

  friend bool operator==(const Tinker&, const Tinker&) = default;
};

/// What filegen says about the files of one type of statistics.
struct StatisticsFile {
  /// When a new file begins.
  enum class Period : std::uint8_t { none, pid, day, week, month, year, age };
  std::optional<std::string> name;  ///< below the statistics folder; has no ".." in it
  std::optional<Period> period;
  std::optional<bool> has_link;
  std::optional<bool> is_enabled;  ///< filegen or statistics

  friend bool operator==(const StatisticsFile&, const StatisticsFile&) = default;
};

struct Statistics {
  std::optional<std::string> folder;  ///< statsdir
  std::optional<bool> is_enabled;     ///< enable stats, disable stats
  StatisticsFile raw;
  StatisticsFile error;
  StatisticsFile loop;
  StatisticsFile peer;
  StatisticsFile clock;
  StatisticsFile protocol;  ///< protostats
  StatisticsFile system;    ///< sysstats
  StatisticsFile crypto;

  friend bool operator==(const Statistics&, const Statistics&) = default;
};

/// tempcomp: where the temperature near the oscillator is read.
struct TemperatureSensor {
  std::string file;
  std::optional<double> interval_s;

  friend bool operator==(const TemperatureSensor&, const TemperatureSensor&) = default;
};

struct InterfaceRule {
  enum class Action : std::uint8_t { listen, ignore, drop };
  enum class Match : std::uint8_t { all, ipv4, ipv6, wildcard, name, address };
  Action action = Action::listen;
  Match match = Match::all;
  std::string name;            ///< Match::name
  Address address;             ///< Match::address
  unsigned prefix_length = 0;  ///< Match::address

  friend bool operator==(const InterfaceRule&, const InterfaceRule&) = default;
};

/// trap: who is told of events.
struct Trap {
  Address address;
  std::uint16_t port = 0;

  friend bool operator==(const Trap&, const Trap&) = default;
};

/// logconfig: a bit for each pair of source and kind; bit number = 4 * source + kind.
using LogClasses = std::uint16_t;
enum class LogSource : std::uint8_t { clock, peer, sys, sync };
enum class LogKind : std::uint8_t { info, events, statistics, status };
constexpr LogClasses log_class(LogSource source, LogKind kind) {
  return static_cast<LogClasses>(1U << (4U * static_cast<unsigned>(source) + static_cast<unsigned>(kind)));
}
inline constexpr LogClasses kAllLogClasses = 0xffff;
inline constexpr LogClasses kDefaultLogClasses = 0xf000;  ///< everything about synchronisation

struct Config {
  std::vector<Server> servers;
  std::vector<Fudge> fudges;
  std::vector<Restrict> restricts;  ///< in the order of the file
  Tos tos;
  Tinker tinker;
  std::optional<std::string> drift_file;
  std::optional<std::string> log_file;
  std::optional<std::string> pid_file;
  std::optional<LogClasses> log_classes;
  Statistics statistics;
  std::optional<TemperatureSensor> temperature_sensor;
  std::vector<InterfaceRule> interfaces;  ///< the last match wins
  Keys keys;
  Discard discard;
  Limit limit;
  Mru mru;
  std::optional<LeapFile> leap_file;
  std::optional<double> leap_smear_interval_s;  ///< 0: no smear
  std::vector<SetVariable> variables;
  std::vector<Trap> traps;
  std::optional<std::string> save_folder;  ///< saveconfigdir
  Switches switches;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace ntp::config
