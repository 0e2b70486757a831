// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/watch_asker.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace ntp::ntpq {
namespace {

using namespace std::string_literals;
using client::ControlFault;
using wire::ControlError;
using wire::ControlOpcode;

/// A server that answers from a table, and what it was asked.
class FakeServer {
 public:
  using Question = std::pair<ControlOpcode, std::uint16_t>;

  FakeServer() {
    answers["read_status 0"] = "\x07\xbd\x96\x1a\x07\xbe\x91\x1a"s;
    answers["read_variables 0"] =
        "version=\"x\", leap=0, stratum=2, refid=192.0.2.1, offset=0.5, clock=0xeeab38c4.00000000";
    answers["read_variables 0 why"] = "why=\"following 192.0.2.1\"";
    answers["read_variables 1981"] = "srcadr=192.0.2.1, reach=0xff, offset=0.5, rec=0xeeab38c0.00000000";
    answers["read_variables 1982"] = "srcadr=192.0.2.2, reach=0xff, offset=12.5, rec=0xeeab38c0.00000000";
    answers["read_variables 1981 why"] = "why=\"system peer\"";
    answers["read_variables 1982 why"] = "why=\"falseticker\"";
    answers["request_nonce 0"] = "nonce=0123456789abcdef";
    answers["read_clients 0"] = "addr.0=198.51.100.1:123, last.0=0xeeab38c0.00000000, ct.0=1, now=0xeeab38c1.00000000";
  }

  std::expected<client::ControlAnswer, client::ControlFailure> ask(const client::ControlRequest& request) {
    std::string question = name_of(request.opcode) + " " + std::to_string(request.association_id);
    if (request.opcode == ControlOpcode::read_variables && !request.data.empty())
      question += " " + std::string(request.data);
    questions.push_back(question);
    last_data = request.data;
    if (const auto failure = failures.find(question); failure != failures.end())
      return std::unexpected(failure->second);
    return client::ControlAnswer{.data = answers.at(question)};
  }

  [[nodiscard]] std::size_t count(const std::string& question) const {
    return static_cast<std::size_t>(std::ranges::count(questions, question));
  }

  std::map<std::string, std::string> answers;
  std::map<std::string, client::ControlFailure> failures;
  std::vector<std::string> questions;
  std::string last_data;

 private:
  static std::string name_of(ControlOpcode opcode) {
    if (opcode == ControlOpcode::read_status) return "read_status";
    if (opcode == ControlOpcode::read_variables) return "read_variables";
    if (opcode == ControlOpcode::request_nonce) return "request_nonce";
    if (opcode == ControlOpcode::read_clients) return "read_clients";
    return "?";
  }
};

class WatchAskerTest : public testing::Test {
 protected:
  FakeServer server;
  WatchModel model{"server"};
  double now_s = 100;
  bool has_stopped = false;
  bool has_ended = false;
  WatchAsker asker{{.ask = [this](const client::ControlRequest& request) { return server.ask(request); },
                    .tell =
                        [this](const Sample& sample) {
                          has_ended = std::holds_alternative<RoundDone>(sample);
                          model.take(sample, {.steady_s = now_s});
                        },
                    .now_s = [this] { return now_s; },
                    .wishes = [this] { return model.wishes(); },
                    .has_stopped = [this] { return has_stopped; }}};
};

TEST_F(WatchAskerTest, RoundTellsAll) {
  asker.run_round();

  ASSERT_EQ(model.sources().size(), 2U);
  EXPECT_EQ(model.sources()[1].sample.address, "192.0.2.2");
  EXPECT_EQ(model.sources()[0].sample.since_received_s, 4);
  EXPECT_EQ(model.clock()->why, "following 192.0.2.1");
  EXPECT_EQ(model.sources()[0].why, "system peer");
  ASSERT_TRUE(model.clients());
  EXPECT_EQ(model.clients()->newest_first.size(), 1U);
  EXPECT_TRUE(has_ended);
  EXPECT_NE(server.last_data.find("nonce=0123456789abcdef"), std::string::npos) << server.last_data;
  EXPECT_EQ(asker.addresses(), (std::vector{"192.0.2.1"s, "192.0.2.2"s, "198.51.100.1"s}));
}

TEST_F(WatchAskerTest, OnlyTheSelectedSourceIsAskedWhy) {
  asker.run_round();
  EXPECT_EQ(server.count("read_variables 1982 why"), 0U);

  model.press(WatchKey::down);
  asker.tell_reason();

  EXPECT_EQ(model.sources()[1].why, "falseticker");
}

TEST_F(WatchAskerTest, ServerWithoutReasonsIsNotAskedForThemAgain) {
  for (const char* question : {"read_variables 0 why", "read_variables 1981 why"})
    server.failures[question] = {.fault = ControlFault::told, .code = ControlError::unknown_variable};

  asker.run_round();
  asker.run_round();

  EXPECT_EQ(server.count("read_variables 0 why"), 1U);
  EXPECT_EQ(server.count("read_variables 1981 why"), 1U);
  EXPECT_EQ(model.clock()->why, "following 192.0.2.1: offset 0.5 ms");
  EXPECT_EQ(model.sources()[0].why, "system peer: it agrees with the majority and leads");
}

TEST_F(WatchAskerTest, SilenceIsTroubleAndEndsTheRound) {
  server.failures["read_variables 1981"] = {.fault = ControlFault::timeout};

  asker.run_round();

  ASSERT_TRUE(model.trouble());
  EXPECT_EQ(model.trouble()->text, "Request timed out");
  EXPECT_EQ(server.count("read_variables 1982"), 0U) << "a server that doesn't answer isn't asked two hundred times";
  EXPECT_FALSE(has_ended);
}

TEST_F(WatchAskerTest, SourceThatWentMeanwhileIsLeftOut) {
  server.failures["read_variables 1981"] = {.fault = ControlFault::told, .code = ControlError::unknown_association};

  asker.run_round();

  EXPECT_FALSE(model.trouble());
  EXPECT_EQ(model.sources()[1].sample.address, "192.0.2.2");
}

TEST_F(WatchAskerTest, RefusedClientsAreAskedForAgainAfterAMinute) {
  server.failures["read_clients 0"] = {.fault = ControlFault::told, .code = ControlError::permission};

  asker.run_round();
  asker.run_round();
  EXPECT_EQ(server.count("read_clients 0"), 1U);
  EXPECT_NE(model.clients_refused().find("only to its own host"), std::string::npos);
  EXPECT_FALSE(model.trouble()) << "the sources are told nevertheless";

  now_s += 61;
  server.failures.clear();
  asker.run_round();
  EXPECT_TRUE(model.clients());
}

TEST_F(WatchAskerTest, StopEndsARoundBetweenTwoQuestions) {
  has_stopped = true;

  asker.run_round();

  EXPECT_EQ(server.count("read_variables 1981"), 0U);
  EXPECT_FALSE(has_ended);
}

TEST_F(WatchAskerTest, HostileNonceIsNotSentBack) {
  server.answers["request_nonce 0"] = "nonce=" + std::string(4000, 'a');

  asker.run_round();

  EXPECT_EQ(server.count("read_clients 0"), 0U);
  EXPECT_FALSE(model.clients_refused().empty());
}

}  // namespace
}  // namespace ntp::ntpq
