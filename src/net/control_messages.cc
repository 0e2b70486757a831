// SPDX-License-Identifier: BSD-2-Clause
#include "net/control_messages.h"

#include <cstring>
#include <ctime>

#include <linux/errqueue.h>
#include <netinet/in.h>

#include "base/assert.h"
#include "base/calendar.h"
#include "net/socket_address.h"

namespace ntp::net {
namespace {

/// The content of a message as a struct; false if it is shorter.
template <class Content>
bool copy_content(const cmsghdr& message, Content& out) {
  if (message.cmsg_len < CMSG_LEN(sizeof out)) return false;
  std::memcpy(&out, CMSG_DATA(&message), sizeof out);
  return true;
}

void read_stamp(const timespec& stamp, ControlMessages& out) {
  // All zero: the kernel has no stamp of this kind.
  if (stamp.tv_sec == 0 && stamp.tv_nsec == 0) return;
  out.kernel_stamp = timestamp_from_unix(stamp.tv_sec, stamp.tv_nsec);
}

void read_socket_message(const cmsghdr& message, ControlMessages& out) {
  if (message.cmsg_type == SCM_TIMESTAMPING) {
    scm_timestamping stamps{};
    if (copy_content(message, stamps)) read_stamp(stamps.ts[0], out);
  } else if (message.cmsg_type == SCM_TIMESTAMPNS) {
    timespec stamp{};
    if (copy_content(message, stamp)) read_stamp(stamp, out);
  }
}

void read_queue_message(const cmsghdr& message, ControlMessages& out) {
  sock_extended_err error{};
  if (copy_content(message, error) && error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) out.stamp_id = error.ee_data;
}

void read_v4_message(const cmsghdr& message, ControlMessages& out) {
  if (message.cmsg_type == IP_RECVERR) read_queue_message(message, out);
  in_pktinfo info{};
  if (message.cmsg_type != IP_PKTINFO || !copy_content(message, info)) return;
  // ipi_addr is where it was sent to, ipi_spec_dst the address of ours to answer from; they differ for groups alone.
  out.local = address_from(info.ipi_spec_dst);
  out.is_to_group = info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr;
  out.interface_index = static_cast<std::uint32_t>(info.ipi_ifindex);
}

void read_v6_message(const cmsghdr& message, ControlMessages& out) {
  if (message.cmsg_type == IPV6_RECVERR) read_queue_message(message, out);
  in6_pktinfo info{};
  if (message.cmsg_type != IPV6_PKTINFO || !copy_content(message, info)) return;
  const Address destination = address_from(info.ipi6_addr, info.ipi6_ifindex);
  out.interface_index = info.ipi6_ifindex;
  out.is_to_group = destination.is_multicast();
  if (!out.is_to_group) out.local = destination;
}

}  // namespace

ControlMessages read_control(const msghdr& header) {
  ControlMessages out;
  msghdr walk = header;  // the macros want a non-const header
  for (cmsghdr* message = CMSG_FIRSTHDR(&walk); message != nullptr; message = CMSG_NXTHDR(&walk, message)) {
    if (message->cmsg_level == SOL_SOCKET)
      read_socket_message(*message, out);
    else if (message->cmsg_level == IPPROTO_IP)
      read_v4_message(*message, out);
    else if (message->cmsg_level == IPPROTO_IPV6)
      read_v6_message(*message, out);
  }
  return out;
}

std::size_t write_control(const msghdr& header, ControlType type, Bytes content) {
  NTP_ASSERT(header.msg_control != nullptr);
  cmsghdr head{};
  head.cmsg_len = CMSG_LEN(content.size());
  head.cmsg_level = type.level;
  head.cmsg_type = type.type;
  std::memcpy(header.msg_control, &head, sizeof head);
  std::memcpy(static_cast<std::byte*>(header.msg_control) + CMSG_LEN(0), content.data(), content.size());
  return CMSG_SPACE(content.size());
}

Timestamp real_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return timestamp_from_unix(now.tv_sec, now.tv_nsec);
}

}  // namespace ntp::net
