// SPDX-License-Identifier: BSD-2-Clause
//
// Asks a server with private messages (mode 7), as ntpdc does: datagrams put together, everything bounded, and old servers
// asked in their own way.
#pragma once

#include <csignal>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "client/control_session.h"
#include "client/control_transport.h"
#include "client/private_answer.h"
#include "crypto/mac.h"
#include "wire/private_items.h"
#include "wire/private_packet.h"

namespace ntp::client {

/// Most datagrams that are looked at for one answer, whoever sends them.
inline constexpr int kMaxPrivateDatagrams = 1024;

enum class PrivateFault : std::uint8_t {
  timeout,      ///< nothing came
  incomplete,   ///< some datagrams came, and no more
  refused,      ///< nobody listens there
  unreachable,  ///< the network says so
  interrupted,  ///< the user has enough
  told,         ///< the server's own error: see `code`
  malformed,    ///< datagrams that contradict each other, or too many
  no_key,       ///< the request has to be proven, and there is no key
};

struct PrivateFailure {
  PrivateFault fault = PrivateFault::timeout;
  std::uint8_t code = 0;  ///< of PrivateFault::told
  std::string detail;
};
/// In ntpdc's words: "***Permission denied". Without a newline.
[[nodiscard]] std::string to_text(const PrivateFailure& failure);

struct PrivateOptions {
  double timeout_s = 5;        ///< for the first datagram
  double later_timeout_s = 2;  ///< for each one after it
  std::uint8_t version = 2;
  std::function<Timestamp()> clock;  ///< for proofs; none: this machine's
};

/// What is asked: its items in both lengths, for it isn't known yet what the server understands.
struct PrivateRequest {
  wire::PrivateCode code = wire::PrivateCode::peer_list;
  std::vector<std::byte> items;
  std::vector<std::byte> old_items;
  std::size_t count = 0;
  bool is_proven = false;
  bool may_ask_again = true;  ///< in the old way, if the server says that it doesn't understand this one
};

/// How many items of the operation a request has room for.
[[nodiscard]] std::size_t most_items(wire::PrivateCode code);

template <class Item>
[[nodiscard]] PrivateRequest make_private_request(wire::PrivateCode code, std::span<const Item> items) {
  const auto operation = wire::find_private_operation(static_cast<std::uint8_t>(code)).value();
  PrivateRequest request{.code = code,
                         .items = std::vector<std::byte>(items.size() * operation.request.current),
                         .old_items = std::vector<std::byte>(items.size() * operation.request.old),
                         .count = items.size(),
                         .is_proven = operation.needs_proof};
  const auto write = [&](std::vector<std::byte>& into, std::size_t length) {
    for (std::size_t i = 0; i < items.size(); ++i)
      wire::encode_item(items[i], MutableBytes(into).subspan(i * length, length));
  };
  write(request.items, operation.request.current);
  write(request.old_items, operation.request.old);
  return request;
}

/// One server. Not for several threads.
class PrivateSession {
 public:
  /// `notice`: told what the user should know besides the answer ("***Warning changing to older implementation").
  PrivateSession(std::unique_ptr<ControlTransport> transport, PrivateOptions options,
                 std::function<void(const std::string&)> notice);
  /// Opens a socket; sends nothing. An error is a message for the user.
  static std::expected<PrivateSession, std::string> open(const Endpoint& server, PrivateOptions options,
                                                         std::function<void(const std::string&)> notice,
                                                         const volatile std::sig_atomic_t* interrupt);

  [[nodiscard]] std::expected<PrivateItems, PrivateFailure> ask(const PrivateRequest& request);

  void set_timeout(double seconds) { options_.timeout_s = seconds; }
  void set_credentials(std::optional<Credentials> credentials) { credentials_ = std::move(credentials); }
  /// True once the server wants items of IPv4 alone.
  [[nodiscard]] bool is_old() const { return is_old_; }

 private:
  [[nodiscard]] std::expected<std::vector<std::byte>, PrivateFailure> encode(const PrivateRequest& request);
  [[nodiscard]] std::expected<PrivateItems, PrivateFailure> ask_once(const PrivateRequest& request);
  [[nodiscard]] std::expected<PrivateItems, PrivateFailure> collect(const PrivateRequest& request, Bytes datagram);
  [[nodiscard]] PrivateItems first_alone(PrivateItems items) const;
  void drop_late_answers();
  [[nodiscard]] Timestamp now() const;

  std::unique_ptr<ControlTransport> transport_;
  PrivateOptions options_;
  std::function<void(const std::string&)> notice_;
  std::optional<Credentials> credentials_;
  crypto::MacWorkspace mac_;
  bool is_old_ = false;
};

}  // namespace ntp::client
