// SPDX-License-Identifier: BSD-2-Clause
//
// The items of an answer to a private message, and how they become datagrams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "control/facts.h"
#include "control/private_service.h"
#include "control/service.h"
#include "wire/private_items.h"
#include "wire/private_packet.h"

namespace ntp::control {

/// Items of one length. What doesn't fit into the most datagrams that an answer can have is left out: no asker could tell
/// more of them apart, for their numbers have seven bits.
class PrivateAnswer {
 public:
  PrivateAnswer(const wire::PrivateHeader& request, std::uint16_t item_length);
  /// For send_one(): gathers no more than `most` octets hold, and one item that says that there are more.
  void limit(std::size_t most);

  /// Gives false once the answer is full.
  template <class Item>
  bool add(const Item& item) {
    if (is_full()) return false;
    items_.resize(items_.size() + item_length_);
    wire::encode_item(item, MutableBytes(items_).last(item_length_));
    ++item_count_;
    return true;
  }
  [[nodiscard]] bool is_full() const { return item_count_ >= most_items_; }
  [[nodiscard]] std::size_t item_count() const { return item_count_; }

  /// Of all datagrams.
  [[nodiscard]] std::size_t octets() const;
  void send_all(const Endpoint& to, Replies& out) const;
  /// One datagram of at most `most` octets: with as many items as it can hold, and the word that there are more if there are.
  /// An error of 8 octets where it holds none.
  void send_one(const Endpoint& to, std::size_t most, Replies& out) const;

 private:
  void send(const Endpoint& to, std::size_t first, std::size_t count, std::uint8_t sequence, Replies& out) const;
  [[nodiscard]] bool ends_at(std::size_t item) const { return item >= item_count_; }
  /// Items that one datagram of at most `most` octets holds.
  [[nodiscard]] std::size_t room(std::size_t most) const;

  wire::PrivateHeader request_;
  std::size_t item_length_;
  std::size_t items_per_datagram_;
  std::size_t most_items_;
  std::size_t item_count_ = 0;
  std::vector<std::byte> items_;
};

/// 8 octets; PrivateError::none says that it is done.
void send_private_error(const wire::PrivateHeader& request, wire::PrivateError error, const Endpoint& to, Replies& out);

/// Whom the list of clients is for.
enum class ClientsFor : std::uint8_t {
  nobody,
  own_line,  ///< his address may be forged: what he makes this host do is bounded
  anybody,   ///< who sees all
};

/// One request on its way through the operation that it names.
struct PrivateCall {
  const Query& query;
  Instant now;
  wire::PrivateHeader header;
  bool is_old = false;  ///< items of IPv4 alone
  ClientsFor clients = ClientsFor::nobody;
  NewestClients& newest_clients;
  PrivateService::World world;
  PrivateAnswer& answer;

  [[nodiscard]] std::size_t item_count() const { return header.item_count; }
  /// Whether the datagram holds it has been checked.
  [[nodiscard]] Bytes item(std::size_t i) const {
    return query.payload.subspan(wire::kPrivateHeaderLength + i * header.item_length, header.item_length);
  }
  /// Old items have no room for IPv6.
  [[nodiscard]] bool can_tell(const Address& address) const { return !is_old || address.is_v4(); }
  /// The source of this address; null if there is none. Old programs name no port.
  [[nodiscard]] const state::SourceView* find_source(const Address& address) const;
};

using PrivateHandler = wire::PrivateError (*)(PrivateCall&);
/// Null: the operation does nothing here.
[[nodiscard]] PrivateHandler find_private_handler(wire::PrivateCode code);

/// A counter as the wire has it: the low 32 bits; seconds, 0 if they are negative.
[[nodiscard]] std::uint32_t counter(std::uint64_t value);
[[nodiscard]] std::uint32_t whole_seconds(double seconds);

// By topic; each fills `answer`, or gives an error.
wire::PrivateError list_peers(PrivateCall& call);
wire::PrivateError summarize_peers(PrivateCall& call);
wire::PrivateError tell_peers(PrivateCall& call);
wire::PrivateError count_peers(PrivateCall& call);

wire::PrivateError tell_system(PrivateCall& call);
wire::PrivateError tell_loop(PrivateCall& call);
wire::PrivateError tell_kernel(PrivateCall& call);
wire::PrivateError tell_clocks(PrivateCall& call);
wire::PrivateError tell_clock_debug(PrivateCall& call);

wire::PrivateError count_system(PrivateCall& call);
wire::PrivateError count_io(PrivateCall& call);
wire::PrivateError count_memory(PrivateCall& call);
wire::PrivateError count_timer(PrivateCall& call);
wire::PrivateError count_authentication(PrivateCall& call);
wire::PrivateError count_control(PrivateCall& call);

wire::PrivateError list_restrictions(PrivateCall& call);
wire::PrivateError list_interfaces(PrivateCall& call);
wire::PrivateError reload_interfaces(PrivateCall& call);
wire::PrivateError list_traps(PrivateCall& call);
wire::PrivateError list_clients(PrivateCall& call);
wire::PrivateError list_clients_old(PrivateCall& call);

wire::PrivateError configure_peer(PrivateCall& call);
wire::PrivateError unconfigure_peers(PrivateCall& call);
wire::PrivateError set_flags(PrivateCall& call);
wire::PrivateError clear_flags(PrivateCall& call);
wire::PrivateError set_fudge(PrivateCall& call);
wire::PrivateError reset_stats(PrivateCall& call);
wire::PrivateError reset_peers(PrivateCall& call);

wire::PrivateError add_restriction(PrivateCall& call);
wire::PrivateError subtract_restriction(PrivateCall& call);
wire::PrivateError delete_restriction(PrivateCall& call);
wire::PrivateError add_trap(PrivateCall& call);
wire::PrivateError clear_trap(PrivateCall& call);

wire::PrivateError read_keys(PrivateCall& call);
wire::PrivateError trust_keys(PrivateCall& call);
wire::PrivateError untrust_keys(PrivateCall& call);
wire::PrivateError set_request_key(PrivateCall& call);
wire::PrivateError set_control_key(PrivateCall& call);

}  // namespace ntp::control
