// SPDX-License-Identifier: BSD-2-Clause
#include "sim/server_node.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/civil_date.h"
#include "engine/leap_second.h"
#include "sim/noise.h"

namespace ntp::sim {
namespace {

constexpr std::uint64_t kClockStream = 20;
/// A server that is well says that its clock was corrected not long ago.
constexpr double kReferenceAge_s = 64;

}  // namespace

ServerNode::ServerNode(std::string name, const ServerSettings& settings, Timestamp real_at_start, std::uint64_t seed)
    : Node(std::move(name)),
      settings_(settings),
      clock_(settings.clock, real_at_start, stream_seed(seed, kClockStream, 0)),
      policy_{.keys = settings.keys} {
  publish(clock_.read());
}

void ServerNode::publish(const engine::Now& now) {
  reference_ = now.real - Span::from_seconds(1.0);
  state::ClockSummary summary;
  summary.leap = settings_.leap;
  summary.stratum = settings_.stratum;
  summary.precision_log2s = settings_.precision_log2s;
  summary.refid = settings_.refid;
  summary.reference = reference_;
  summary.root_delay_s = settings_.root_delay_s;
  summary.root_dispersion_s = settings_.root_dispersion_s;
  summary.as_of = now.mono;
  const WorldLeap& leap = settings_.clock.leap;
  const double until_s = (leap.midnight - now.real).seconds();
  if (leap.change_s != 0 && until_s > 0 &&
      until_s <= std::max<double>(kSecondsPerDay, settings_.leap_smear_interval_s)) {
    if (settings_.tells_leap && until_s <= kSecondsPerDay) summary.leap = engine::leap_of(leap.change_s);
    summary.real_as_of = now.real;
    summary.leap_at = leap.midnight;
    summary.leap_change_s = static_cast<std::int8_t>(leap.change_s);
    summary.leap_smear_interval_s = settings_.leap_smear_interval_s;
  }
  // It leaps as any clock that is right, whatever it says to others.
  const bool is_leap_day = leap.change_s != 0 && until_s > 0 && until_s <= kSecondsPerDay;
  static_cast<void>(clock_.set_status(
      {.is_synchronized = true, .leap = is_leap_day ? engine::leap_of(leap.change_s) : wire::Leap::none}));
  published_.publish(summary);
}

void ServerNode::on_packet(const Packet& packet) {
  if (packet.to.port != wire::kPort) return;
  clock_.advance_to(world().now());
  engine::Now now = clock_.read();
  if (std::fabs((now.real - reference_).seconds()) > kReferenceAge_s) publish(now);

  if (replies_ < settings_.first_replies) now.real = now.real + Span::from_seconds(settings_.first_offset_s);
  const server::Request request{
      .remote = packet.from, .local = packet.to.address, .received = now.real, .payload = packet.payload()};
  const server::Instant leaving{.mono = now.mono, .real = now.real + Span::from_seconds(settings_.processing_s)};
  Packet reply{.from = packet.to, .to = packet.from, .journey = packet.journey};
  if (reply.journey) {
    reply.journey->arrived = world().now();
    reply.journey->replied = world().now() + settings_.processing_s;
  }
  const auto verdict =
      server::respond({.clock = published_, .policy = policy_}, worker_, request, leaving, reply.octets);
  if (verdict.what != server::Verdict::What::reply) return;
  if (verdict.length > packet.length) world().fail(fmt::format("{}: a reply is longer than its request", name()));

  reply.length = verdict.length;
  ++replies_;
  tell_kiss(reply);
  if (!server::finish(worker_, verdict, leaving.real, reply.octets)) return;
  world().send(reply, settings_.processing_s);
}

void ServerNode::tell_kiss(Packet& reply) const {
  const double now_s = world().now().seconds();
  if (!settings_.kiss || now_s < settings_.kiss_from_s || now_s >= settings_.kiss_until_s) return;
  auto header = wire::decode_header(reply.payload());
  if (!header) return;
  header->leap = wire::Leap::unsynchronized;
  header->stratum = 0;
  header->refid = *settings_.kiss;
  wire::encode_header(*header, reply.octets);
}

void ServerNode::step(double amount_s) {
  clock_.advance_to(world().now());
  clock_.step_by_other(Span::from_seconds(amount_s));
}

void ServerNode::change_frequency(double frequency_ppm) {
  clock_.advance_to(world().now());
  clock_.change_oscillator(frequency_ppm);
}

}  // namespace ntp::sim
