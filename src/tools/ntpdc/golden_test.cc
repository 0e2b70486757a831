// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpdc prints, byte for byte, against the text of the reference implementation's ntpdc 4.2.8p18
// (tests/data/classic/ntpdc-all-commands.txt), from the replies that it got then (ntpdc-all-commands.pcap).
#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tools/ntpdc/console.h"
#include "wire/capture_test_kit.h"

namespace ntp::tools::ntpdc {
namespace {

using wire::capture::Datagram;

/// The capture as a server: each request gets the replies that the next captured request of its kind got.
class Replay {
 public:
  Replay() : capture_(wire::capture::read_capture("ntpdc-all-commands.pcap")) {}

  std::vector<std::vector<std::byte>> answer(Bytes request, const Endpoint& server) {
    std::vector<std::vector<std::byte>> replies;
    while (at_ < capture_.size() && !(capture_[at_].destination == server)) ++at_;
    if (at_ == capture_.size()) return replies;
    const auto header = wire::decode_private_header(request).value();
    const auto captured = wire::decode_private_header(capture_[at_].payload).value();
    EXPECT_EQ(header.code, captured.code) << "datagram " << capture_[at_].number;
    const bool is_key =
        header.code == 32 || header.code == 33;  // the reference implementation sends four octets of eight
    EXPECT_TRUE(is_key || header == captured) << "datagram " << capture_[at_].number;
    EXPECT_EQ(request.size(), capture_[at_].payload.size() + (is_key ? 4U : 0U));
    for (++at_; at_ < capture_.size() && capture_[at_].source == server; ++at_)
      replies.push_back(capture_[at_].payload);
    return replies;
  }

 private:
  std::vector<Datagram> capture_;
  std::size_t at_ = 0;
};

class ReplayTransport final : public client::ControlTransport {
 public:
  ReplayTransport(Replay& replay, const Endpoint& server) : replay_(replay), server_(server) {}
  std::optional<client::TransportFailure> send(Bytes datagram) override {
    for (auto& reply : replay_.answer(datagram, server_)) waiting_.push_back(std::move(reply));
    return std::nullopt;
  }
  std::expected<Bytes, client::TransportFailure> receive(double wait_s) override {
    if (waiting_.empty()) {
      now_s_ += wait_s;
      return std::unexpected(client::TransportFailure{});
    }
    current_ = std::move(waiting_.front());
    waiting_.pop_front();
    return Bytes(current_);
  }
  [[nodiscard]] double now_s() const override { return now_s_; }

 private:
  Replay& replay_;
  Endpoint server_;
  std::deque<std::vector<std::byte>> waiting_;
  std::vector<std::byte> current_;
  double now_s_ = 0;
};

struct Section {
  std::string title;
  std::string host;
  std::vector<std::string> commands;
  std::string text;
};

/// "======== ntpdc -n -c "peers" HOST" and what was printed.
std::vector<Section> read_sections() {
  const std::string all = wire::capture::read_classic("ntpdc-all-commands.txt");
  const std::string golden = all.substr(0, all.find("\n### server configs"));
  constexpr std::string_view kMark = "======== ";
  std::vector<Section> sections;
  for (std::size_t at = golden.find(kMark); at != std::string::npos;) {
    const std::size_t line_end = golden.find('\n', at);
    const std::size_t next = golden.find(kMark, line_end);
    Section section{.title = golden.substr(at + kMark.size(), line_end - at - kMark.size())};
    section.text = golden.substr(line_end + 1, next == std::string::npos ? next : next - line_end - 1);
    section.host = section.title.substr(section.title.rfind(' ') + 1);
    for (std::size_t quote = section.title.find('"'); quote != std::string::npos;) {
      const std::size_t end = section.title.find('"', quote + 1);
      section.commands.push_back(section.title.substr(quote + 1, end - quote - 1));
      quote = section.title.find('"', end + 1);
    }
    sections.push_back(std::move(section));
    at = next;
  }
  return sections;
}

std::string print_again(const Section& section, Replay& replay) {
  std::string printed;
  const auto write = [&](std::string_view text) { printed += text; };
  const auto ask = [&](const std::string& question) -> std::optional<std::string> {
    printed += question;
    return std::nullopt;
  };
  Console console(
      {.print = write,
       .complain = write,
       .ask_line = ask,
       .ask_hidden = ask,
       .open =
           [&](const Endpoint& server, client::PrivateOptions options, std::function<void(const std::string&)> notice) {
             return std::expected<client::PrivateSession, std::string>(client::PrivateSession(
                 std::make_unique<ReplayTransport>(replay, server), std::move(options), std::move(notice)));
           },
       .zone = client::Zone::utc},
      {.shows_names = false});
  EXPECT_TRUE(console.use_host(section.host));
  for (const std::string& command : section.commands) console.run(command);
  return printed;
}

TEST(NtpdcGolden, EveryCommandPrintsWhatTheReferenceImplementationPrinted) {
  // It asks for the number of the key a second time after it got none; and its version is its own.
  const std::set<std::string> left_out{R"(ntpdc -n -c "addserver 10.77.0.6" 10.77.0.5)",
                                       R"(ntpdc -n -c "version" 10.77.0.5)"};
  const std::vector<Section> sections = read_sections();
  ASSERT_EQ(sections.size(), 60U);
  Replay replay;
  for (const Section& section : sections) {
    if (left_out.contains(section.title)) continue;
    EXPECT_EQ(print_again(section, replay), section.text) << section.title;
  }
}

}  // namespace
}  // namespace ntp::tools::ntpdc
