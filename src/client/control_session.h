// SPDX-License-Identifier: BSD-2-Clause
//
// Asks a server with control messages (mode 6): fragments put together, errors told apart, everything bounded.
#pragma once

#include <csignal>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "client/control_transport.h"
#include "client/fragments.h"
#include "crypto/mac.h"
#include "wire/control_packet.h"

namespace ntp::client {

/// Most datagrams that are looked at for one answer, and how many time-outs all tries and all parts may take together (with more
/// retries than usual: one for each try).
inline constexpr int kMaxControlDatagrams = 1024;
inline constexpr double kMaxControlWaits = 3;
/// A stranger's request is filled up to so many octets of data: most that a server answers to a stranger in one datagram.
inline constexpr std::size_t kPaddedData = 464;

enum class ControlFault : std::uint8_t {
  timeout,      ///< nothing came
  incomplete,   ///< some fragments came, and no more
  refused,      ///< nobody listens there
  unreachable,  ///< the network says so
  told,         ///< the server's own error: see `code`
  malformed,    ///< fragments that contradict each other, too many, too long: no answer can be made of them
  interrupted,  ///< the user has enough
  no_key,       ///< the request has to be proven, and there is no key
};

struct ControlFailure {
  ControlFault fault = ControlFault::timeout;
  wire::ControlError code = wire::ControlError::unspecified;  ///< of ControlFault::told
  std::uint16_t association_id = 0;                           ///< of the request
  std::string detail;                                         ///< for people; may be empty

  friend bool operator==(const ControlFailure&, const ControlFailure&) = default;
};
/// In ntpq's words: "***Server disallowed request (authentication?)". Without a newline.
[[nodiscard]] std::string to_text(const ControlFailure& failure);

struct ControlAnswer {
  wire::ControlHeader header;  ///< of the first fragment
  std::string data;            ///< of all; any octets
};

/// What requests are proven with.
struct Credentials {
  std::uint32_t key_id = 0;
  std::shared_ptr<const crypto::MacKey> key;
};

struct ControlOptions {
  double timeout_s = 5;  ///< for the first datagram; half of it more for each later one
  int retries = 1;
  std::uint8_t version = 2;
  /// Requests are filled up to the length of a full answer: servers that answer a stranger with no more than they got can
  /// then say something. What is still missing is asked for by offset.
  bool pads = true;
};

/// A change (opcodes 3, 5, 8 and 9) or a request for addresses or restrictions (11) that is proven and that a server on another host doesn't take as it stands gets a nonce and is
/// sent once more: the server then knows that it isn't a replay.
struct ControlRequest {
  wire::ControlOpcode opcode = wire::ControlOpcode::read_variables;
  std::uint16_t association_id = 0;
  std::string_view data = {};
  bool is_proven = false;  ///< with the session's credentials
};

/// One server. Not for several threads.
class ControlSession {
 public:
  /// Opens a socket; sends nothing. `interrupt`: a signal's flag that ends waiting; may be null.
  static std::expected<ControlSession, std::string> open(const Endpoint& server, const ControlOptions& options,
                                                         const volatile std::sig_atomic_t* interrupt = nullptr);
  /// Over a transport that is there.
  ControlSession(std::unique_ptr<ControlTransport> transport, const Endpoint& server, const ControlOptions& options);
  ControlSession(ControlSession&&) noexcept;
  ControlSession& operator=(ControlSession&&) noexcept;
  ~ControlSession();

  [[nodiscard]] std::expected<ControlAnswer, ControlFailure> ask(const ControlRequest& request);

  void set_options(const ControlOptions& options);
  void set_credentials(std::optional<Credentials> credentials);
  [[nodiscard]] const Endpoint& server() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ntp::client
