// SPDX-License-Identifier: BSD-2-Clause
#include "sim/trace.h"

#include <cstdint>

#include <fmt/format.h>

namespace ntp::sim {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

std::string hex(Bytes octets) {
  std::string text;
  text.reserve(2 * octets.size());
  for (const std::byte octet : octets) text += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
  return text;
}

std::string describe(const engine::WriteStatistics& e) {
  return std::visit(
      Overloaded{[](const engine::ExchangeRecord& r) { return fmt::format("exchange with {}", r.remote.text()); },
                 [](const engine::ErrorRecord& r) {
                   return fmt::format("error {:.9f} deviation {:.9f} root distance {:.9f} leap {}", r.offset_s,
                                      r.deviation_s, r.root_distance_s, static_cast<int>(r.leap));
                 },
                 [](const engine::LoopRecord& r) {
                   return fmt::format("loop offset {:.9f} frequency {:.6f} ppm jitter {:.9f} wander {:.6f} ppm",
                                      r.offset_s, r.frequency_ppm, r.jitter_s, r.wander_ppm);
                 },
                 [](const engine::PeerRecord& r) {
                   return fmt::format(
                       "source {} status {:04x} offset {:.9f} delay {:.9f} dispersion {:.9f} jitter {:.9f}",
                       r.address.text(), r.status, r.offset_s, r.delay_s, r.dispersion_s, r.jitter_s);
                 },
                 [](const engine::ClockRecord& r) { return fmt::format("clock {} {}", r.address.text(), r.text); }},
      e.record);
}

std::string text(const state::ClockSummary& s) {
  return fmt::format("publish leap {} stratum {} refid {} root_delay {:.9f} root_dispersion {:.9f} as_of {}",
                     static_cast<int>(s.leap), s.stratum, wire::to_text(s.refid, s.stratum), s.root_delay_s,
                     s.root_dispersion_s, s.as_of.nanoseconds());
}

}  // namespace

std::string time_text(TrueTime at) {
  // A run starts at zero; nothing in it is earlier.
  const auto units = static_cast<std::uint64_t>(at.units());
  const std::uint64_t fraction = ((units & 0xffffffffU) * 10'000'000'000U) >> 32U;
  return fmt::format("{}.{:010}", units >> 32U, fraction);
}

std::string describe(const engine::Input& input) {
  return std::visit(
      Overloaded{
          [](const engine::PacketReceived& e) {
            return fmt::format("received {} endpoint {} at {:016x} {}", e.remote.text(), e.endpoint, e.at.bits(),
                               hex(e.payload));
          },
          [](const engine::PacketSent& e) {
            return fmt::format("sent token {} at {:016x} {}", e.token, e.at.bits(), state::to_text(e.source));
          },
          [](const engine::SendFailed& e) { return fmt::format("send failed token {} error {}", e.token, e.os_error); },
          [](const engine::NameResolved& e) {
            return fmt::format("resolved token {} addresses {} {}", e.token, e.addresses.size(), e.error);
          },
          [](const engine::EndpointChanged& e) {
            return fmt::format("endpoint {} changed error {}", e.endpoint, e.os_error);
          },
          [](const engine::ClockCorrected& e) {
            return e.kind == engine::ClockCorrected::Kind::step
                       ? fmt::format("stepped token {} by {:.10f} error {}", e.token, e.step.seconds(), e.os_error)
                       : fmt::format("steered token {} to {:.6f} ppm error {}", e.token, e.frequency_ppm, e.os_error);
          },
          [](const engine::TemperatureRead& e) { return fmt::format("temperature {:.3f}", e.celsius); },
          [](const engine::LeapTableRead& e) {
            return fmt::format("leap table of {} entries", e.table ? e.table->entries().size() : 0);
          }},
      input);
}

std::string describe(const engine::Effect& effect) {
  return std::visit(
      Overloaded{[](const engine::Send& e) {
                   return fmt::format("send token {} endpoint {} to {} {}", e.token, e.endpoint, e.remote.text(),
                                      hex(e.payload()));
                 },
                 [](const engine::OpenEndpoint& e) {
                   return fmt::format("open endpoint {} for {}", e.endpoint, e.remote.text());
                 },
                 [](const engine::CloseEndpoint& e) { return fmt::format("close endpoint {}", e.endpoint); },
                 [](const engine::StepClock& e) {
                   return fmt::format("step token {} by {:.10f}", e.token, e.amount.seconds());
                 },
                 [](const engine::SetFrequency& e) {
                   return fmt::format("steer token {} to {:.6f} ppm", e.token, e.frequency_ppm);
                 },
                 [](const engine::SetKernelStatus& e) {
                   return fmt::format("kernel {} leap {} maximum error {:.9f}",
                                      e.is_synchronized ? "synchronized" : "unsynchronized", static_cast<int>(e.leap),
                                      e.max_error_s);
                 },
                 [](const engine::Resolve& e) { return fmt::format("resolve token {} {}", e.token, e.name); },
                 [](const engine::Publish& e) { return text(e.summary); },
                 [](const engine::SaveDrift& e) { return fmt::format("save drift {:.6f} ppm", e.drift.frequency_ppm); },
                 [](const engine::WriteStatistics& e) { return describe(e); },
                 [](const engine::ReportEvent& e) {
                   return fmt::format("event {} {:04x} {:02x} {} {}", e.source.text(), e.status, e.code, e.name,
                                      e.detail);
                 },
                 [](const engine::Log& e) { return fmt::format("log {} {}", static_cast<int>(e.level), e.text); },
                 [](const engine::Terminate& e) { return fmt::format("terminate {}", e.text); }},
      effect);
}

}  // namespace ntp::sim
