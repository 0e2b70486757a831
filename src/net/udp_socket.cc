// SPDX-License-Identifier: BSD-2-Clause
#include "net/udp_socket.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/uio.h>

#include "base/assert.h"
#include "net/control_messages.h"
#include "net/socket_address.h"

namespace ntp::net {
namespace {

constexpr int kServerReceiveRoom = 1 << 20;

template <class Value>
bool set_option(int fd, int level, int name, const Value& value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/// One datagram as sendmsg takes it. Points into itself: filled where it stays.
struct Message {
  SocketAddress remote;
  iovec part{};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo))> control;
  msghdr header{};

  void fill(const Outgoing& datagram, Family family, bool is_connected);
  void choose_source(const Outgoing& datagram, Family family);
};

void Message::fill(const Outgoing& datagram, Family family, bool is_connected) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sendmsg() reads through iovec, which knows no const
  part = {.iov_base = const_cast<std::byte*>(datagram.payload.data()), .iov_len = datagram.payload.size()};
  header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (is_connected) return;
  remote = SocketAddress(datagram.remote);
  header.msg_name = &remote.storage;
  header.msg_namelen = remote.length;
  choose_source(datagram, family);
}

void Message::choose_source(const Outgoing& datagram, Family family) {
  if (datagram.local.is_unspecified() || datagram.local.family() != family) return;
  control.fill(std::byte{0});
  header.msg_control = control.data();
  if (family == Family::ipv4) {
    in_pktinfo source{};
    source.ipi_spec_dst = to_in_addr(datagram.local);
    header.msg_controllen = write_control(header, {IPPROTO_IP, IP_PKTINFO}, std::as_bytes(std::span(&source, 1)));
    return;
  }
  in6_pktinfo source{};
  source.ipi6_addr = to_in6_addr(datagram.local);
  // An interface is named only where the address means nothing without: elsewhere the routing table knows better.
  if (needs_scope(to_in6_addr(datagram.remote.address))) source.ipi6_ifindex = datagram.interface_index;
  header.msg_controllen = write_control(header, {IPPROTO_IPV6, IPV6_PKTINFO}, std::as_bytes(std::span(&source, 1)));
}

bool is_call_missing(int os_error) { return os_error == ENOSYS || os_error == EINVAL || os_error == EBADF; }

}  // namespace

ReceiveBuffers::ReceiveBuffers(std::size_t capacity) : slots_(capacity), headers_(capacity), datagrams_(capacity) {
  NTP_ASSERT(capacity > 0 && capacity <= kMaxBatch);
}

void ReceiveBuffers::prepare(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    slot.part = {.iov_base = slot.payload.data(), .iov_len = slot.payload.size()};
    msghdr& header = headers_[i].msg_hdr;
    header = {};
    header.msg_name = &slot.remote;
    header.msg_namelen = sizeof slot.remote;
    header.msg_iov = &slot.part;
    header.msg_iovlen = 1;
    header.msg_control = slot.control.data();
    header.msg_controllen = slot.control.size();
    headers_[i].msg_len = 0;
  }
}

// ------------------------------------------------------------------------------------------------------------- opening

std::expected<UdpSocket, NetError> UdpSocket::open(Family family, int dscp) {
  auto descriptor = open_socket(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
  if (!descriptor) return std::unexpected(descriptor.error());
  UdpSocket opened(std::move(*descriptor), family);
  const int fd = opened.fd();
  const int traffic_class = dscp << 2;
  // Everything but IPV6_V6ONLY is a wish: a host that refuses it still keeps time.
  if (family == Family::ipv4) {
    set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
    set_option(fd, IPPROTO_IP, IP_TOS, traffic_class);
    set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    return opened;
  }
  if (!set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) return std::unexpected(NetError{errno, "setsockopt(IPV6_V6ONLY)"});
  set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, traffic_class);
  set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
  return opened;
}

std::expected<UdpSocket, NetError> UdpSocket::open_server(const ServerOptions& options) {
  auto opened = open(options.local.family(), options.dscp);
  if (!opened) return opened;
  if (options.port_use == Port::shared && !set_option(opened->fd(), SOL_SOCKET, SO_REUSEPORT, 1))
    return std::unexpected(NetError{errno, "setsockopt(SO_REUSEPORT)"});
  const SocketAddress local(Endpoint{options.local, options.port});
  if (::bind(opened->fd(), local.get(), local.length) != 0) return std::unexpected(NetError{errno, "bind"});
  // What comes while this thread has no processor waits here: the usual room is 5 ms of a flood. The kernel gives what it allows.
  set_option(opened->fd(), SOL_SOCKET, SO_RCVBUF, kServerReceiveRoom);
  opened->enable_stamps(options.transmit_stamps);
  return opened;
}

std::expected<UdpSocket, NetError> UdpSocket::open_client(const ClientOptions& options) {
  const Family family = options.remote.address.family();
  auto opened = open(family, options.dscp);
  if (!opened) return opened;
  const bool has_address = !options.local.is_unspecified() && options.local.family() == family;
  if (has_address || options.local_port != 0) {
    const Address any = family == Family::ipv4 ? Address() : Address::v6({});
    const SocketAddress local(Endpoint{has_address ? options.local : any, options.local_port});
    if (::bind(opened->fd(), local.get(), local.length) != 0) return std::unexpected(NetError{errno, "bind"});
  }
  const SocketAddress remote(options.remote);
  if (::connect(opened->fd(), remote.get(), remote.length) != 0) return std::unexpected(NetError{errno, "connect"});
  opened->is_connected_ = true;
  opened->enable_stamps(options.transmit_stamps);
  return opened;
}

std::expected<Endpoint, NetError> UdpSocket::local() const {
  SocketAddress address;
  if (::getsockname(fd(), address.get(), &address.length) != 0) return std::unexpected(NetError{errno, "getsockname"});
  const auto endpoint = endpoint_from(address.get(), address.length);
  if (!endpoint) return std::unexpected(NetError{EAFNOSUPPORT, "getsockname"});
  return *endpoint;
}

// ----------------------------------------------------------------------------------------------------------- receiving

std::expected<std::size_t, NetError> UdpSocket::receive_many(ReceiveBuffers& buffers) {
  // A client waits for one reply: a batch would only cost it the preparation.
  const std::size_t count = is_connected_ || !has_recvmmsg_ ? 1 : buffers.capacity();
  buffers.prepare(count);
  if (count > 1) {
    const int got = ::recvmmsg(fd(), buffers.headers_.data(), static_cast<unsigned>(count), MSG_DONTWAIT, nullptr);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN || errno == EINTR) return 0;
    if (!is_call_missing(errno)) return std::unexpected(NetError{errno, "recvmmsg"});
    has_recvmmsg_ = false;
  }
  const ssize_t length = ::recvmsg(fd(), &buffers.headers_[0].msg_hdr, MSG_DONTWAIT);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (length < 0) return std::unexpected(NetError{errno, "recvmsg"});
  buffers.headers_[0].msg_len = static_cast<unsigned>(length);
  return 1;
}

std::expected<std::span<const Datagram>, NetError> UdpSocket::receive(ReceiveBuffers& buffers) {
  const auto count = receive_many(buffers);
  if (!count) return std::unexpected(count.error());
  if (*count == 0) return std::span<const Datagram>();
  const Timestamp now = real_now();
  for (std::size_t i = 0; i < *count; ++i) {
    const std::size_t length = std::min<std::size_t>(buffers.headers_[i].msg_len, kMaxDatagramLength);
    Datagram& datagram = buffers.datagrams_[i];
    datagram = {};
    datagram.payload = Bytes(buffers.slots_[i].payload).first(length);
    fill(datagram, buffers.headers_[i].msg_hdr, now);
  }
  return std::span<const Datagram>(buffers.datagrams_).first(*count);
}

void UdpSocket::fill(Datagram& out, const msghdr& header, Timestamp now) const {
  const ControlMessages control = read_control(header);
  const auto remote = endpoint_from(static_cast<const sockaddr*>(header.msg_name), header.msg_namelen);
  if (remote) out.remote = *remote;
  out.local = control.local.value_or(family_ == Family::ipv4 ? Address() : Address::v6({}));
  out.interface_index = control.interface_index;
  out.is_to_group = control.is_to_group;
  out.is_truncated = (static_cast<unsigned>(header.msg_flags) & unsigned{MSG_TRUNC}) != 0;
  out.at = now;
  if (!control.kernel_stamp) return;
  if (std::abs((*control.kernel_stamp - now).seconds()) > kLargestStampDisagreement_s) return;
  out.at = *control.kernel_stamp;
  out.source = state::StampSource::kernel;
  out.error_s = kKernelStampError_s;
}

// ------------------------------------------------------------------------------------------------------------- sending

std::expected<Sent, NetError> UdpSocket::send(const Outgoing& datagram) {
  Message message;
  message.fill(datagram, family_, is_connected_);
  const Timestamp before = real_now();
  const ssize_t length = ::sendmsg(fd(), &message.header, MSG_DONTWAIT | MSG_NOSIGNAL);
  const int os_error = errno;
  const Span took = real_now() - before;
  if (length < 0) {
    restart_kernel_ids();
    return std::unexpected(NetError{os_error, "sendmsg"});
  }
  const Span half = Span::from_units(took.units() / 2);
  const Sent sent{.id = next_id_++,
                  .at = before + half,
                  .error_s = std::abs(half.seconds()),
                  .is_better_stamp_expected = has_transmit_stamps_};
  if (has_transmit_stamps_) remember(sent, datagram.payload);
  return sent;
}

std::expected<void, NetError> UdpSocket::send_unstamped(const Outgoing& datagram) const {
  NTP_ASSERT(!has_transmit_stamps_);
  Message message;
  message.fill(datagram, family_, is_connected_);
  if (::sendmsg(fd(), &message.header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    return std::unexpected(NetError{errno, "sendmsg"});
  return {};
}

BatchOutcome UdpSocket::send_batch(std::span<const Outgoing> datagrams) {
  NTP_ASSERT(datagrams.size() <= kMaxBatch);
  std::array<Message, kMaxBatch> messages;
  std::array<mmsghdr, kMaxBatch> headers;
  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    messages[i].fill(datagrams[i], family_, is_connected_);
    headers[i] = {.msg_hdr = messages[i].header, .msg_len = 0};
  }

  BatchOutcome outcome;
  for (std::size_t next = 0; next < datagrams.size();) {
    if (has_sendmmsg_ && datagrams.size() - next > 1) {
      const int sent =
          ::sendmmsg(fd(), &headers[next], static_cast<unsigned>(datagrams.size() - next), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) {
        outcome.sent += static_cast<std::size_t>(sent);
        next += static_cast<std::size_t>(sent);
        continue;
      }
    }
    // Alone: because it is the last, because sendmmsg refused this one, or because there is no sendmmsg here.
    const int batch_error = errno;
    const bool was_tried = has_sendmmsg_ && datagrams.size() - next > 1;
    if (::sendmsg(fd(), &messages[next].header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      ++outcome.sent;
      if (was_tried && is_call_missing(batch_error)) has_sendmmsg_ = false;
    } else {
      ++outcome.failed;
      outcome.last_error = errno;
    }
    ++next;
  }
  next_id_ += static_cast<std::uint32_t>(outcome.sent);
  next_kernel_id_ += static_cast<std::uint32_t>(outcome.sent);
  if (outcome.failed > 0) restart_kernel_ids();
  return outcome;
}

}  // namespace ntp::net
