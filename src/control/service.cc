// SPDX-License-Identifier: BSD-2-Clause
#include "control/service.h"

#include <utility>

#include "control/budget.h"
#include "control/control_service.h"
#include "wire/header.h"

namespace ntp::control {
namespace {

/// Of the first octet, which every NTP datagram has in common.
wire::Mode mode_of(Bytes payload) { return static_cast<wire::Mode>(std::to_integer<unsigned>(payload[0]) & 7U); }

}  // namespace

/// The one place where a datagram's mode decides who answers it.
class Service::Impl {
 public:
  Impl(Facts& facts, Commands& commands, Random& random, ServiceOptions options)
      : options_(std::move(options)), budget_(random), control_({facts, commands, random, budget_}, options_) {}

  void configure(ServiceOptions options) {
    options_ = std::move(options);
    control_.configure();
  }

  void answer(const Query& query, const Instant& now, Replies& out) {
    if (query.payload.empty()) return;
    if (mode_of(query.payload) == wire::Mode::control) control_.answer(query, now, out);
  }

  ControlService& control() { return control_; }
  [[nodiscard]] const ControlService& control() const { return control_; }

 private:
  ServiceOptions options_;
  Budget budget_;  ///< one for both modes
  ControlService control_;
};

Service::Service(Facts& facts, Commands& commands, Random& random, ServiceOptions options)
    : impl_(std::make_unique<Impl>(facts, commands, random, std::move(options))) {}

Service::~Service() = default;

void Service::configure(ServiceOptions options) { impl_->configure(std::move(options)); }

void Service::answer(const Query& query, const Instant& now, Replies& out) { impl_->answer(query, now, out); }

void Service::report(std::uint16_t association_id, std::uint8_t, const Instant& now, Replies& out) {
  // The event stands in the status word already.
  impl_->control().report(association_id, now, out);
}

state::ControlCounts Service::counts(MonoTime now) const { return impl_->control().counts(now); }

void Service::reset_counts(MonoTime now) { impl_->control().reset_counts(now); }

}  // namespace ntp::control
