// SPDX-License-Identifier: BSD-2-Clause
//
// A server for control sessions that is made of a function: no socket, and time passes only when a session waits.
#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/control_transport.h"
#include "wire/control_packet.h"

namespace ntp::client::test {

using Octets = std::vector<std::byte>;

struct Request {
  wire::ControlHeader header;
  std::string data;  ///< `count` octets
  Octets datagram;
};

inline std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline Octets encode(const wire::ControlHeader& header, std::string_view data, std::string_view tail = {}) {
  Octets out(wire::kControlHeaderLength);
  wire::encode_control_header(header, out);
  for (const std::string_view part : {data, tail})
    for (const char c : part) out.push_back(static_cast<std::byte>(c));
  return out;
}

/// A reply to `request` with `data` at `offset`.
inline Octets reply(const Request& request, std::string_view data, std::size_t offset = 0, bool has_more = false) {
  wire::ControlHeader header = request.header;
  header.is_response = true;
  header.has_more = has_more;
  header.offset = static_cast<std::uint16_t>(offset);
  header.count = static_cast<std::uint16_t>(data.size());
  return encode(header, data);
}

inline Octets error_reply(const Request& request, wire::ControlError code) {
  wire::ControlHeader header = request.header;
  header.is_response = header.is_error = true;
  header.status = static_cast<std::uint16_t>(static_cast<unsigned>(code) << 8U);
  header.count = 0;
  return encode(header, "");
}

class FakeTransport final : public ControlTransport {
 public:
  using Server = std::function<std::vector<Octets>(const Request&)>;
  explicit FakeTransport(Server server) : server_(std::move(server)) {}

  std::optional<TransportFailure> send(Bytes datagram) override {
    Request request{.header = *wire::decode_control_header(datagram), .datagram = {datagram.begin(), datagram.end()}};
    request.data = text_of(datagram.subspan(wire::kControlHeaderLength, request.header.count));
    for (Octets& octets : server_(request)) waiting_.push_back(std::move(octets));
    return std::nullopt;
  }

  std::expected<Bytes, TransportFailure> receive(double wait_s) override {
    if (waiting_.empty()) {
      now_s_ += wait_s;
      return std::unexpected(TransportFailure{});
    }
    current_ = std::move(waiting_.front());
    waiting_.pop_front();
    now_s_ += 1e-3;
    return Bytes(current_);
  }

  [[nodiscard]] double now_s() const override { return now_s_; }

 private:
  Server server_;
  std::deque<Octets> waiting_;
  Octets current_;
  double now_s_ = 0;
};

}  // namespace ntp::client::test
