// SPDX-License-Identifier: BSD-2-Clause
#include "control/control_service.h"

#include "wire/control_packet.h"

namespace ntp::control {

ControlService::ControlService(World world, const ServiceOptions& options) : world_(world) { configure(options); }

void ControlService::configure(const ServiceOptions&) {}

void ControlService::answer(const Query& query, const Instant&, Replies& out) {
  ++counts_.requests;
  const auto header = wire::decode_control_header(query.payload);
  if (!header) {
    ++counts_.too_short;
    return;
  }
  if (header->is_response || header->is_error || header->has_more) {
    ++counts_.is_response;
    return;
  }
  wire::ControlHeader reply = *header;
  reply.leap = world_.facts.view().system.leap;
  reply.is_response = true;
  reply.is_error = true;
  reply.status = static_cast<std::uint16_t>(static_cast<unsigned>(wire::ControlError::bad_opcode) << 8U);
  reply.offset = 0;
  reply.count = 0;
  wire::encode_control_header(reply, out.add(query.remote, wire::kControlHeaderLength));
  ++counts_.errors;
}

void ControlService::report(std::uint16_t, std::uint8_t, const Instant&, Replies&) {}

state::ControlCounts ControlService::counts(MonoTime now) const {
  state::ControlCounts counts = counts_;
  counts.since_reset_s = now - counting_since_;
  return counts;
}

void ControlService::reset_counts(MonoTime now) {
  counts_ = {};
  counting_since_ = now;
}

}  // namespace ntp::control
