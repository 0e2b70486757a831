// SPDX-License-Identifier: BSD-2-Clause
//
// The part of UdpSocket that has to do with stamps: which kind the kernel offers, and those of what was sent, which come
// back through the error queue (Documentation/networking/timestamping.rst, sections 1.3 and 2.1).
#include <algorithm>
#include <cerrno>

#include <linux/net_tstamp.h>
#include <poll.h>

#include "net/control_messages.h"
#include "net/udp_socket.h"

namespace ntp::net {
namespace {

constexpr unsigned kReceive = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
constexpr unsigned kTransmit = SOF_TIMESTAMPING_TX_SOFTWARE;
/// Each sent datagram has a number, and the stamp comes with that number alone.
constexpr unsigned kNumbered = SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;

/// How much earlier than the sending call a transmit stamp may seem to be; more is the stamp of another datagram.
constexpr double kStampSlack_s = 1e-3;

bool set_stamping(int fd, unsigned flags) {
  return ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

bool has_error_queue_event(int fd) {
  pollfd probe{.fd = fd, .events = POLLPRI, .revents = 0};
  return ::poll(&probe, 1, 0) > 0 && (static_cast<unsigned>(probe.revents) & unsigned{POLLERR | POLLPRI}) != 0;
}

bool ends_with(Bytes text, Bytes tail) {
  return text.size() >= tail.size() && std::ranges::equal(text.last(tail.size()), tail);
}

}  // namespace

void UdpSocket::enable_stamps(TransmitStamps transmit) {
  if (transmit == TransmitStamps::on) {
    has_kernel_ids_ = set_stamping(fd(), kReceive | kTransmit | kNumbered);
    has_transmit_stamps_ = has_kernel_ids_ || set_stamping(fd(), kReceive | kTransmit);
  }
  const int on = 1;
  const bool has_kernel_stamps = has_transmit_stamps_ || set_stamping(fd(), kReceive) ||
                                 ::setsockopt(fd(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
  receive_stamps_ = has_kernel_stamps ? state::StampSource::kernel : state::StampSource::user;
}

/// A send that failed may or may not have used up a number, depending on the kernel's version: numbering starts anew.
void UdpSocket::restart_kernel_ids() {
  if (!has_kernel_ids_) return;
  pending_.clear();
  next_kernel_id_ = 0;
  has_kernel_ids_ = set_stamping(fd(), kReceive | kTransmit) && set_stamping(fd(), kReceive | kTransmit | kNumbered);
}

void UdpSocket::remember(const Sent& sent, Bytes payload) {
  Pending pending{.id = sent.id, .kernel_id = next_kernel_id_++, .at = sent.at, .error_s = sent.error_s};
  const Bytes tail = payload.last(std::min(payload.size(), Pending::kTail));
  pending.tail_length = tail.size();
  std::ranges::copy(tail, pending.tail.begin());
  pending_.push(pending);
}

UdpSocket::Pending* UdpSocket::find_pending(Bytes payload, std::optional<std::uint32_t> kernel_id) {
  for (std::size_t i = pending_.size(); i-- > 0;) {
    Pending& pending = pending_[i];
    if (pending.is_done) continue;
    const bool is_same = payload.empty() ? has_kernel_ids_ && kernel_id == pending.kernel_id
                                         : ends_with(payload, Bytes(pending.tail).first(pending.tail_length));
    if (is_same) return &pending;
  }
  return nullptr;
}

UdpSocket::QueueRead UdpSocket::read_error_queue(TransmitStamp& out) {
  std::array<std::byte, kMaxDatagramLength> payload;
  alignas(cmsghdr) std::array<std::byte, 512> control;
  sockaddr_storage remote{};
  iovec part{.iov_base = payload.data(), .iov_len = payload.size()};
  msghdr header{};
  header.msg_name = &remote;
  header.msg_namelen = sizeof remote;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t length = ::recvmsg(fd(), &header, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (length < 0) return QueueRead::nothing;

  const ControlMessages found = read_control(header);
  Pending* const pending = find_pending(Bytes(payload).first(static_cast<std::size_t>(length)), found.stamp_id);
  if (pending == nullptr || !found.kernel_stamp) return QueueRead::other;
  const double after_send_s = (*found.kernel_stamp - pending->at).seconds();
  // A call that took long (a busy machine: the receiver ran first) is stamped in its middle; the datagram left at its start.
  const double earliest_s = -(kStampSlack_s + pending->error_s);
  if (after_send_s < earliest_s || after_send_s > kLargestStampDisagreement_s) return QueueRead::other;
  pending->is_done = true;
  out = {.id = pending->id, .at = *found.kernel_stamp};
  return QueueRead::stamp;
}

std::size_t UdpSocket::read_transmit_stamps(std::span<TransmitStamp> out) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < kMaxBatch && found < out.size(); ++i) {
    // The loop spoke of the first message only.
    if (i > 0 && !has_error_queue_event(fd())) break;
    const QueueRead what = read_error_queue(out[found]);
    if (what == QueueRead::nothing) break;
    if (what == QueueRead::stamp) ++found;
  }
  return found;
}

}  // namespace ntp::net
