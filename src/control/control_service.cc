// SPDX-License-Identifier: BSD-2-Clause
#include "control/control_service.h"

#include <array>

#include "control/lists.h"
#include "control/variables.h"
#include "control/writes.h"

namespace ntp::control {
namespace {

using policy::Access;
using wire::ControlError;
using wire::ControlOpcode;

constexpr std::uint8_t kOldestVersion = 1;

/// Operations that take a MAC of the control key whoever asks.
bool needs_proof(ControlOpcode opcode) {
  switch (opcode) {
    case ControlOpcode::write_variables:
    case ControlOpcode::write_clock:
    case ControlOpcode::configure:
    case ControlOpcode::save_configuration:
    case ControlOpcode::read_ordered_list:
      return true;
    case ControlOpcode::unspecified:
    case ControlOpcode::read_status:
    case ControlOpcode::read_variables:
    case ControlOpcode::read_clock:
    case ControlOpcode::set_trap:
    case ControlOpcode::asynchronous:
    case ControlOpcode::read_clients:
    case ControlOpcode::request_nonce:
    case ControlOpcode::unset_trap:
      return false;
  }
  return false;
}

/// Operations that are for this host and the owner of the control key.
bool needs_trust(ControlOpcode opcode) {
  return needs_proof(opcode) || opcode == ControlOpcode::read_clients || opcode == ControlOpcode::set_trap ||
         opcode == ControlOpcode::unset_trap;
}

/// Whose answers are told in parts, to whoever asks with an offset.
bool has_parts(ControlOpcode opcode) {
  return opcode == ControlOpcode::read_status || opcode == ControlOpcode::read_variables ||
         opcode == ControlOpcode::read_clock;
}

/// Not of this host, nor of one whose tools know no nonces.
bool needs_nonce(const Request& request) {
  return !request.query.is_this_host && !has(request.query.access, Access::replayable);
}

std::string_view as_text(Bytes octets) {
  // Octets are looked at as characters, which any object may be. NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

}  // namespace

ControlService::ControlService(World world, const ServiceOptions& options)
    : world_(world), options_(options), nonces_(world.random), writes_(world.random) {
  configure();
}

void ControlService::configure() {
  traps_.configure(options_.traps);
  rendered_.clear();
}

bool ControlService::is_request(const wire::ControlHeader& header) {
  if (header.is_response) {
    ++counts_.is_response;
    return false;
  }
  if (header.has_more) {
    ++counts_.is_fragment;
    return false;
  }
  if (header.is_error) {
    ++counts_.has_error;
    return false;
  }
  if (header.offset != 0 && !has_parts(static_cast<ControlOpcode>(header.opcode))) {
    ++counts_.bad_offset;
    return false;
  }
  if (header.version < kOldestVersion || header.version > wire::kVersion) {
    ++counts_.bad_version;
    return false;
  }
  return true;
}

void ControlService::answer(const Query& query, const Instant& now, Replies& out) {
  ++counts_.requests;
  const auto header = wire::decode_control_header(query.payload);
  if (!header) {
    ++counts_.too_short;
    return;
  }
  if (!is_request(*header) || has(query.access, Access::ignore | Access::noquery)) return;
  Request request{.query = query, .now = now, .header = *header, .data = {}};
  const std::size_t sent_before = out.size();
  ReplyWriter writer(request, world_.facts.view().system.leap, macs_, out);
  const Bytes data = query.payload.subspan(wire::kControlHeaderLength);
  if (data.size() < header->count || query.payload.size() % 4 != 0) {
    ++counts_.data_short;
    ++counts_.errors;
    writer.error(ControlError::bad_format);
    return;
  }
  request.data = as_text(data.first(header->count));
  judge_asker(world_.facts.policy().keys.get(), macs_, request);
  answer_.clear();
  if (request.kind == AskerKind::stranger || header->offset != 0)
    answer_part(request, writer);
  else
    answer_whole(request, writer);
  const std::size_t sent = out.size() - sent_before;
  if (sent == 0) return;
  ++counts_.responses;
  counts_.fragments += sent - 1;
  if (answer_.error) ++counts_.errors;
}

void ControlService::answer_whole(const Request& request, ReplyWriter& writer) {
  if (!make_answer(request)) return;
  if (!answer_.error) answer_.text.finish();
  if (!take_from_budget(request, writer.length_of_all(answer_))) {
    ++counts_.over_budget;
    return;
  }
  writer.all(answer_);
}

/// A MAC covers no address: whoever saw a proven request pass may send it again under another sender's. Lists of clients take
/// a nonce, which is bound to the address.
bool ControlService::take_from_budget(const Request& request, std::size_t octets) {
  const bool is_free = !options_.has_budget || request.query.is_this_host || answer_.error ||
                       request.opcode() == ControlOpcode::read_clients;
  if (is_free) return true;
  const Shortage shortage = request.kind == AskerKind::trusted ? Shortage::owe : Shortage::refuse;
  return world_.budget.take(request.query.remote.address, octets, request.now.mono, shortage);
}

/// One datagram, no longer than the request: an error always is that short.
void ControlService::answer_part(const Request& request, ReplyWriter& writer) {
  const bool is_remembered = has_parts(request.opcode());
  const RenderedAnswers::Entry* entry = is_remembered ? rendered_.find(request) : nullptr;
  if (entry == nullptr) {
    if (!make_answer(request)) return;
    if (answer_.error) {
      writer.error(*answer_.error);
      return;
    }
    answer_.text.finish();
    if (is_remembered) entry = &rendered_.add(request, answer_.text.text(), answer_.status);
  }
  const std::string_view text = entry != nullptr ? std::string_view(entry->text) : answer_.text.text();
  const std::uint16_t status = entry != nullptr ? entry->status : answer_.status;
  if (writer.part(text, status, request.header.offset)) return;
  answer_.refuse(ControlError::permission);
  writer.error(ControlError::permission);
}

bool ControlService::make_answer(const Request& request) {
  const ControlOpcode opcode = request.opcode();
  const bool is_allowed = needs_proof(opcode)   ? request.is_proven
                          : needs_trust(opcode) ? request.kind == AskerKind::trusted
                                                : true;
  if (!is_allowed) {
    answer_.refuse(ControlError::permission);
    return true;
  }
  switch (opcode) {
    case ControlOpcode::read_status:
      read_status(request);
      return true;
    case ControlOpcode::read_variables:
      read_variables(request);
      return true;
    case ControlOpcode::read_clock:
      read_clock(request);
      return true;
    case ControlOpcode::set_trap:
      set_trap(request);
      return true;
    case ControlOpcode::unset_trap:
      unset_trap(request);
      return true;
    case ControlOpcode::write_variables:
    case ControlOpcode::configure:
    case ControlOpcode::save_configuration:
      write(request);
      return true;
    case ControlOpcode::write_clock:
      answer_.refuse(ControlError::permission);
      return true;
    case ControlOpcode::read_clients:
      return make_list_of_clients(request);
    case ControlOpcode::read_ordered_list:
      make_ordered_list(request);
      return true;
    case ControlOpcode::request_nonce:
      answer_.text.word("nonce", nonces_.make(request.query.remote.address, request.now.mono));
      return true;
    case ControlOpcode::unspecified:
    case ControlOpcode::asynchronous:
      break;
  }
  ++counts_.bad_opcode;
  answer_.refuse(ControlError::bad_opcode);
  return true;
}

bool ControlService::make_list_of_clients(const Request& request) {
  if (!has(request.query.access, Access::nomrulist)) return clients_.answer(request, world_.facts, nonces_, answer_);
  answer_.refuse(ControlError::permission);
  return true;
}

/// The longest answers that the key alone opens: like a change, not for whoever sends a captured request again.
void ControlService::make_ordered_list(const Request& request) {
  const NoncedText nonced = split_nonce(request.data);
  if (needs_nonce(request) && !nonces_.is_valid(nonced.nonce, request.query.remote.address, request.now.mono))
    answer_.refuse(ControlError::permission);
  else
    answer_ordered_list(nonced.text, world_.facts, answer_);
}

/// Of the system: the number and the status of each association, the newest first.
void ControlService::read_status(const Request& request) {
  if (request.header.association_id != 0) {
    read_variables(request);
    return;
  }
  const state::View& view = world_.facts.view();
  answer_.status = view.system.status;
  for (auto source = view.sources.rbegin(); source != view.sources.rend() && !answer_.text.is_full(); ++source) {
    std::array<std::byte, 4> pair{};
    store_big_endian(MutableBytes(pair), 0, source->association_id);
    store_big_endian(MutableBytes(pair), 2, source->status);
    answer_.text.binary(pair);
  }
}

void ControlService::read_variables(const Request& request) {
  const state::ControlCounts counts = this->counts(request.now.mono);
  const Told told(world_.facts, request.now, counts);
  // A read of the status of an association names nothing, whatever stands behind its header.
  const bool is_status = request.opcode() == ControlOpcode::read_status;
  const std::string_view names = is_status ? std::string_view() : request.data;
  VariableResult result;
  if (request.header.association_id == 0) {
    answer_.status = told.view().system.status;
    result = put_system_variables(told, names, answer_.text);
  } else if (const auto* source = find_source(told.view(), request.header.association_id)) {
    answer_.status = source->status;
    result = put_peer_variables(told, *source, names, answer_.text);
  } else {
    result = std::unexpected(ControlError::unknown_association);
  }
  if (!result) answer_.refuse(result.error());
}

void ControlService::read_clock(const Request& request) {
  const state::SourceView* source = find_clock(world_.facts.view(), request.header.association_id);
  if (source == nullptr) {
    answer_.refuse(ControlError::unknown_association);
    return;
  }
  const VariableResult result = put_clock_variables(*source->clock, request.data, answer_.text);
  if (!result) answer_.refuse(result.error());
}

void ControlService::set_trap(const Request& request) {
  const Access access = request.query.access;
  const Traps::Wish wish{.remote = request.query.remote,
                         .version = request.header.version,
                         .is_low_priority = has(access, Access::lowpriotrap)};
  const bool is_allowed = !has(access, Access::notrap) && may_write(request, split_nonce(request.data).nonce);
  if (!is_allowed || !traps_.set(wish, request.now.mono)) answer_.refuse(ControlError::permission);
}

void ControlService::unset_trap(const Request& request) {
  if (has(request.query.access, Access::notrap) || !may_write(request, split_nonce(request.data).nonce))
    answer_.refuse(ControlError::permission);
  else if (!traps_.unset(request.query.remote, request.now.mono))
    answer_.refuse(ControlError::unknown_association);
}

bool ControlService::may_write(const Request& request, std::string_view nonce) const {
  if (!needs_nonce(request)) return true;
  if (!nonces_.is_valid(nonce, request.query.remote.address, request.now.mono)) return false;
  // It must be remembered for as long as its nonce is good.
  return !writes_.is_full(request.now.mono);
}

void ControlService::write(const Request& request) {
  if (const WriteMemory::Entry* known = writes_.find(request.query, request.now.mono)) {
    answer_.status = known->status;
    answer_.error = known->error;
    if (!known->text.empty()) answer_.text.item({known->text});
    return;
  }
  const NoncedText nonced = split_nonce(request.data);
  if (!may_write(request, nonced.nonce)) {
    answer_.refuse(ControlError::permission);
    return;
  }
  carry_out(request, nonced.text);
  const auto proof = needs_nonce(request) ? WriteMemory::Proof::nonce : WriteMemory::Proof::origin;
  writes_.add(request.query, answer_, proof, request.now.mono);
  rendered_.clear();
}

void ControlService::carry_out(const Request& request, std::string_view text) {
  if (request.opcode() == ControlOpcode::configure)
    control::configure(request, text, world_.commands, answer_);
  else if (request.opcode() == ControlOpcode::save_configuration)
    save_configuration(request, text, options_, world_.commands, answer_);
  else
    write_variables(request, text, world_.facts, world_.commands, answer_);
}

void ControlService::report(std::uint16_t association_id, const Instant& now, Replies& out) {
  if (traps_.is_empty(now.mono)) return;
  const state::ControlCounts counts = this->counts(now.mono);
  const Told told(world_.facts, now, counts);
  const state::SystemView& system = told.view().system;
  wire::ControlHeader head{.leap = system.leap,
                           .is_response = true,
                           .opcode = static_cast<std::uint8_t>(ControlOpcode::asynchronous),
                           .status = system.status,
                           .association_id = association_id};
  answer_.clear();
  if (association_id == 0) {
    put_system_report(told, answer_.text);
  } else {
    const state::SourceView* source = find_source(told.view(), association_id);
    if (source == nullptr) return;
    head.status = source->status;
    put_peer_report(told, *source, answer_.text);
  }
  answer_.text.finish();
  counts_.asynchronous += traps_.report(head, answer_.text, now.mono, out);
}

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
