// SPDX-License-Identifier: BSD-2-Clause
#include "sim/oscillator.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.h"
#include "base/civil_date.h"
#include "engine/leap_second.h"
#include "sim/noise.h"

namespace ntp::sim {
namespace {

constexpr std::int64_t kGridUnits = std::int64_t{1} << 32U;
constexpr double kTwo64 = 18446744073709551616.0;
// errno EPERM and EINVAL as Linux numbers them: there is no operating system in here to ask.
constexpr int kNotPermitted = 1;
constexpr int kInvalid = 22;
// A kernel's frequency word has 16 fraction bits of a ppm; beyond 500 ppm the length of the tick carries the rest, which
// may differ from its nominal value by a tenth.
constexpr double kFrequencyUnit_ppm = 1.0 / 65536.0;
constexpr double kMaxSteering_ppm = 100000.0;

Int128 lead_from(Span span) { return Int128{span.units()} * (Int128{1} << 64U); }

std::int64_t to_units(Int128 lead) { return static_cast<std::int64_t>(lead >> 64U); }

std::int64_t to_nanoseconds(std::int64_t units) {
  return static_cast<std::int64_t>((Int128{units} * kNanosecondsPerSecond) >> 32U);
}

std::int64_t fixed_rate(double rate) { return static_cast<std::int64_t>(rate * kTwo64); }

}  // namespace

Oscillator::Oscillator(const OscillatorSettings& settings, Timestamp real_at_start, std::uint64_t seed)
    : settings_(settings),
      real_at_start_(real_at_start),
      wander_random_(stream_seed(seed, 1, 0)),
      reading_random_(stream_seed(seed, 2, 0)),
      next_grid_(TrueTime::never()),
      real_lead_(lead_from(Span::from_seconds(settings.offset_s))) {
  if (settings_.wander_ppm > 0 || settings_.temperature_ppm > 0 || settings_.ripple_ppm > 0)
    next_grid_ = TrueTime::from_units(kGridUnits);
  update_rates();
}

double Oscillator::temperature_effect_ppm() const {
  double effect_ppm = 0;
  if (settings_.temperature_ppm > 0) {
    const double turns = now_.seconds() / settings_.temperature_period_s;
    effect_ppm += settings_.temperature_ppm * std::sin(2.0 * std::numbers::pi * turns);
  }
  if (settings_.ripple_ppm > 0) {
    // Zero and rising at the start of a period, as the sine.
    const double turns = now_.seconds() / settings_.ripple_period_s + 0.25;
    effect_ppm += settings_.ripple_ppm * (1.0 - 4.0 * std::fabs(turns - std::floor(turns) - 0.5));
  }
  return effect_ppm;
}

double Oscillator::oscillator_error() const {
  return (settings_.frequency_ppm + wandered_ppm_ + temperature_effect_ppm()) * 1e-6;
}

void Oscillator::update_rates() {
  const double raw = oscillator_error();
  const double steering = steering_ppm_ * 1e-6;
  raw_rate_ = fixed_rate(raw);
  steered_rate_ = fixed_rate(raw + steering + raw * steering);
}

void Oscillator::advance_to(TrueTime at) {
  NTP_ASSERT(at >= now_);
  while (now_ < at) {
    const TrueTime until = std::min({at, next_grid_, next_leap()});
    const Int128 elapsed = Int128{until.units()} - Int128{now_.units()};
    if (!is_suspended_) {
      raw_lead_ += elapsed * raw_rate_;
      mono_lead_ += elapsed * steered_rate_;
      real_lead_ += elapsed * steered_rate_;
    }
    now_ = until;
    if (kernel_leap_ == KernelLeap::armed && !is_suspended_ && real() - leap_at_ >= Span()) leap();
    if (now_ != next_grid_) continue;
    if (settings_.wander_ppm > 0) wandered_ppm_ += settings_.wander_ppm * normal(wander_random_);
    next_grid_ = TrueTime::from_units(now_.units() + kGridUnits);
    update_rates();
  }
}

void Oscillator::arm_leap(wire::Leap leap) {
  const int change_s = engine::change_of(leap);
  if (change_s == 0) {
    kernel_leap_ = KernelLeap::none;
    return;
  }
  if (kernel_leap_ == KernelLeap::made || (kernel_leap_ == KernelLeap::armed && armed_ == leap)) return;
  kernel_leap_ = KernelLeap::armed;
  armed_ = leap;
  const policy::LeapSeconds midnight = (engine::leap_seconds_of(real()) / kSecondsPerDay + 1) * kSecondsPerDay;
  leap_at_ = engine::timestamp_of(change_s > 0 ? midnight : midnight - 1);
}

TrueTime Oscillator::next_leap() const {
  if (kernel_leap_ != KernelLeap::armed || is_suspended_) return TrueTime::never();
  const auto missing = static_cast<double>((leap_at_ - real()).units());
  const double rate = 1.0 + static_cast<double>(steered_rate_) / kTwo64;
  // A unit ahead at least, so that time goes on.
  return TrueTime::from_units(now_.units() + std::max<std::int64_t>(static_cast<std::int64_t>(missing / rate), 1));
}

void Oscillator::leap() {
  real_lead_ -= lead_from(Span::from_seconds(engine::change_of(armed_)));
  kernel_leap_ = KernelLeap::made;
  ++leaps_;
}

Timestamp Oscillator::real() const {
  return real_at_start_ + Span::from_units(now_.units()) + Span::from_units(to_units(real_lead_));
}

MonoTime Oscillator::mono() const {
  return MonoTime::from_nanoseconds(to_nanoseconds(now_.units() + to_units(mono_lead_)));
}

engine::Now Oscillator::read() {
  engine::Now now;
  now.mono = mono();
  now.raw = RawTime::from_nanoseconds(to_nanoseconds(now_.units() + to_units(raw_lead_)));
  now.real = real();
  now.pairing_error_s = settings_.reading_noise_s;
  if (settings_.reading_noise_s > 0) {
    now.real = now.real - Span::from_seconds(settings_.reading_noise_s * reading_random_.uniform());
  }
  if (settings_.resolution_s > 0) {
    const auto grain =
        static_cast<std::uint64_t>(std::max<std::int64_t>(Span::from_seconds(settings_.resolution_s).units(), 1));
    now.real = Timestamp::from_bits(now.real.bits() - now.real.bits() % grain);
  }
  return now;
}

std::expected<Span, engine::ClockError> Oscillator::step(Span amount) {
  if (!settings_.may_be_set) return std::unexpected(engine::ClockError{kNotPermitted});
  real_lead_ += lead_from(amount);
  // A kernel whose clock is set forgets when to leap; it must be told again.
  kernel_leap_ = KernelLeap::none;
  return amount;
}

std::expected<double, engine::ClockError> Oscillator::set_frequency(double frequency_ppm) {
  if (!settings_.may_be_set) return std::unexpected(engine::ClockError{kNotPermitted});
  if (!std::isfinite(frequency_ppm)) return std::unexpected(engine::ClockError{kInvalid});
  const double limited = std::clamp(frequency_ppm, -kMaxSteering_ppm, kMaxSteering_ppm);
  steering_ppm_ = std::nearbyint(limited / kFrequencyUnit_ppm) * kFrequencyUnit_ppm;
  update_rates();
  return steering_ppm_;
}

std::expected<double, engine::ClockError> Oscillator::frequency_ppm() { return steering_ppm_; }

std::expected<void, engine::ClockError> Oscillator::set_status(const engine::SetKernelStatus& status) {
  if (!settings_.may_be_set) return std::unexpected(engine::ClockError{kNotPermitted});
  kernel_status_ = status;
  arm_leap(status.is_synchronized ? status.leap : wire::Leap::none);
  return {};
}

void Oscillator::step_by_other(Span amount) { real_lead_ += lead_from(amount); }

void Oscillator::change_oscillator(double frequency_ppm) {
  settings_.frequency_ppm = frequency_ppm;
  update_rates();
}

void Oscillator::suspend() {
  if (is_suspended_) return;
  is_suspended_ = true;
  suspended_since_ = now_;
}

void Oscillator::resume(double error_s) {
  if (!is_suspended_) return;
  is_suspended_ = false;
  const Int128 slept = (Int128{now_.units()} - Int128{suspended_since_.units()}) * (Int128{1} << 64U);
  raw_lead_ -= slept;
  mono_lead_ -= slept;
  real_lead_ += lead_from(Span::from_seconds(error_s));
}

double Oscillator::true_offset_s() const {
  return static_cast<double>(real_lead_) / (kTwo64 * kTwo32) - settings_.leap.lead_s(now_);
}

double Oscillator::true_frequency_error_ppm() const { return static_cast<double>(steered_rate_) / kTwo64 * 1e6; }

double Oscillator::raw_offset_s() const { return static_cast<double>(raw_lead_) / (kTwo64 * kTwo32); }

double Oscillator::raw_frequency_error_ppm() const { return static_cast<double>(raw_rate_) / kTwo64 * 1e6; }

TrueTime Oscillator::when_mono_shows(MonoTime at) const {
  if (at == MonoTime::never()) return TrueTime::never();
  const Int128 wanted = ((Int128{at.nanoseconds()} << 32U) + kNanosecondsPerSecond - 1) / kNanosecondsPerSecond;
  const Int128 missing = wanted - now_.units() - to_units(mono_lead_);
  if (missing <= 0) return now_;
  const double rate = 1.0 + static_cast<double>(steered_rate_) / kTwo64;
  const double units = std::ceil(static_cast<double>(missing) / rate) + 1.0;
  if (units >= 9.0e18 - static_cast<double>(now_.units())) return TrueTime::never();
  return TrueTime::from_units(now_.units() + static_cast<std::int64_t>(units));
}

}  // namespace ntp::sim
