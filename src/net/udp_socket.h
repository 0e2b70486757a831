// SPDX-License-Identifier: BSD-2-Clause
//
// A UDP socket that says when each datagram arrived and left, and by which of our addresses.
//
// Stamps: SO_TIMESTAMPING software stamps (Documentation/networking/timestamping.rst), else SO_TIMESTAMPNS, else the clock
// read after the call. Datagrams carry one iovec each and always room for control messages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/uio.h>

#include "base/address.h"
#include "base/bytes.h"
#include "base/ring.h"
#include "base/time.h"
#include "net/descriptor.h"
#include "state/view.h"

namespace ntp::net {

/// The most datagrams that one call receives or sends.
inline constexpr std::size_t kMaxBatch = 32;
/// Longer datagrams come truncated; nothing in NTP is longer on a path of 1500 octets.
inline constexpr std::size_t kMaxDatagramLength = 2048;
/// Expedited Forwarding (RFC 3246).
inline constexpr int kDefaultDscp = 46;

/// Bound of the error of a software stamp of the kernel: reading the clock, and what lies between wire and stamp.
inline constexpr double kKernelStampError_s = 2e-6;
/// Bound for a stamp that was read after the receiving call came back, without scheduling delays.
inline constexpr double kUserStampError_s = 50e-6;
/// A kernel stamp that differs more than this from the clock says that the clock was stepped in between (or that the
/// datagram waited so long that it is useless): the user-space stamp replaces it.
inline constexpr double kLargestStampDisagreement_s = 1.0;

struct Datagram {
  Endpoint remote;
  Address local;                      ///< ours; the source address of a reply. Unspecified if unknown.
  std::uint32_t interface_index = 0;  ///< 0: unknown
  Timestamp at;
  state::StampSource source = state::StampSource::user;
  double error_s = kUserStampError_s;
  bool is_truncated = false;  ///< it was longer than kMaxDatagramLength
  bool is_to_group = false;   ///< sent to a multicast or broadcast address
  Bytes payload;              ///< lives in the ReceiveBuffers until their next use
};

/// Room for one call of receive(); one a thread is enough. Allocates only when it is made.
class ReceiveBuffers {
 public:
  explicit ReceiveBuffers(std::size_t capacity = kMaxBatch);
  ReceiveBuffers(const ReceiveBuffers&) = delete;
  ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;
  ~ReceiveBuffers() = default;

  [[nodiscard]] std::size_t capacity() const { return slots_.size(); }

 private:
  friend class UdpSocket;
  struct Slot {
    std::array<std::byte, kMaxDatagramLength> payload;
    alignas(cmsghdr) std::array<std::byte, 256> control;
    sockaddr_storage remote;
    iovec part;
  };
  void prepare(std::size_t count);

  std::vector<Slot> slots_;
  std::vector<mmsghdr> headers_;
  std::vector<Datagram> datagrams_;
};

/// A datagram to send. `local` unspecified: the kernel chooses the source address.
struct Outgoing {
  Endpoint remote;  ///< not looked at on a connected socket
  Address local;
  std::uint32_t interface_index = 0;  ///< for link-local IPv6; 0: by the routing table
  Bytes payload;
};

struct Sent {
  std::uint32_t id = 0;  ///< names the datagram in TransmitStamp; counts up from 0 for each socket
  Timestamp at;          ///< user-space stamp: the middle of the sending call
  double error_s = 0;    ///< half of the call's time
  bool is_better_stamp_expected = false;
};

/// When the kernel handed a datagram to the network card.
struct TransmitStamp {
  std::uint32_t id = 0;  ///< Sent::id
  Timestamp at;
  state::StampSource source = state::StampSource::kernel;
  double error_s = kKernelStampError_s;
};

struct BatchOutcome {
  std::size_t sent = 0;
  std::size_t failed = 0;  ///< skipped; a full send buffer drops like a full network
  int last_error = 0;      ///< errno of the last that failed
};

class UdpSocket {
 public:
  enum class TransmitStamps : std::uint8_t { off, on };
  enum class Port : std::uint8_t { exclusive, shared };

  struct ServerOptions {
    Address local;                    ///< unspecified of either family: all addresses of that family
    std::uint16_t port = 0;           ///< 0: any free one
    Port port_use = Port::exclusive;  ///< shared: SO_REUSEPORT, one socket a worker
    TransmitStamps transmit_stamps = TransmitStamps::off;
    int dscp = kDefaultDscp;
  };
  struct ClientOptions {
    Endpoint remote;               ///< connected: only it is heard, and ICMP errors arrive as errors
    Address local;                 ///< unspecified (of any family): the kernel chooses
    std::uint16_t local_port = 0;  ///< 0: one that the kernel chooses at random (RFC 9109)
    TransmitStamps transmit_stamps = TransmitStamps::on;
    int dscp = kDefaultDscp;
  };

  [[nodiscard]] static std::expected<UdpSocket, NetError> open_server(const ServerOptions& options);
  [[nodiscard]] static std::expected<UdpSocket, NetError> open_client(const ClientOptions& options);

  [[nodiscard]] int fd() const { return descriptor_.get(); }
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  /// Our own end, with the port that was chosen; for a server's wildcard socket the address is unspecified.
  [[nodiscard]] std::expected<Endpoint, NetError> local() const;
  /// The best stamp that this socket can give for what it receives; single datagrams may fall back to user.
  [[nodiscard]] state::StampSource receive_stamps() const { return receive_stamps_; }
  [[nodiscard]] bool has_transmit_stamps() const { return has_transmit_stamps_; }

  /// What has arrived, at most buffers.capacity() datagrams; none if nothing has. Never waits. An error of a connected
  /// socket (ECONNREFUSED, EHOSTUNREACH) is reported once; the socket stays usable.
  [[nodiscard]] std::expected<std::span<const Datagram>, NetError> receive(ReceiveBuffers& buffers);

  [[nodiscard]] std::expected<Sent, NetError> send(const Outgoing& datagram);
  /// For a thread that is not the socket's own, which may use it at the same time; not where transmit stamps are asked for.
  [[nodiscard]] std::expected<void, NetError> send_unstamped(const Outgoing& datagram) const;
  /// Sends all that can be sent, at most kMaxBatch. Their transmit stamps are not asked for one by one.
  BatchOutcome send_batch(std::span<const Outgoing> datagrams);

  /// Empties the error queue into `out`; gives how many stamps were found. Call it only when the loop said error_queue:
  /// where sockets are simulated, an empty error queue would give an ordinary datagram.
  std::size_t read_transmit_stamps(std::span<TransmitStamp> out);

 private:
  /// What is remembered of a datagram until its stamp comes.
  struct Pending {
    static constexpr std::size_t kTail = 48;
    std::uint32_t id = 0;
    std::uint32_t kernel_id = 0;
    Timestamp at;
    double error_s = 0;
    std::size_t tail_length = 0;
    std::array<std::byte, kTail> tail{};  // the last octets of the payload, for kernels that return the datagram itself
    bool is_done = false;
  };
  static constexpr std::size_t kMaxPending = 16;
  enum class QueueRead : std::uint8_t { nothing, other, stamp };

  explicit UdpSocket(Descriptor descriptor, Family family) : descriptor_(std::move(descriptor)), family_(family) {}
  static std::expected<UdpSocket, NetError> open(Family family, int dscp);
  void enable_stamps(TransmitStamps transmit);
  void restart_kernel_ids();
  void remember(const Sent& sent, Bytes payload);
  void fill(Datagram& out, const msghdr& header, Timestamp now) const;
  [[nodiscard]] std::expected<std::size_t, NetError> receive_many(ReceiveBuffers& buffers);
  /// One message of the error queue; `out` is set if it is the stamp of a datagram that waits for one.
  [[nodiscard]] QueueRead read_error_queue(TransmitStamp& out);
  [[nodiscard]] Pending* find_pending(Bytes payload, std::optional<std::uint32_t> kernel_id);

  Descriptor descriptor_;
  Family family_ = Family::ipv4;
  state::StampSource receive_stamps_ = state::StampSource::user;
  bool is_connected_ = false;
  bool has_transmit_stamps_ = false;
  bool has_kernel_ids_ = false;
  bool has_recvmmsg_ = true;
  bool has_sendmmsg_ = true;
  std::uint32_t next_id_ = 0;
  std::uint32_t next_kernel_id_ = 0;
  Ring<Pending, kMaxPending> pending_;
};

}  // namespace ntp::net
