// SPDX-License-Identifier: BSD-2-Clause
//
// The control messages of a datagram: its stamp, and the address it was sent to (cmsg(3), ip(7), RFC 3542).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <sys/socket.h>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace ntp::net {

struct ControlMessages {
  std::optional<Timestamp> kernel_stamp;
  std::optional<Address> local;  ///< of ours, fit as the source of a reply
  std::uint32_t interface_index = 0;
  bool is_to_group = false;
  std::optional<std::uint32_t> stamp_id;  ///< error queue: which datagram the stamp is of
};

[[nodiscard]] ControlMessages read_control(const msghdr& header);

struct ControlType {
  int level = 0;
  int type = 0;
};
/// Writes one message to the start of header.msg_control, which has room for it; gives the new msg_controllen.
std::size_t write_control(const msghdr& header, ControlType type, Bytes content);

/// CLOCK_REALTIME now.
[[nodiscard]] Timestamp real_now();

}  // namespace ntp::net
