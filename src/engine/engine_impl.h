// SPDX-License-Identifier: BSD-2-Clause
//
// The engine's parts and the paths between them: events and ticks (engine.cc), polls and replies (reception.cc), from the
// sources' offsets to the clock and the world (following.cc), what is told of it (records.cc).
#pragma once

#include "crypto/mac.h"
#include "engine/change_log.h"
#include "engine/clock_control.h"
#include "engine/engine.h"
#include "engine/event_log.h"
#include "engine/jump_detector.h"
#include "engine/leap_keeper.h"
#include "engine/mitigation.h"
#include "engine/sources.h"
#include "engine/system_progress.h"
#include "engine/system_variables.h"
#include "engine/view_builder.h"

namespace ntp::engine {

class Engine::Impl {
 public:
  Impl(Settings settings, Random& random);

  void start(const Now& now, Effects& out);
  void handle(const Now& now, const Input& input, Effects& out);
  void tick(const Now& now, Effects& out);
  void stop(const Now& now, Effects& out);
  SourceChanges reconfigure(const Now& now, Settings settings, Effects& out);
  [[nodiscard]] MonoTime next_deadline() const;
  [[nodiscard]] state::View view(const Now& now) const;
  bool reset_counters(const std::optional<Endpoint>& remote) { return sources_.reset_counters(remote); }
  [[nodiscard]] std::vector<Address> source_addresses() const { return sources_.addresses(); }
  void set_own_names(std::vector<Address> addresses, std::uint16_t port);

 private:
  void on(const Now& now, const PacketReceived& event, Effects& out);
  void on(const Now& now, const PacketSent& event, Effects& out);
  void on(const Now& now, const SendFailed& event, Effects& out);
  void on(const Now& now, const NameResolved& event, Effects& out);
  void on(const Now& now, const EndpointChanged& event, Effects& out);
  void on(const Now& now, const ClockCorrected& event, Effects& out);
  void on(const Now& now, const TemperatureRead& event, Effects& out);
  void on(const Now& now, const LeapTableRead& event, Effects& out);

  void begin_error_records(const Now& now);
  void look_for_jump(const Now& now, Effects& out);
  void make_leap(const Now& now, Span jump, Effects& out);
  void miss_leap(const Now& now, Effects& out);
  void decide_leap(const Now& now, Effects& out);
  void report_smear(Effects& out) const;
  [[nodiscard]] bool may_kernel_leap() const;
  void poll(const Now& now, Association& a, Effects& out);
  void read_local_clock(const Now& now, Association& a, Effects& out);
  bool may_ask(Association& a, Effects& out);
  void ask_where_keys_came(const Now& now);
  void tell_key_state(Association& a, KeyState state, Effects& out);
  void take(const Now& now, Association& a, const Reply& reply, Effects& out);
  void report_bad_auth(const Now& now, Association& a, ReplyKind kind, Effects& out);
  void take_kiss(const Now& now, Association& a, const wire::Header& header, Effects& out);
  [[nodiscard]] bool has_other_reachable(const Association& a) const;
  void take_sample(const Now& now, Association& a, const Reply& reply, Effects& out);
  void note_first_reply(const Now& now);
  void note_reached(const Now& now, Association& a, double round_trip_s, Effects& out);
  void update_system(const Now& now, Effects& out);
  void follow(const Now& now, SystemChoice& choice, Effects& out);
  void follow_corrected(const Now& now, const SystemChoice& choice, Action action, Effects& out);
  void follow_measured(const Now& now, const SystemChoice& choice, Effects& out);
  void restart(const Now& now, Effects& out);
  void publish(const Now& now, Effects& out);
  void schedule_orphan_check();
  void stepped(const Now& now, double amount_s, Effects& out);
  void save_drift(const Now& now, Effects& out);
  void report(const Now& now, state::SystemEvent event, Effects& out, std::string_view detail = {});
  void report_start(const Now& now, Effects& out);
  void report_leap(const Now& now, wire::Leap before, Effects& out);
  void clock_updated(const Now& now, Effects& out);
  void count_packet(const Reply& reply);
  void write_error(const Now& now, Effects& out);
  void become_parent(const Now& now, Effects& out);
  [[nodiscard]] bool is_orphaned(const Now& now) const;
  void write_exchange(const Now& now, const Association& a, const Reply& reply, Effects& out) const;
  void write_source(const Now& now, const Association& a, Effects& out) const;
  void write_clock_reading(const Now& now, const Association& a, Effects& out) const;
  void report_leader(const Now& now, const SystemChoice& choice, Effects& out);
  [[nodiscard]] const Association* leader() const;
  void note_changes(const Now& now);
  void note_source(const Now& now, Association& a);
  void note_clock(const Now& now);
  [[nodiscard]] ExchangeContext exchange_context(const Now& now);
  [[nodiscard]] MitigationContext mitigation_context(const Now& now) const;
  [[nodiscard]] ViewParts view_parts(const Now& now) const;

  Settings settings_;
  Random& random_;
  crypto::MacWorkspace macs_;
  Sources sources_;
  std::unique_ptr<ClockControl> clock_;
  Mitigation mitigation_;
  SystemVariables system_;
  LeapKeeper leap_;
  bool is_leap_table_stale_ = false;
  policy::LeapSeconds smear_told_ = 0;  ///< the leap second that is known to be spread by who is followed
  JumpDetector jumps_;
  OwnNames own_;
  wire::Leap kernel_leap_ = wire::Leap::none;  ///< what the kernel was told to do at the end of the day
  SystemProgress progress_;
  ChangeLog changes_;
  bool has_started_ = false;
};

}  // namespace ntp::engine
