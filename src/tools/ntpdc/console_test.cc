// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpdc/console.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tools/ntpdc/commands.h"
#include "tools/ntpdc/number_text.h"
#include "tools/ntpdc/words.h"

namespace ntp::tools::ntpdc {
namespace {

using Octets = std::vector<std::byte>;
using Server = std::function<std::vector<Octets>(const wire::PrivateHeader&, Bytes)>;

class FakeServer final : public client::ControlTransport {
 public:
  explicit FakeServer(const Server& server) : server_(server) {}
  std::optional<client::TransportFailure> send(Bytes datagram) override {
    for (Octets& reply : server_(wire::decode_private_header(datagram).value(), datagram))
      waiting_.push_back(std::move(reply));
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
  const Server& server_;
  std::deque<Octets> waiting_;
  Octets current_;
  double now_s_ = 0;
};

/// A console whose server is a function; what is printed and what is complained of are kept apart.
struct Trial {
  explicit Trial(Server answering = {}) : server(std::move(answering)) { console.use_host("192.0.2.1"); }

  std::string run(const std::string& line) {
    out.clear();
    complaints.clear();
    goes_on = console.run(line);
    return out + complaints;
  }

  Server server;
  std::string out;
  std::string complaints;
  bool goes_on = true;
  Console console{
      {.print = [this](std::string_view text) { out += text; },
       .complain = [this](std::string_view text) { complaints += text; },
       .ask_line = [](const std::string&) { return std::optional<std::string>("5"); },
       .ask_hidden = [](const std::string&) { return std::optional<std::string>("secret"); },
       .open =
           [this](const Endpoint&, client::PrivateOptions options, std::function<void(const std::string&)> notice) {
             if (!server) server = [](const wire::PrivateHeader&, Bytes) { return std::vector<Octets>{}; };
             return std::expected<client::PrivateSession, std::string>(
                 client::PrivateSession(std::make_unique<FakeServer>(server), std::move(options), std::move(notice)));
           },
       .zone = client::Zone::utc},
      {.shows_names = false}};
};

template <class Item>
Octets reply(const wire::PrivateHeader& request, const std::vector<Item>& items, std::size_t length) {
  Octets octets(wire::kPrivateHeaderLength + items.size() * length);
  wire::PrivateHeader header = request;
  header.is_response = true;
  header.is_authenticated = false;
  header.item_count = static_cast<std::uint16_t>(items.size());
  header.item_length = static_cast<std::uint16_t>(items.empty() ? 0 : length);
  wire::encode_private_header(header, octets);
  for (std::size_t i = 0; i < items.size(); ++i)
    wire::encode_item(items[i], MutableBytes(octets).subspan(wire::kPrivateHeaderLength + i * length, length));
  return octets;
}

TEST(NtpdcConsole, TakesACommandByAnyClearBeginning) {
  Trial trial;
  EXPECT_EQ(trial.run("tim"), "***Command `tim' ambiguous\n");
  EXPECT_EQ(trial.run("timeo"), "primary timeout 5000 ms\n");
  EXPECT_EQ(trial.run("restrict"), "usage: restrict ADDRESS MASK FLAG...\n");  // not ambiguous: it is one itself
  EXPECT_EQ(trial.run("nonsense"), "***Command `nonsense' unknown\n");
  EXPECT_EQ(trial.run("   "), "");
  EXPECT_FALSE(trial.console.is_well());
  EXPECT_TRUE(trial.goes_on);
  trial.run("qui");
  EXPECT_FALSE(trial.goes_on);
}

TEST(NtpdcConsole, KeepsWhatIsSet) {
  Trial trial;
  EXPECT_EQ(trial.run("timeout 250"), "");
  EXPECT_EQ(trial.run("timeout"), "primary timeout 250 ms\n");
  EXPECT_EQ(trial.run("keyid 7"), "");
  EXPECT_EQ(trial.run("keyid"), "keyid is 7\n");
  EXPECT_EQ(trial.run("keytype aes128cmac"), "");
  EXPECT_EQ(trial.run("keytype"), "keytype is AES128CMAC with 16 octet digests\n");
  EXPECT_EQ(trial.run("hostnames yes"), "");
  EXPECT_EQ(trial.run("hostnames"), "hostnames being shown\n");
  EXPECT_EQ(trial.run("keyid 70000"), "Invalid key identifier\n");
  EXPECT_EQ(trial.run("timeout -3"), "***-3 is no number of milliseconds from 0 to 600000\n");
}

TEST(NtpdcConsole, SaysOnceThatMode7HasToBeTurnedOn) {
  Trial trial;
  EXPECT_EQ(
      trial.run("peers"),
      "***Request timed out\n"
      "   Servers answer ntpdc only where their configuration says \"enable mode7\"; ntpq asks for the same things.\n");
  EXPECT_EQ(trial.run("peers"), "***Request timed out\n");
}

TEST(NtpdcConsole, SaysWhyAChangeWasRefusedEachTime) {
  // Keys can't be asked for in the old way: the first refusal is a warning, and none that follows is silent.
  Trial trial([](const wire::PrivateHeader& request, Bytes) {
    wire::PrivateHeader header = request;
    header.is_response = true;
    header.is_authenticated = false;
    header.error = static_cast<std::uint8_t>(wire::PrivateError::format);
    Octets octets(wire::kPrivateHeaderLength);
    wire::encode_private_header(header, octets);
    return std::vector<Octets>{octets};
  });
  EXPECT_EQ(trial.run("requestkey 77"), "***Warning changing to older implementation\n");
  EXPECT_EQ(trial.run("requestkey 77"), "***Server reports a format error in the received packet (shouldn't happen)\n");
}

TEST(NtpdcConsole, LetsNoControlCharacterThroughToTheTerminal) {
  Trial trial([](const wire::PrivateHeader& request, Bytes) {
    return std::vector<Octets>{reply<wire::InterfaceItem>(request, {{.name = "\x1b[2Jeth0\x07\x9b"}}, 136)};
  });
  const std::string text = trial.run("ifstats");
  EXPECT_NE(text.find("eth0"), std::string::npos);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 0x7f)) << static_cast<int>(c);
}

TEST(NtpdcConsole, BelievesNoItemsOfAnotherLength) {
  Trial trial([](const wire::PrivateHeader& request, Bytes) {
    return std::vector<Octets>{reply<wire::PeerSummaryItem>(request, {{}}, 60)};
  });
  EXPECT_EQ(trial.run("peers"), "***Incorrect item size returned by remote host (60 should be 72)\n");
}

TEST(NtpdcConsole, AsksInAsManyRequestsAsItsWordsNeed) {
  std::vector<std::size_t> counts;
  Trial trial([&](const wire::PrivateHeader& request, Bytes) {
    counts.push_back(request.item_count);
    return std::vector<Octets>{reply<wire::WordItem>(request, {}, 0)};
  });
  EXPECT_EQ(trial.run("unconfig 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7 192.0.2.8"),
            "done!\n");
  EXPECT_EQ(counts, (std::vector<std::size_t>{7, 1}));
}

TEST(NtpdcConsole, SaysWhatIsWrongWithAWord) {
  Trial trial;
  EXPECT_EQ(trial.run("addserver 192.0.2.1 0 9"), "***9: a version from 1 to 4 expected\n");
  EXPECT_EQ(trial.run("enable everything"),
            "***everything: auth, bclient, calibrate, kernel, monitor, ntp, pps or stats expected\n");
  EXPECT_EQ(trial.run("restrict 10.0.0.0 ffff:: noquery"), "***ffff::: a mask of the address's family expected\n");
  EXPECT_EQ(trial.run("clockstat 10.0.0.1"), "***10.0.0.1 is no reference clock: their addresses begin with 127.127\n");
  EXPECT_EQ(trial.run("fudge 127.127.1.0 time1"), "usage: fudge CLOCK (time1|time2|val1|val2|flags) VALUE...\n");
  EXPECT_EQ(trial.run("fudge 127.127.1.0 time1 nan"), "***nan: seconds expected\n");
  EXPECT_EQ(trial.run("addtrap 192.0.2.1 70000"), "***70000: a port from 1 to 65535 expected\n");
}

TEST(NtpdcConsole, ExplainsEachCommand) {
  Trial trial;
  for (const Command& command : commands()) {
    const std::string text = trial.run(std::string("help ") + command.name);
    EXPECT_NE(text.find(command.usage()), std::string::npos) << command.name;
    EXPECT_EQ(complete(command.name), std::vector<std::string>{command.name});
  }
  EXPECT_EQ(complete("if"), (std::vector<std::string>{"ifreload", "ifstats"}));
  EXPECT_TRUE(complete("host 192").empty());
}

TEST(NtpdcConsole, NumbersAreRoundedAwayFromZero) {
  EXPECT_EQ(decimal(1024 / 65536.0, 5), "0.01563");
  EXPECT_EQ(decimal(-1024 / 65536.0, 5, Plus::shown), "-0.01563");
  EXPECT_EQ(decimal(0, 6, Plus::shown), "+0.000000");
}

TEST(NtpdcConsole, KnowsEachFlagOfRestrictLinesBothWays) {
  for (unsigned bit = 1; bit < 0x8000; bit <<= 1U) {
    const std::string word = restriction_words(0, static_cast<std::uint16_t>(bit));
    EXPECT_EQ(restriction_bit(word), static_cast<std::uint16_t>(bit)) << word;
  }
  EXPECT_FALSE(restriction_bit("ntpport").has_value());
}

}  // namespace
}  // namespace ntp::tools::ntpdc
