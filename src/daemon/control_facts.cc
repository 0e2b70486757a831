// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_facts.h"

#include <algorithm>
#include <utility>

#include <sys/utsname.h>

#include <fmt/format.h>

#include "clock/kernel_view.h"
#include "daemon/client_limits.h"

namespace ntp::daemon {
namespace {

/// A burst of queries is answered from one picture.
constexpr double kViewLife_s = 0.020;
/// Of a client in the table.
constexpr std::uint64_t kOctetsOfClient = 64;

}  // namespace

ControlFacts::ControlFacts(ControlSources sources)
    : sources_(std::move(sources)),
      policies_(sources_.policies),
      started_(net::monotonic_now()),
      interfaces_(started_) {
  host_.version = fmt::format("ntpd {} (Meridian)", MERIDIAN_VERSION);
  utsname system{};
  if (uname(&system) == 0) {
    host_.processor = system.machine;
    host_.system = fmt::format("{}/{}", system.sysname, system.release);
  }
  packets_.time = io_.time = timer_.time = keys_.time = started_;
}

ControlFacts::~ControlFacts() = default;

const state::View& ControlFacts::view() {
  const MonoTime now = net::monotonic_now();
  if (now < view_until_) return view_;
  view_ = sources_.view();
  view_until_ = now + kViewLife_s;
  for (state::SourceView& source : view_.sources) {
    if (source.clock)
      source.local.port = sources_.port;
    else if (const auto local = sources_.client_sockets.local_of(source.remote))
      source.local = *local;
  }
  return view_;
}

ControlFacts::Sums ControlFacts::sums(const Served& served) {
  const state::SystemView& system = view().system;
  const TrafficCounts polls = sources_.client_sockets.traffic().counts();
  Sums sums{.packets = served.packets, .keys = served.keys, .traffic = served.traffic};
  sums.packets += system.packets;
  sums.keys += system.keys;
  sums.traffic += polls;
  sums.traffic += sources_.replies.counts();
  sums.alarms = sources_.loop.deadlines();
  sums.polls = polls.sent + polls.send_failed;
  if (sources_.queries != nullptr) sums.dropped = sources_.queries->dropped();
  return sums;
}

void ControlFacts::fill_counts(const Served& served, MonoTime now) {
  const Sums all = sums(served);
  host_.packets = all.packets.since(packets_.at.packets);
  host_.since_counts_reset_s = now - packets_.time;

  const TrafficCounts io = all.traffic.since(io_.at.traffic);
  // Room for a batch of datagrams; between two batches all of it is free.
  host_.io = {.since_reset_s = now - io_.time,
              .total_buffers = served.buffers,
              .free_buffers = served.buffers,
              .dropped = all.dropped - io_.at.dropped,
              .ignored = io.ignored,
              .received = io.received,
              .sent = io.sent,
              .send_failed = io.send_failed,
              .wakeups = io.wakeups,
              .useful_wakeups = io.useful_wakeups};

  host_.timer = {.since_reset_s = now - timer_.time,
                 .alarms = all.alarms - timer_.at.alarms,
                 .transmits = all.polls - timer_.at.polls};

  const auto& ring = held_policy().keys;
  const state::KeyUse keys = all.keys.since(keys_.at.keys);
  host_.keys = {.since_reset_s = now - keys_.time,
                .stored = ring ? ring->size() : 0,
                .lookups = keys.lookups,
                .not_found = keys.not_found,
                .signed_packets = keys.signed_packets,
                .verified_packets = keys.verified_packets};
}

state::MonitorView ControlFacts::monitor() {
  constexpr std::uint32_t kForAll = 1;
  constexpr std::uint32_t kForLimits = 2;
  const policy::Policy& policy = held_policy();
  const bool has_limits = std::ranges::any_of(
      policy.access.rules(), [](const policy::AccessRule& rule) { return has(rule.flags, policy::Access::limited); });
  const policy::ListedClients listed = listed_clients();
  const policy::ClientTable& table = sources_.clients;
  return {.enabled = (policy.is_monitoring ? kForAll : 0) | (has_limits ? kForLimits : 0),
          .entries = table.size(),
          .most_entries = table.size(),
          .min_entries = listed.min_entries,
          .max_age_s = listed.max_age_s,
          .max_entries = std::min(listed.max_entries, table.capacity()),
          .octets = table.size() * kOctetsOfClient,
          .max_octets = table.octets()};
}

const state::HostView& ControlFacts::host() {
  const MonoTime now = net::monotonic_now();
  if (now < host_until_) return host_;
  host_until_ = now + kViewLife_s;
  host_.uptime_s = now - started_;
  fill_counts(sources_.served(), now);
  host_.kernel = clock::read_kernel().value_or(state::KernelView{});
  host_.monitor = monitor();
  const config::Switches& switches = sources_.config.switches;
  host_.has_authentication = switches.auth.value_or(true);
  host_.is_monitoring = held_policy().is_monitoring;
  host_.sets_clock = view().system.sets_clock;
  host_.uses_kernel = switches.kernel.value_or(true);
  host_.writes_statistics = sources_.config.statistics.is_enabled.value_or(true);
  return host_;
}

std::span<const state::InterfaceView> ControlFacts::interfaces() {
  Served served = sources_.served();
  sources_.client_sockets.traffic().add_to(served.addresses);
  sources_.replies.add_to(served.addresses);
  return interfaces_.look({.addresses = sources_.addresses,
                           .rules = sources_.interface_rules,
                           .traffic = served.addresses,
                           .sources = view().sources,
                           .port = sources_.port},
                          net::monotonic_now());
}

const state::VariableSet& ControlFacts::variables() { return sources_.variables; }

const policy::Policy& ControlFacts::policy() {
  held_.reset();
  held_ = std::unique_ptr<const policy::PolicyBoard::Hold>(new policy::PolicyBoard::Hold(policies_.hold()));
  return **held_;
}

/// What policy() gave last still lives.
const policy::Policy& ControlFacts::held_policy() { return held_ ? **held_ : policy(); }

std::uint64_t ControlFacts::rule_hits(std::size_t rule) {
  const auto& hits = held_policy().hits;
  return hits ? hits->sum(rule) : 0;
}

const policy::ClientTable* ControlFacts::clients() { return &sources_.clients; }

policy::ListedClients ControlFacts::listed_clients() { return daemon::listed_clients(sources_.config.mru); }

void ControlFacts::forget() { view_until_ = host_until_ = {}; }

void ControlFacts::release() { held_.reset(); }

void ControlFacts::reset_counts(control::ResetWhat what) {
  forget();
  const Beginning now{sums(sources_.served()), net::monotonic_now()};
  switch (what) {
    case control::ResetWhat::io:
      io_ = now;
      return;
    case control::ResetWhat::system:
      packets_ = now;
      return;
    case control::ResetWhat::timer:
      timer_ = now;
      return;
    case control::ResetWhat::authentication:
      keys_ = now;
      return;
    case control::ResetWhat::peers:
    case control::ResetWhat::memory:
    case control::ResetWhat::control:
      return;
  }
}

}  // namespace ntp::daemon
