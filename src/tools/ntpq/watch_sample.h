// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpq --watch learns of a server, in small pieces, as it comes. Plain values; texts are fit for a terminal: printable
// ASCII. What a server doesn't tell, or tells as no number, is missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ntp::ntpq {

struct ClockSample {
  std::string version;
  std::string refid;
  std::optional<int> leap;
  std::optional<int> stratum;
  std::optional<double> offset_ms;
  std::optional<double> frequency_ppm;
  std::optional<double> jitter_ms;
  std::optional<double> bound_ms;  ///< of the error: half the root delay, and the root dispersion
  std::string why;                 ///< in words
};

struct ListedSource {
  std::uint16_t association_id = 0;
  std::uint16_t status = 0;  ///< the peer status word
};

struct SourceSample {
  std::uint16_t association_id = 0;
  std::string address;
  std::string name;  ///< by which it was configured, if the server says so
  std::string refid;
  char type = ' ';  ///< as in ntpq's column t
  std::optional<int> stratum;
  std::optional<double> since_received_s;
  std::optional<double> poll_s;
  std::optional<unsigned> reach;
  std::optional<double> delay_ms;
  std::optional<double> offset_ms;
  std::optional<double> jitter_ms;
  std::string received_at;                                     ///< tells one measurement from the next
  std::vector<double> filter_offsets_ms;                       ///< newest first, of stages that hold one
  std::vector<std::pair<std::string, std::string>> variables;  ///< all that it told, for people
};

struct ReasonSample {
  std::uint16_t association_id = 0;
  std::string text;
};

struct ClientSample {
  std::string address;
  std::uint16_t port = 0;
  std::uint64_t count = 0;
  double since_last_s = 0;
  double interval_s = 0;  ///< on average
  unsigned restrictions = 0;
  char limited = '.';  ///< ntpq's column r
  unsigned mode = 0;
  unsigned version = 0;
};
struct ClientsSample {
  std::vector<ClientSample> newest_first;
};
/// The list of clients can't be had.
struct ClientsRefused {
  std::string why;
};

struct NameSample {
  std::string address;
  std::string name;
};

/// The server didn't answer.
struct Trouble {
  std::string text;
};
/// All that was wanted has come.
struct RoundDone {};

using Sample = std::variant<ClockSample, std::vector<ListedSource>, SourceSample, ReasonSample, ClientsSample,
                            ClientsRefused, NameSample, Trouble, RoundDone>;

/// When something is: a clock that only goes forward, and the one that people read.
struct Moment {
  double steady_s = 0;
  std::int64_t unix_s = 0;
};

}  // namespace ntp::ntpq
