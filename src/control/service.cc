// SPDX-License-Identifier: BSD-2-Clause
#include "control/service.h"

#include <utility>

#include "control/budget.h"
#include "control/control_service.h"
#include "control/private_service.h"
#include "wire/header.h"

namespace ntp::control {
namespace {

/// Of the first octet, which every NTP datagram has in common.
wire::Mode mode_of(Bytes payload) { return static_cast<wire::Mode>(std::to_integer<unsigned>(payload[0]) & 7U); }

/// What mode 7 asks of mode 6.
class SharedState final : public ControlState {
 public:
  SharedState(ControlService& control, Budget& budget) : control_(control), budget_(budget) {}
  [[nodiscard]] state::ControlCounts counts(MonoTime now) const override { return control_.counts(now); }
  void reset_counts(MonoTime now) override { control_.reset_counts(now); }
  [[nodiscard]] std::vector<TrapView> traps(MonoTime now) const override { return control_.traps().list(now); }
  bool set_trap(const Endpoint& remote, MonoTime now) override {
    return control_.traps().set({.remote = remote, .stays = true}, now);
  }
  bool clear_trap(const Endpoint& remote, MonoTime now) override { return control_.traps().unset(remote, now); }
  bool may_send(const Address& to, std::size_t octets, MonoTime now) override { return budget_.take(to, octets, now); }

 private:
  ControlService& control_;
  Budget& budget_;
};

}  // namespace

/// The one place where a datagram's mode decides who answers it.
class Service::Impl {
 public:
  Impl(Facts& facts, Commands& commands, Random& random, ServiceOptions options)
      : options_(std::move(options)),
        budget_(random),
        control_({facts, commands, random, budget_}, options_),
        shared_(control_, budget_),
        private_({facts, commands, shared_}) {}

  void configure(ServiceOptions options) {
    options_ = std::move(options);
    control_.configure();
  }

  void answer(const Query& query, const Instant& now, Replies& out) {
    if (query.payload.empty()) return;
    const wire::Mode mode = mode_of(query.payload);
    if (mode == wire::Mode::control) control_.answer(query, now, out);
    if (mode == wire::Mode::private_use && options_.has_mode7) private_.answer(query, now, out);
  }

  ControlService& control() { return control_; }
  [[nodiscard]] const ControlService& control() const { return control_; }

 private:
  ServiceOptions options_;
  Budget budget_;  ///< one for both modes
  ControlService control_;
  SharedState shared_;
  PrivateService private_;
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
