// SPDX-License-Identifier: BSD-2-Clause
//
// This host's addresses, and word of their changes (rtnetlink, RFC 3549).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "net/descriptor.h"
#include "net/poll_loop.h"

namespace ntp::net {

struct LocalAddress {
  std::string interface_name;
  std::uint32_t interface_index = 0;  ///< 0: unknown
  Address address;
  std::uint8_t prefix_length = 0;
  std::optional<Address> broadcast;  ///< IPv4 alone
  bool is_up = false;
  bool is_loopback = false;
  bool is_point_to_point = false;
  bool has_multicast = false;

  friend bool operator==(const LocalAddress&, const LocalAddress&) = default;
};

/// All IPv4 and IPv6 addresses of all interfaces, ordered by interface index, name and address.
[[nodiscard]] std::expected<std::vector<LocalAddress>, NetError> local_addresses();

/// Calls back when addresses came or went, once they have been quiet for kQuiet_s or kLongestDelay_s at the latest. Where
/// there is no netlink it never calls back; the owner looks at the addresses from time to time anyway.
class AddressWatch {
 public:
  static constexpr double kQuiet_s = 0.5;
  static constexpr double kLongestDelay_s = 2.0;

  /// `loop` outlives the watch.
  AddressWatch(PollLoop& loop, std::function<void()> on_change);
  AddressWatch(const AddressWatch&) = delete;
  AddressWatch& operator=(const AddressWatch&) = delete;
  ~AddressWatch();

  [[nodiscard]] bool is_active() const { return socket_.is_open(); }
  /// When tick() is due; the owner takes it into the loop's deadline.
  [[nodiscard]] MonoTime next_deadline() const;
  /// Calls back if the time for it has come.
  void tick(MonoTime now);

 private:
  void drain(MonoTime now);

  PollLoop& loop_;
  std::function<void()> on_change_;
  Descriptor socket_;
  std::optional<MonoTime> first_change_;
  std::optional<MonoTime> last_change_;
};

}  // namespace ntp::net
