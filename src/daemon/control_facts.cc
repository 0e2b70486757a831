// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_facts.h"

#include <utility>

#include <sys/utsname.h>

#include <fmt/format.h>

#include "daemon/client_limits.h"
#include "net/poll_loop.h"

namespace ntp::daemon {
namespace {

/// A burst of queries is answered from one picture.
constexpr double kViewLife_s = 0.020;

}  // namespace

ControlFacts::ControlFacts(ControlSources sources)
    : sources_(std::move(sources)), policies_(sources_.policies), started_(net::monotonic_now()) {
  host_.version = fmt::format("ntpd {} (Meridian)", MERIDIAN_VERSION);
  utsname system{};
  if (uname(&system) == 0) {
    host_.processor = system.machine;
    host_.system = fmt::format("{}/{}", system.sysname, system.release);
  }
}

ControlFacts::~ControlFacts() = default;

const state::View& ControlFacts::view() {
  const MonoTime now = net::monotonic_now();
  if (now >= view_until_) {
    view_ = sources_.view();
    view_until_ = now + kViewLife_s;
  }
  return view_;
}

const state::HostView& ControlFacts::host() {
  host_.uptime_s = net::monotonic_now() - started_;
  return host_;
}

std::span<const state::InterfaceView> ControlFacts::interfaces() { return {}; }

const state::VariableSet& ControlFacts::variables() { return sources_.variables; }

const policy::Policy& ControlFacts::policy() {
  held_.reset();
  held_ = std::unique_ptr<const policy::PolicyBoard::Hold>(new policy::PolicyBoard::Hold(policies_.hold()));
  return **held_;
}

std::span<const std::uint64_t> ControlFacts::rule_hits() { return {}; }

const policy::ClientTable* ControlFacts::clients() { return &sources_.clients; }

policy::ListedClients ControlFacts::listed_clients() { return daemon::listed_clients(sources_.config.mru); }

void ControlFacts::forget() { view_until_ = {}; }

void ControlFacts::release() { held_.reset(); }

}  // namespace ntp::daemon
