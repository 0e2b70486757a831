// SPDX-License-Identifier: BSD-2-Clause
#include "sim/client_node.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "sim/noise.h"

namespace ntp::sim {
namespace {

constexpr std::uint64_t kClockStream = 10;
constexpr std::uint64_t kStampStream = 11;
constexpr std::uint64_t kTemperatureStream = 12;
constexpr std::uint16_t kFirstPort = 49152;
constexpr std::uint16_t kPortCount = 16384;
// errno as Linux numbers it.
constexpr int kMessageTooLong = 90;
constexpr int kBadEndpoint = 9;
/// Outcomes that lead to effects that have outcomes; more than this is a loop.
constexpr int kMaxRounds = 1000;

}  // namespace

ClientNode::ClientNode(std::string name, const ClientSettings& settings, Timestamp real_at_start, std::uint64_t seed)
    : Node(std::move(name)),
      settings_(settings),
      clock_(settings.clock, real_at_start, stream_seed(seed, kClockStream, 0)),
      stamp_random_(stream_seed(seed, kStampStream, 0)),
      temperature_random_(stream_seed(seed, kTemperatureStream, 0)),
      invariants_(settings.invariants) {
  published_.publish(summary_);
}

Oscillator& ClientNode::clock() {
  clock_.advance_to(world().now());
  return clock_;
}

bool ClientNode::claims_synchronized() {
  return !terminated_ && summary_.is_synchronized() && clock().mono() <= summary_.valid_until;
}

void ClientNode::note(const char* what, const std::string& text) {
  world().trace()->write(fmt::format("{} {} {} {}\n", time_text(world().now()), name(), what, text));
}

void ClientNode::check(const Verdict& verdict) {
  if (verdict) world().fail(fmt::format("{}: {}", name(), *verdict));
}

void ClientNode::check_distance() {
  if (terminated_ || clock_.is_near_leap()) return;
  check(invariants_.check_distance(summary_, clock_.mono(), clock_.true_offset_s()));
}

void ClientNode::start() {
  NTP_ASSERT(engine_ != nullptr);
  if (settings_.starts_at_s <= 0) {
    start_engine();
    return;
  }
  world().at(TrueTime::from_seconds(settings_.starts_at_s), [this] { start_engine(); });
}

void ClientNode::start_engine() {
  is_started_ = true;
  clock();
  effects_.clear();
  engine_->start(clock_.read(), effects_);
  settle();
  if (settings_.thermometer) world().set_alarm(world().now(), id(), Alarm::temperature);
  tick_until_quiet();
}

void ClientNode::stop() {
  if (!is_running() || world().violation()) return;
  clock();
  effects_.clear();
  engine_->stop(clock_.read(), effects_);
  settle();
}

void ClientNode::on_alarm(Alarm alarm, std::uint64_t argument) {
  // A sleeping computer reads on when it wakes up.
  if (alarm == Alarm::temperature && settings_.thermometer && !terminated_)
    world().set_alarm(world().now() + settings_.thermometer->interval_s, id(), Alarm::temperature);
  if (!is_running()) return;
  clock();
  check_distance();
  switch (alarm) {
    case Alarm::wake_up:
      // An earlier alarm took over, or the clock was slowed down meanwhile.
      if (world().now() != wake_up_) return;
      wake_up_ = TrueTime::never();
      break;
    case Alarm::temperature:
      read_temperature();
      break;
    case Alarm::late_stamp:
      feed(engine::PacketSent{.token = argument, .at = clock_.real(), .source = state::StampSource::kernel});
      break;
    case Alarm::resolved: {
      const engine::Resolve look_up = look_ups_[argument];
      const auto found = settings_.names.find(look_up.name);
      engine::NameResolved answer{.token = look_up.token};
      if (found == settings_.names.end())
        answer.error = "no such name";
      else if (world().now().seconds() < found->second.fails_until_s)
        answer.error = "the name server does not answer";
      else
        answer.addresses = found->second.addresses;
      feed(answer);
      break;
    }
  }
  tick_until_quiet();
}

void ClientNode::on_packet(const Packet& packet) {
  if (!is_running()) return;
  clock();
  check_distance();
  if (packet.to.port == wire::kPort) {
    serve(packet);
    tick_until_quiet();
    return;
  }
  const auto socket = std::find_if(sockets_.begin(), sockets_.end(), [&](const Socket& s) {
    return s.port == packet.to.port && s.remote == packet.from;
  });
  if (socket == sockets_.end()) {
    ++counts_.to_closed_ports;
    return;
  }
  ++counts_.received;
  look_on(packet);
  engine::PacketReceived received{.endpoint = socket->id,
                                  .remote = packet.from,
                                  .local = packet.to.address,
                                  .at = clock_.real(),
                                  .payload = packet.payload()};
  if (settings_.stamps == StampKind::kernel) {
    received.source = state::StampSource::kernel;
  } else {
    received.at = received.at + Span::from_seconds(settings_.stamp_noise_s * stamp_random_.uniform());
    received.error_s = settings_.stamp_noise_s;
  }
  feed(received);
  tick_until_quiet();
}

void ClientNode::look_on(const Packet& reply) const {
  if (!onlooker_ || !reply.journey) return;
  const Journey& journey = *reply.journey;
  const TrueTime received = world().now();
  const double asymmetry_s = (received - journey.replied) - (journey.arrived - journey.sent);
  onlooker_({.server = reply.from.address,
             .journey = journey,
             .received = received,
             .raw_offset_s = (journey.raw_offset_at_sent_s + clock_.raw_offset_s() + asymmetry_s) / 2});
}

void ClientNode::read_temperature() {
  if (!settings_.thermometer) return;
  const TemperatureSensor& sensor = *settings_.thermometer;
  const double warmer = clock_.temperature_effect_ppm() / sensor.ppm_per_K;
  const double noise = sensor.noise_K * normal(temperature_random_);
  feed(engine::TemperatureRead{.celsius = sensor.mean_celsius + warmer + noise});
}

void ClientNode::serve(const Packet& packet) {
  const engine::Now now = clock_.read();
  const server::Request request{
      .remote = packet.from, .local = packet.to.address, .received = now.real, .payload = packet.payload()};
  Packet reply{.from = packet.to, .to = packet.from};
  const auto verdict = server::respond({.clock = published_, .policy = policy_}, worker_, request,
                                       {.mono = now.mono, .real = now.real}, reply.octets);
  switch (verdict.what) {
    case server::Verdict::What::to_control:  // nobody here answers queries
    case server::Verdict::What::silent:
      return;
    case server::Verdict::What::reply:
      if (verdict.length > packet.length) world().fail(fmt::format("{}: a reply is longer than its request", name()));
      reply.length = verdict.length;
      if (!server::finish(worker_, verdict, now.real, reply.octets)) return;
      ++counts_.answered;
      world().send(reply);
      return;
  }
}

void ClientNode::tick_until_quiet() {
  while (is_running() && !world().violation()) {
    const MonoTime mono = clock_.mono();
    if (engine_->next_deadline() > mono) break;
    if (world().trace() != nullptr) note("event", "tick");
    effects_.clear();
    engine_->tick(clock_.read(), effects_);
    settle();
    check(invariants_.check_deadline(mono, engine_->next_deadline()));
  }
  set_wake_up();
}

void ClientNode::set_wake_up() {
  if (!is_running()) return;
  const TrueTime due = clock_.when_mono_shows(engine_->next_deadline());
  if (due == TrueTime::never() || due >= wake_up_) return;
  wake_up_ = due;
  world().set_alarm(due, id(), Alarm::wake_up);
}

void ClientNode::feed(const engine::Input& input) {
  if (world().trace() != nullptr) note("event", describe(input));
  effects_.clear();
  engine_->handle(clock_.read(), input, effects_);
  settle();
}

void ClientNode::settle() {
  outcomes_.clear();
  carry_out_all();
  // By index: carrying out appends to outcomes_.
  for (std::size_t i = 0; i < outcomes_.size() && !terminated_ && !world().violation(); ++i) {
    if (i >= kMaxRounds) {
      world().fail(fmt::format("{}: one event led to more than {} others", name(), kMaxRounds));
      return;
    }
    const engine::Input outcome = std::move(outcomes_[i]);
    if (world().trace() != nullptr) note("event", describe(outcome));
    effects_.clear();
    engine_->handle(clock_.read(), outcome, effects_);
    carry_out_all();
  }
  check_distance();
}

void ClientNode::carry_out_all() {
  check(invariants_.check_effects(effects_));
  for (const engine::Effect& effect : effects_) {
    if (world().trace() != nullptr) note("effect", describe(effect));
    std::visit([this](const auto& e) { carry_out(e); }, effect);
  }
}

void ClientNode::carry_out(const engine::Send& send) {
  std::uint16_t port = wire::kPort;
  if (send.endpoint != 0) {
    const auto socket =
        std::find_if(sockets_.begin(), sockets_.end(), [&](const Socket& s) { return s.id == send.endpoint; });
    if (socket == sockets_.end()) {
      outcomes_.emplace_back(engine::SendFailed{.token = send.token, .os_error = kBadEndpoint});
      return;
    }
    port = socket->port;
  }
  if (send.length > Packet::kMaxLength) {
    outcomes_.emplace_back(engine::SendFailed{.token = send.token, .os_error = kMessageTooLong});
    return;
  }
  check(invariants_.check_send(send.remote, clock_.mono()));
  ++counts_.sent;
  Packet packet{.from = {address(), port}, .to = send.remote, .length = send.length};
  std::copy_n(send.octets.begin(), send.length, packet.octets.begin());
  const double latency_s = settings_.stamp_noise_s * stamp_random_.uniform();
  if (onlooker_)
    packet.journey = Journey{.sent = world().now() + latency_s, .raw_offset_at_sent_s = clock_.raw_offset_s()};
  world().send(packet, latency_s);

  const bool has_kernel_stamp = settings_.stamps == StampKind::kernel;
  outcomes_.emplace_back(engine::PacketSent{.token = send.token,
                                            .at = clock_.real(),
                                            .error_s = settings_.stamp_noise_s,
                                            .is_better_stamp_expected = has_kernel_stamp && latency_s > 0});
  if (!has_kernel_stamp) return;
  if (latency_s > 0) {
    world().set_alarm(world().now() + latency_s, id(), Alarm::late_stamp, send.token);
    return;
  }
  std::get<engine::PacketSent>(outcomes_.back()).source = state::StampSource::kernel;
}

void ClientNode::carry_out(const engine::OpenEndpoint& open) {
  const auto port = static_cast<std::uint16_t>(kFirstPort + next_port_);
  next_port_ = static_cast<std::uint16_t>((next_port_ + 1) % kPortCount);
  sockets_.push_back({.id = open.endpoint, .remote = open.remote, .port = port});
}

void ClientNode::carry_out(const engine::CloseEndpoint& close) {
  std::erase_if(sockets_, [&](const Socket& s) { return s.id == close.endpoint; });
}

void ClientNode::carry_out(const engine::StepClock& step) {
  const engine::ClockCorrected outcome = engine::carry_out(step, clock_);
  if (outcome.os_error == 0) {
    ++counts_.steps;
    counts_.largest_step_s = std::max(counts_.largest_step_s, std::fabs(outcome.step.seconds()));
  } else {
    ++counts_.refused_corrections;
  }
  outcomes_.emplace_back(outcome);
}

void ClientNode::carry_out(const engine::SetFrequency& steer) {
  const engine::ClockCorrected outcome = engine::carry_out(steer, clock_);
  if (outcome.os_error != 0) ++counts_.refused_corrections;
  outcomes_.emplace_back(outcome);
}

void ClientNode::carry_out(const engine::SetKernelStatus& status) {
  if (!clock_.set_status(status)) ++counts_.refused_corrections;
}

void ClientNode::carry_out(const engine::Resolve& resolve) {
  const auto found = settings_.names.find(resolve.name);
  const double after_s = found == settings_.names.end() ? 0.0 : found->second.answers_after_s;
  look_ups_.push_back(resolve);
  world().set_alarm(world().now() + after_s, id(), Alarm::resolved, look_ups_.size() - 1);
}

void ClientNode::carry_out(const engine::Publish& publish) {
  summary_ = publish.summary;
  published_.publish(summary_);
}

void ClientNode::carry_out(const engine::SaveDrift& save) { saved_drift_ppm_ = save.drift.frequency_ppm; }

void ClientNode::carry_out(const engine::WriteStatistics& write) {
  const auto* const record = std::get_if<engine::ErrorRecord>(&write.record);
  if (record == nullptr) return;
  error_record_ = *record;
  if (record->leap == wire::Leap::unsynchronized) return;
  const double error_s = std::fabs(clock_.true_offset_s());
  ++error_bars_.records;
  if (error_s <= record->root_distance_s) ++error_bars_.within_root_distance;
  if (error_s <= 3 * record->deviation_s) ++error_bars_.within_3_deviations;
}

// Events and lines of the log are in the trace already.
void ClientNode::carry_out(const engine::ReportEvent&) {}
void ClientNode::carry_out(const engine::Log&) {}

void ClientNode::carry_out(const engine::Terminate& terminate) { terminated_ = terminate; }

void ClientNode::suspend() {
  clock().suspend();
  is_suspended_ = true;
  if (world().trace() != nullptr) note("world", "suspend");
}

void ClientNode::resume(double error_s) {
  clock().resume(error_s);
  is_suspended_ = false;
  invariants_.forget_sends();
  wake_up_ = TrueTime::never();
  if (world().trace() != nullptr) note("world", "resume");
  tick_until_quiet();
}

void ClientNode::step_by_other(double amount_s) {
  clock().step_by_other(Span::from_seconds(amount_s));
  if (world().trace() != nullptr) note("world", fmt::format("another program steps the clock by {} s", amount_s));
}

void ClientNode::change_frequency(double frequency_ppm) {
  clock().change_oscillator(frequency_ppm);
  if (world().trace() != nullptr) note("world", fmt::format("the oscillator runs at {} ppm", frequency_ppm));
}

}  // namespace ntp::sim
