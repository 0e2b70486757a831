// SPDX-License-Identifier: BSD-2-Clause
#include "control/mru.h"

#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "control/control_test_kit.h"
#include "control/request_items.h"

namespace ntp::control::test {
namespace {

using wire::ControlError;
using wire::ControlOpcode;
using Items = std::map<std::string, std::string, std::less<>>;

Items items_of(std::string_view text) {
  Items out;
  RequestItems items(text);
  while (const auto item = items.next()) out.emplace(item->name, item->value.value_or(""));
  return out;
}

Address nth(std::uint32_t i) {
  return i % 3 == 0 ? Address::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(i >> 16U),
                                   static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)})
                    : Address::v4(0x0a000000U + i);
}

class MruOfService : public testing::Test {
 protected:
  MruOfService() { bench.be_this_host(); }

  void have_clients(std::uint32_t count, std::size_t room) {
    bench.facts.the_clients = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = room},
                                                                    std::array<std::uint64_t, 2>{1, 2});
    for (std::uint32_t i = 0; i < count; ++i) hear(i, static_cast<double>(i) * 1e-3);
    bench.wait(static_cast<double>(count) * 1e-3 + 1);
  }
  void hear(std::uint32_t i, double after_s) {
    bench.facts.the_clients->update({.remote = {nth(i), 123}, .at = bench.now.mono + after_s, .mode = 3, .version = 4},
                                    {});
  }
  Items ask(std::string_view rest) {
    const auto replies =
        bench.ask({.opcode = ControlOpcode::read_clients, .data = "nonce=" + bench.nonce() + ", " + std::string(rest)});
    requests += 1;
    if (replies.empty() || replies[0].header.is_error) return {};
    EXPECT_LE(replies.size(), 128U);
    return items_of(whole_data(replies));
  }
  /// All clients, as a tool fetches them: count by address.
  std::map<std::string, int> fetch(const std::string& frame, const std::function<void()>& between = [] {}) {
    std::map<std::string, int> seen;
    std::string position;
    for (int guard = 0; guard < 100'000; ++guard) {
      const Items items = ask(frame + position);
      if (items.empty()) {
        ADD_FAILURE() << "refused";
        return seen;
      }
      std::size_t row = 0;
      for (; items.contains("addr." + std::to_string(row)); ++row) ++seen[items.at("addr." + std::to_string(row))];
      if (items.contains("now")) return seen;
      if (row == 0) {
        ADD_FAILURE() << "no progress";
        return seen;
      }
      const std::string last = std::to_string(row - 1);
      position = ", addr.0=" + items.at("addr." + last) + ", last.0=" + items.at("last." + last);
      between();
    }
    return seen;
  }

  Bench bench;
  int requests = 0;
};

TEST_F(MruOfService, OneAnswerHasRowsNonceAndEnd) {
  have_clients(2, 100);
  hear(1, -0.5);

  const Items items = ask("frags=32");

  EXPECT_EQ(items.at("addr.0"), "[2001:db8::]:123");
  EXPECT_EQ(items.at("addr.1"), "10.0.0.1:123");
  EXPECT_EQ(items.at("ct.1"), "2");
  EXPECT_EQ(items.at("mv.1"), "35");
  EXPECT_EQ(items.at("rs.1"), "0x0");
  EXPECT_EQ(items.at("last.newest"), items.at("last.1"));
  EXPECT_EQ(items.at("nonce").size(), 24U);
  EXPECT_TRUE(items.contains("now"));
  EXPECT_FALSE(items.contains("addr.2"));
}

TEST_F(MruOfService, EveryClientIsToldOnceWhateverTheFrame) {
  have_clients(1000, 2000);
  for (const char* frame :
       {"frags=32", "frags=2", "frags=128", "limit=1", "limit=7", "limit=256", "frags=8, limit=3"}) {
    const auto seen = fetch(frame);
    EXPECT_EQ(seen.size(), 1000U) << frame;
    for (const auto& [address, times] : seen) ASSERT_EQ(times, 1) << address;
  }
}

TEST_F(MruOfService, ClientsThatComeWhileItIsReadAreToldAgainAndNoneIsMissed) {
  have_clients(600, 2000);
  std::uint32_t next = 0;
  const auto seen = fetch("frags=4", [&] {
    bench.wait(0.3);
    if (next < 20) hear(next += 2, 0);
    if (next < 30) hear(1000 + next, -0.01);
  });

  for (std::uint32_t i = 0; i < 600; ++i) EXPECT_TRUE(seen.contains(Endpoint{nth(i), 123}.text())) << i;
}

TEST_F(MruOfService, GoesOnThoughTheClockIsSteered) {
  have_clients(400, 1000);
  // 500 ppm over a minute are 30 ms: a stamp that moved with the clock would be another one.
  const auto seen = fetch("limit=5", [&] {
    bench.wait(0.7);
    bench.now.real = bench.now.real + Span::from_seconds(0.7 * 500e-6);
  });

  EXPECT_EQ(seen.size(), 400U);
  for (const auto& [address, times] : seen) EXPECT_EQ(times, 1) << address;
}

TEST_F(MruOfService, FiltersAreObeyed) {
  have_clients(9, 100);
  for (int n = 0; n < 4; ++n) hear(5, -0.2);

  EXPECT_EQ(fetch("frags=32, mincount=5").size(), 1U);
  EXPECT_EQ(fetch("frags=32, recent=3").size(), 3U);
  EXPECT_EQ(fetch("frags=32, resall=0x40").size(), 0U);
  EXPECT_EQ(fetch("frags=32, resany=0x40").size(), 0U);
  EXPECT_EQ(fetch("frags=32, resall=0x0").size(), 9U);
  bench.wait(10);
  hear(3, 0);
  EXPECT_EQ(fetch("frags=32, maxlstint=5").size(), 1U);
}

TEST_F(MruOfService, WhatIsNotKeptCantBeFilteredBy) {
  have_clients(3, 100);

  for (const char* filter : {"laddr=192.0.2.1", "mindrop=1", "minscore=2"})
    EXPECT_TRUE(ask(std::string("frags=32, ") + filter).empty()) << filter;
}

TEST_F(MruOfService, NtpsecsRequestIsUnderstood) {
  have_clients(3, 100);
  const Items first = ask("frags=24");
  // It names all clients that it has, the newest first.
  std::string position;
  for (int i = 0; i < 3; ++i)
    position += ", addr." + std::to_string(i) + "=" + first.at("addr." + std::to_string(2 - i)) + ", last." +
                std::to_string(i) + "=" + first.at("last." + std::to_string(2 - i));

  const Items second = ask("frags=24" + position);

  EXPECT_EQ(second.at("addr.older"), first.at("addr.2"));
  EXPECT_EQ(second.at("last.older"), first.at("last.2"));
  EXPECT_TRUE(second.contains("now"));
  EXPECT_FALSE(second.contains("addr.0"));
}

TEST_F(MruOfService, NoTableIsAnEmptyList) {
  const Items items = ask("frags=32");

  EXPECT_TRUE(items.contains("now"));
  EXPECT_FALSE(items.contains("addr.0"));
}

TEST_F(MruOfService, OldNoncesAndThoseOfOthersGetNoAnswer) {
  have_clients(3, 100);
  const std::string mine = "nonce=" + bench.nonce() + ", frags=32";
  bench.remote = {Address::v4(0x7f000002), 40000};
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::read_clients, .data = mine}).empty());
  bench.remote = kThisHost;
  EXPECT_EQ(bench.ask({.opcode = ControlOpcode::read_clients, .data = mine}).size(), 1U);
  bench.wait(17);
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::read_clients, .data = mine}).empty());
}

/// The list itself, to see how often it reads the table.
class MruPages : public MruOfService {
 protected:
  bool answers(std::string_view rest) {
    const Octets empty;
    const Query query{.remote = kThisHost, .payload = empty, .is_this_host = true};
    const std::string data = "nonce=" + nonces.make(kThisHost.address, bench.now.mono) + ", " + std::string(rest);
    const Request request{.query = query, .now = bench.now, .header = {}, .data = data};
    Answer out;
    return list.answer(request, bench.facts, nonces, out);
  }

  NonceMaker nonces{bench.random};
  MruList list;
};

TEST_F(MruPages, ListsFromTheStartShareAPass) {
  have_clients(5000, 6000);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(answers("limit=5"));
    bench.wait(0.01);
  }
  EXPECT_LE(list.pages_read(), 5U);
}

TEST_F(MruPages, AnEmptyListIsKeptToo) {
  have_clients(50, 6000);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(answers("limit=5, mincount=1000"));
  EXPECT_EQ(list.pages_read(), 1U);
}

TEST_F(MruPages, OtherFiltersEachTimeGetAShareOfTheThreadAndNoMore) {
  have_clients(1000, 20'000);
  int answered = 0;
  for (int i = 0; i < 3000; ++i) {
    answered += answers("limit=5, recent=" + std::to_string(1 + i % 50));
    bench.wait(0.001);
  }
  // Three seconds' worth, and what may be read at once.
  const double places = 3 * 1e6 + 40 * static_cast<double>(bench.facts.the_clients->capacity());
  EXPECT_LE(static_cast<double>(list.pages_read() * bench.facts.the_clients->capacity()), places);
  EXPECT_GT(list.pages_read(), 100U);
  EXPECT_LT(answered, 3000);
  bench.wait(2);
  EXPECT_TRUE(answers("limit=5"));
}

TEST_F(MruOfService, AHundredThousandClientsTakeSomeHundredRequests) {
  have_clients(100'000, 130'000);

  const auto seen = fetch("frags=128");

  EXPECT_GT(seen.size(), 96'000U) << "what had a place in the table";
  EXPECT_LT(requests, 300);
}

RC_GTEST_PROP(MruRequest, ReadsWhateverComes, (const std::string& text)) {
  const MruRequest request = read_mru_request("frags=1, " + text);
  RC_ASSERT(request.nonce.size() <= text.size());
}

}  // namespace
}  // namespace ntp::control::test
