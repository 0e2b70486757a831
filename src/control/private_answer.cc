// SPDX-License-Identifier: BSD-2-Clause
#include "control/private_answer.h"

#include <algorithm>
#include <limits>

namespace ntp::control {
namespace {

wire::PrivateHeader response_to(const wire::PrivateHeader& request) {
  return {
      .is_response = true, .version = request.version, .implementation = request.implementation, .code = request.code};
}

constexpr std::size_t kMostDatagrams = std::size_t{wire::kMaxPrivateSequence} + 1;

}  // namespace

PrivateAnswer::PrivateAnswer(const wire::PrivateHeader& request, std::uint16_t item_length)
    : request_(request),
      item_length_(item_length),
      items_per_datagram_(item_length == 0 ? 1 : wire::kMaxPrivateData / item_length),
      most_items_(item_length == 0 ? 0 : items_per_datagram_ * kMostDatagrams) {}

std::size_t PrivateAnswer::room(std::size_t most) const {
  if (most < wire::kPrivateHeaderLength || item_length_ == 0) return 0;
  return std::min((most - wire::kPrivateHeaderLength) / item_length_, items_per_datagram_);
}

void PrivateAnswer::limit(std::size_t most) { most_items_ = std::min(most_items_, room(most) + 1); }

std::size_t PrivateAnswer::octets() const {
  const std::size_t datagrams = std::max<std::size_t>(1, (item_count_ + items_per_datagram_ - 1) / items_per_datagram_);
  return datagrams * wire::kPrivateHeaderLength + items_.size();
}

void PrivateAnswer::send(const Endpoint& to, std::size_t first, std::size_t count, std::uint8_t sequence,
                         Replies& out) const {
  wire::PrivateHeader header = response_to(request_);
  header.has_more = !ends_at(first + count);
  header.sequence = sequence;
  header.item_count = static_cast<std::uint16_t>(count);
  header.item_length = static_cast<std::uint16_t>(count == 0 ? 0 : item_length_);
  const Bytes items = Bytes(items_).subspan(first * item_length_, count * item_length_);
  const MutableBytes octets = out.add(to, wire::kPrivateHeaderLength + items.size());
  wire::encode_private_header(header, octets);
  std::ranges::copy(items, octets.begin() + wire::kPrivateHeaderLength);
}

void PrivateAnswer::send_all(const Endpoint& to, Replies& out) const {
  std::uint8_t sequence = 0;
  std::size_t first = 0;
  do {
    const std::size_t count = std::min(items_per_datagram_, item_count_ - first);
    send(to, first, count, sequence++, out);
    first += count;
  } while (!ends_at(first));
}

void PrivateAnswer::send_one(const Endpoint& to, std::size_t most, Replies& out) const {
  const std::size_t count = std::min(room(most), item_count_);
  if (count == 0 && item_count_ != 0) return send_private_error(request_, wire::PrivateError::no_data, to, out);
  send(to, 0, count, 0, out);
}

void send_private_error(const wire::PrivateHeader& request, wire::PrivateError error, const Endpoint& to,
                        Replies& out) {
  wire::PrivateHeader header = response_to(request);
  header.error = static_cast<std::uint8_t>(error);
  wire::encode_private_header(header, out.add(to, wire::kPrivateHeaderLength));
}

const state::SourceView* PrivateCall::find_source(const Address& address) const {
  for (const state::SourceView& source : world.facts.view().sources)
    if (source.is_resolved && source.remote.address.octets() == address.octets() &&
        source.remote.address.family() == address.family())
      return &source;
  return nullptr;
}

std::uint32_t counter(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

std::uint32_t whole_seconds(double seconds) {
  constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
  return seconds > 0 ? static_cast<std::uint32_t>(std::min(seconds, kMost)) : 0;
}

PrivateHandler find_private_handler(wire::PrivateCode code) {
  using enum wire::PrivateCode;
  switch (code) {
    case peer_list:
      return list_peers;
    case peer_summary:
      return summarize_peers;
    case peer_info:
      return tell_peers;
    case peer_stats:
      return count_peers;
    case system_info:
      return tell_system;
    case system_stats:
      return count_system;
    case io_stats:
      return count_io;
    case memory_stats:
      return count_memory;
    case loop_info:
      return tell_loop;
    case timer_stats:
      return count_timer;
    case configure:
      return configure_peer;
    case unconfigure:
      return unconfigure_peers;
    case set_flags:
      return control::set_flags;
    case clear_flags:
      return control::clear_flags;
    case restrict_list:
      return list_restrictions;
    case add_restriction:
      return control::add_restriction;
    case subtract_restriction:
      return control::subtract_restriction;
    case delete_restriction:
      return control::delete_restriction;
    case client_list_old:
      return list_clients_old;
    case reset_stats:
      return control::reset_stats;
    case reset_peer:
      return reset_peers;
    case read_keys:
      return control::read_keys;
    case trust_key:
      return trust_keys;
    case untrust_key:
      return untrust_keys;
    case authentication_info:
      return count_authentication;
    case traps:
      return list_traps;
    case add_trap:
      return control::add_trap;
    case clear_trap:
      return control::clear_trap;
    case request_key:
      return set_request_key;
    case control_key:
      return set_control_key;
    case control_stats:
      return count_control;
    case clock_info:
      return tell_clocks;
    case set_fudge:
      return control::set_fudge;
    case kernel_info:
      return tell_kernel;
    case clock_debug:
      return tell_clock_debug;
    case client_list:
      return list_clients;
    case interface_stats:
      return list_interfaces;
    case interface_reload:
      return reload_interfaces;
  }
  return nullptr;
}

}  // namespace ntp::control
