// SPDX-License-Identifier: BSD-2-Clause
//
// Everything that crosses the engine's door: events in, effects out. A driver (the daemon, the simulator, a test) turns the
// world into events, carries the effects out in their order, and decides nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "policy/leap_table.h"
#include "state/clock_state.h"
#include "state/view.h"
#include "wire/header.h"

namespace ntp::engine {

/// One reading of three clocks, and how well they belong together.
struct Now {
  MonoTime mono;               ///< when to act
  RawTime raw;                 ///< the undisciplined clock
  Timestamp real;              ///< the system clock
  double pairing_error_s = 0;  ///< bound of |the instants at which raw and real were read differ|
};

/// Names an effect whose outcome comes back as an event.
using Token = std::uint64_t;
/// Names a socket of ours; chosen by the engine, opened by the driver. 0 is the server's own socket.
using EndpointId = std::uint32_t;

// ---------------------------------------------------------------------------------------------------------- events in

/// A datagram that the data plane did not answer. `payload` lives as long as the call of handle().
struct PacketReceived {
  EndpointId endpoint = 0;
  Endpoint remote;
  Address local;  ///< the address of ours that it was sent to
  Timestamp at;   ///< T4: when it arrived
  state::StampSource source = state::StampSource::user;
  double error_s = 0;  ///< bound of the stamp's own error
  Bytes payload;
};

/// When a datagram left. Comes once right after the send (user stamp); again if a better stamp turns up later.
struct PacketSent {
  Token token = 0;
  Timestamp at;  ///< T1
  state::StampSource source = state::StampSource::user;
  double error_s = 0;
  bool is_better_stamp_expected = false;
};

struct SendFailed {
  Token token = 0;
  int os_error = 0;  ///< errno, for the log
};

/// The addresses of a name, or why there are none.
struct NameResolved {
  Token token = 0;
  std::vector<Address> addresses;
  std::string error;  ///< empty if there are addresses
};

/// A socket could not be opened, or the host's addresses changed so that all sockets should be opened anew (endpoint 0).
struct EndpointChanged {
  EndpointId endpoint = 0;
  int os_error = 0;
};

/// What became of StepClock or SetFrequency.
struct ClockCorrected {
  enum class Kind : std::uint8_t { step, frequency };
  Token token = 0;
  Kind kind = Kind::step;
  Now before;                ///< read right before the correction
  Now after;                 ///< and right after
  Span step;                 ///< what was really added (step)
  double frequency_ppm = 0;  ///< what is really set now, rounded as the kernel rounds (frequency)
  int os_error = 0;          ///< 0: done; else nothing was changed
};

/// The temperature near the oscillator, of a sensor or a file that the configuration names (tempcomp).
struct TemperatureRead {
  double celsius = 0;
};

/// The file of leap seconds was read anew; null: there is none any more.
struct LeapTableRead {
  std::shared_ptr<const policy::LeapTable> table;
};

using Input = std::variant<PacketReceived, PacketSent, SendFailed, NameResolved, EndpointChanged, ClockCorrected,
                           TemperatureRead, LeapTableRead>;

// ---------------------------------------------------------------------------------------------------------- effects out

inline constexpr std::size_t kMaxRequestLength = 256;

/// Sends a datagram; answered by PacketSent or SendFailed.
struct Send {
  Token token = 0;
  EndpointId endpoint = 0;
  Endpoint remote;
  std::array<std::byte, kMaxRequestLength> octets{};
  std::size_t length = 0;

  [[nodiscard]] Bytes payload() const { return Bytes(octets).first(length); }
};

/// Opens a socket on a random port of the host's choice that hears from `remote` alone (RFC 9109).
struct OpenEndpoint {
  EndpointId endpoint = 0;
  Endpoint remote;
};

struct CloseEndpoint {
  EndpointId endpoint = 0;
};

/// Adds `amount` to the system clock at once; answered by ClockCorrected.
struct StepClock {
  Token token = 0;
  Span amount;
};

/// Runs the system clock faster (> 0) or slower than its nominal rate; answered by ClockCorrected.
struct SetFrequency {
  Token token = 0;
  double frequency_ppm = 0;
};

/// What the kernel tells programs that ask it how good its time is (adjtimex).
struct SetKernelStatus {
  bool is_synchronized = false;
  wire::Leap leap = wire::Leap::none;
  double max_error_s = 16;
  double estimated_error_s = 16;
  std::optional<int> tai_offset_s;  ///< TAI - UTC now; none: not known, the kernel keeps what it has
};

/// Looks a name up; answered by NameResolved.
struct Resolve {
  enum class Wanted : std::uint8_t { any, ipv4, ipv6 };
  Token token = 0;
  std::string name;
  Wanted wanted = Wanted::any;
};

/// New system variables for the data plane.
struct Publish {
  state::ClockSummary summary;
};

/// What a start remembers of the run before it: the drift file.
struct DriftRecord {
  double frequency_ppm = 0;
  /// What the clock estimator knew beyond the frequency; a file of the classic has none of it.
  struct Model {
    double deviation_ppm = 0;          ///< standard deviation of the frequency
    double wander_ppm = 0;             ///< random walk of the frequency, ppm per square root of a second
    double aging_ppm_per_day = 0;      ///< what the frequency changes by besides
    double temperature_ppm_per_K = 0;  ///< 0: none was learnt
    double temperature_celsius = 0;    ///< where frequency_ppm holds
  };
  std::optional<Model> model;
};

/// Writes the drift file.
struct SaveDrift {
  DriftRecord drift;
};

/// What followed a packet's header, extension fields and MAC, as rawstats shows it: no more than an identifier and the longest
/// digest, the rest is cut.
struct PacketTail {
  std::array<std::byte, 68> octets{};
  std::uint8_t length = 0;

  [[nodiscard]] Bytes bytes() const { return Bytes(octets).first(length); }
  friend bool operator==(const PacketTail&, const PacketTail&) = default;
};

/// One exchange as it was measured (rawstats).
struct ExchangeRecord {
  Endpoint remote;
  Address local;
  Timestamp t1;  ///< request left us
  Timestamp t2;  ///< request arrived at the server
  Timestamp t3;  ///< reply left the server
  Timestamp t4;  ///< reply arrived here
  wire::Header header;
  PacketTail tail;  ///< of the answer
};

/// What the clock thinks of its own error (errorstats), each second.
struct ErrorRecord {
  double offset_s = 0;         ///< estimate of true time minus system clock
  double deviation_s = 0;      ///< its standard deviation
  double root_distance_s = 0;  ///< bound of its magnitude
  wire::Leap leap = wire::Leap::unsynchronized;
};

/// The clock after an update (loopstats).
struct LoopRecord {
  double offset_s = 0;
  double frequency_ppm = 0;
  double jitter_s = 0;
  double wander_ppm = 0;
  std::int8_t poll_log2s = 6;
};

/// A source after a sample that counted (peerstats).
struct PeerRecord {
  Address address;
  std::uint16_t status = 0;  ///< the peer status word
  double offset_s = 0;
  double delay_s = 0;
  double dispersion_s = 0;
  double jitter_s = 0;
};

/// What a reference clock said (clockstats).
struct ClockRecord {
  Address address;
  std::string text;
};

/// A line for a statistics file, if its type was asked for (Settings::statistics).
struct WriteStatistics {
  Timestamp at;  ///< the system clock
  std::variant<ExchangeRecord, ErrorRecord, LoopRecord, PeerRecord, ClockRecord> record;
};

/// Something happened to the system or to a source (state/status.h), for protostats and the log.
struct ReportEvent {
  Timestamp at;              ///< the system clock
  Address source;            ///< 0.0.0.0: the system itself
  std::uint16_t status = 0;  ///< the status word, with this event counted in it
  std::uint8_t code = 0;     ///< state::SystemEvent, or state::PeerEvent with kPeerEventBit
  const char* name = "";     ///< lives for ever
  std::string detail;        ///< may be empty
};

struct Log {
  enum class Level : std::uint8_t { debug, info, notice, warning, error };
  /// What logconfig chooses by. Warnings and errors are written whatever it says.
  enum class Topic : std::uint8_t {
    program,      ///< of no class: always written
    sync_status,  ///< which sources are followed, or why none is
    sync_events,  ///< the clock was set
    sync_info,    ///< how sources are found and asked
  };
  Level level = Level::info;
  std::string text;
  Topic topic = Topic::program;
};

/// Ends the daemon: the clock was set and -q was given, or the clock is too wrong to touch.
struct Terminate {
  enum class Reason : std::uint8_t { clock_was_set, panic, no_source };
  Reason reason = Reason::clock_was_set;
  std::string text;
};

using Effect = std::variant<Send, OpenEndpoint, CloseEndpoint, StepClock, SetFrequency, SetKernelStatus, Resolve,
                            Publish, SaveDrift, WriteStatistics, ReportEvent, Log, Terminate>;
/// In the order in which they are to be carried out. The engine appends; the driver empties it.
using Effects = std::vector<Effect>;

}  // namespace ntp::engine
