// SPDX-License-Identifier: BSD-2-Clause
//
// For tests: a server that answers as the reference implementation did in a capture (tests/data/classic), and what its
// ntpq printed then, command by command.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "client/session_test_kit.h"
#include "tools/ntpq/execute.h"
#include "wire/control_packet.h"

namespace ntp::ntpq::test {

using client::test::Octets;

/// tests/data/classic of the tree that holds the working directory (a build folder) or, failing that, this file.
inline std::filesystem::path capture_folder() {
  for (std::filesystem::path start : {std::filesystem::current_path(), std::filesystem::path(__FILE__).parent_path()}) {
    for (;; start = start.parent_path()) {
      if (std::filesystem::exists(start / "tests/data/README.md")) return start / "tests/data/classic";
      if (start == start.parent_path()) break;
    }
  }
  return {};
}

inline std::string read_whole(const std::string& name) {
  std::ifstream file(capture_folder() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A request and what came back for it.
struct Exchange {
  wire::ControlHeader request;
  std::string data;
  std::vector<Octets> replies;
  Timestamp at;  ///< when the first reply came
};

/// The control messages of a capture that was written little-endian with Ethernet frames, IPv4 and UDP.
inline std::vector<Exchange> read_exchanges(const std::string& name) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::size_t kRecordHeader = 16;
  constexpr std::size_t kHeaders = 14 + 20 + 8;
  constexpr std::uint32_t kSecondsTo1970 = 2208988800U;
  const std::string text = read_whole(name);
  const Bytes all = std::as_bytes(std::span(text));
  const auto little_endian = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = (value << 8U) | std::to_integer<std::uint32_t>(all[at + i]);
    return value;
  };
  std::vector<Exchange> out;
  for (std::size_t at = kFileHeader; at + kRecordHeader <= all.size();) {
    const std::uint32_t seconds = little_endian(at);
    const std::uint32_t microseconds = little_endian(at + 4);
    const std::size_t length = little_endian(at + 8);
    const Bytes frame = all.subspan(at + kRecordHeader, length);
    at += kRecordHeader + length;
    if (load_big_endian<std::uint16_t>(frame, 12) != 0x0800 || load_big_endian<std::uint8_t>(frame, 23) != 17) continue;
    const Bytes payload = frame.subspan(kHeaders, load_big_endian<std::uint16_t>(frame, 38) - std::size_t{8});
    if ((std::to_integer<unsigned>(payload[0]) & 7U) != 6) continue;
    const auto header = *wire::decode_control_header(payload);
    if (!header.is_response) {
      out.push_back({.request = header,
                     .data = client::test::text_of(payload.subspan(wire::kControlHeaderLength, header.count))});
      continue;
    }
    Exchange& exchange = out.back();
    if (exchange.replies.empty())
      exchange.at = Timestamp::from_parts(seconds + kSecondsTo1970, 0) +
                    Span::from_nanoseconds(std::int64_t{microseconds} * 1000);
    exchange.replies.emplace_back(payload.begin(), payload.end());
  }
  return out;
}

/// What stands behind a line that begins a section, up to the next one.
struct Section {
  std::string title;
  std::string text;
};

inline std::vector<Section> read_sections(const std::string& name, std::string_view mark) {
  std::vector<Section> out;
  const std::string text = read_whole(name);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with(mark))
      out.push_back({.title = line.substr(mark.size())});
    else if (!out.empty())
      out.back().text += line + "\n";
  }
  return out;
}

/// Answers requests from a capture, each exchange once and in the capture's order where several fit.
class Replay {
 public:
  explicit Replay(std::vector<Exchange> exchanges) : exchanges_(exchanges.begin(), exchanges.end()) {}

  std::vector<Octets> operator()(const client::test::Request& request) {
    const auto fits = [&](const Exchange& exchange) {
      const bool is_same_kind = exchange.request.opcode == request.header.opcode &&
                                exchange.request.association_id == request.header.association_id;
      // A nonce is random, and "ifstats" may be said or not.
      const bool has_free_data =
          request.header.opcode == 10 || (request.header.opcode == 11 && request.data == "ifstats");
      return is_same_kind && (has_free_data || exchange.data == request.data);
    };
    const auto found = std::ranges::find_if(exchanges_, fits);
    // A nonce for a change that was refused is asked for by us alone.
    if (found == exchanges_.end() && request.header.opcode == 12)
      return {client::test::error_reply(request, wire::ControlError::permission)};
    if (found == exchanges_.end()) {
      ADD_FAILURE() << "not in the capture: opcode " << int{request.header.opcode} << ", association "
                    << request.header.association_id << ", '" << request.data << "'";
      return {};
    }
    now = found->at;
    asked.push_back(request.data);
    std::vector<Octets> replies = found->replies;
    exchanges_.erase(exchanges_.begin(), found + 1);
    for (Octets& reply : replies) {
      // Without its MAC, for the number is another one.
      const auto header = *wire::decode_control_header(reply);
      reply.resize(wire::kControlHeaderLength + header.count);
      std::copy_n(request.datagram.begin() + 2, 2, reply.begin() + 2);
    }
    return replies;
  }

  Timestamp now;
  std::vector<std::string> asked;

 private:
  std::deque<Exchange> exchanges_;
};

/// A context whose servers are `server`, and which collects what is printed.
struct Stage {
  explicit Stage(client::test::FakeTransport::Server server)
      : context({.connect =
                     [server](const Endpoint& endpoint, const client::ControlOptions& options) {
                       return std::expected<client::ControlSession, std::string>(client::ControlSession(
                           std::make_unique<client::test::FakeTransport>(server), endpoint, options));
                     },
                 .now = [this] { return now ? now() : Timestamp(); },
                 .name_of = [](const Address& address) { return address.text(); },
                 .ask_line =
                     [this](const std::string& question) {
                       error += question;
                       return std::optional<std::string>();
                     },
                 .ask_hidden =
                     [this](const std::string& question) {
                       error += question;
                       return std::optional<std::string>();
                     },
                 .tell = [this](std::string_view text) { error += text; }}) {
    // What is padded for strangers would not be in the capture.
    context.settings.control.pads = false;
    context.settings.shows_names = false;
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Ended run(const std::vector<std::string>& lines, const std::vector<std::string>& hosts = {"10.77.0.5"}) {
    return execute_all(context, hosts, lines, streams());
  }
  Streams streams() {
    return {.out = [this](std::string_view text) { out += text; },
            .error = [this](std::string_view text) { error += text; }};
  }

  std::string out;
  std::string error;
  std::function<Timestamp()> now;
  Context context;
};

}  // namespace ntp::ntpq::test
