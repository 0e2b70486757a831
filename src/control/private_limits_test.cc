// SPDX-License-Identifier: BSD-2-Clause
//
// How much work and room private messages get, and that proven ones count once whatever the clock does.
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "control/newest_clients.h"
#include "control/private_test_kit.h"

namespace ntp::control::private_test {
namespace {

using wire::PrivateCode;
using wire::PrivateError;

MonoTime at_s(double seconds) { return MonoTime::from_nanoseconds(static_cast<std::int64_t>(seconds * 1e9)); }

std::unique_ptr<policy::ClientTable> table_of(std::uint32_t clients) {
  auto table = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = 4096},
                                                     std::array<std::uint64_t, 2>{1, 2});
  for (std::uint32_t i = 0; i < clients; ++i)
    table->update({.remote = {Address::v4(0x0a000000U + i), 123}, .at = at_s(i * 1e-4), .mode = 3, .version = 4}, {});
  return table;
}

void add_rules(Desk& desk, std::uint32_t count) {
  std::vector<policy::AccessRule> rules;
  for (std::uint32_t i = 0; i < count; ++i) rules.push_back({Address::v4(0x0a000000U + i), Address::v4(0xffffffff)});
  desk.facts_.policy_.access = policy::AccessList(std::move(rules));
}

// ---- lists ----------------------------------------------------------------------------------------------------------

TEST(PrivateLimits, ListsForWhoHasALineAreReadAtMostOnceASecond) {
  const auto table = table_of(1000);
  NewestClients newest;
  newest.read_rarely(*table, {}, at_s(10));
  ASSERT_EQ(newest.clients().size(), 600U);
  EXPECT_EQ(newest.clients().front().client.remote.address, Address::v4(0x0a000000U + 999));

  const Endpoint late{Address::v4(0x0b000000), 123};
  table->update({.remote = late, .at = at_s(10.1), .mode = 3, .version = 4}, {});
  newest.read_rarely(*table, {}, at_s(10.9));
  EXPECT_NE(newest.clients().front().client.remote, late);
  newest.read_rarely(*table, {}, at_s(11));
  EXPECT_EQ(newest.clients().front().client.remote, late);
}

TEST(PrivateLimits, WhoSeesAllSeesWhoCameJustNow) {
  Desk desk;
  desk.facts_.clients_ = table_of(3);
  const auto count = [&](Asker asker) {
    return items_of<wire::ClientItem>(desk.ask(PrivateCode::client_list, asker)).size();
  };
  EXPECT_EQ(count(Asker::own_line), 3U);
  desk.facts_.clients_->update({.remote = {Address::v4(0x0b000000), 123}, .at = at_s(0.9), .mode = 3, .version = 4},
                               {});
  EXPECT_EQ(count(Asker::own_line), 3U) << "kept";
  EXPECT_EQ(count(Asker::this_host), 4U);
}

TEST(PrivateLimits, WithoutBudgetNoWorkIsDoneForAForgedAddress) {
  Desk desk;
  add_rules(desk, 100);
  desk.facts_.hits_.assign(100, 1);
  desk.state_.budget_ = 60;

  EXPECT_TRUE(desk.ask(PrivateCode::restrict_list, Asker::own_line).empty());
  EXPECT_EQ(desk.facts_.hits_asked_, 0U);
  EXPECT_EQ(desk.ask(PrivateCode::restrict_list, Asker::this_host).size(), 13U);
}

TEST(PrivateLimits, AnErrorIsPaidForToo) {
  Desk desk;
  desk.state_.budget_ = 64;
  EXPECT_EQ(error_of(desk.ask(PrivateCode::traps, Asker::own_line)), PrivateError::no_data);
  EXPECT_TRUE(desk.ask(PrivateCode::traps, Asker::own_line).empty());
}

TEST(PrivateLimits, OfALongListAStrangersPartAloneIsMade) {
  Desk desk;
  add_rules(desk, 1000);
  desk.facts_.hits_.assign(1000, 1);
  struct Case {
    std::size_t request;
    std::size_t items;
  };
  for (const Case& each : {Case{8, 0}, Case{8 + 56, 1}, Case{192, 3}}) {
    desk.facts_.hits_asked_ = 0;
    Octets request = Desk::request(PrivateCode::restrict_list);
    request.resize(each.request);

    const auto replies = desk.ask(request, Asker::stranger);

    EXPECT_LE(desk.facts_.hits_asked_, each.items + 1);
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(items_of<wire::RestrictItem>(replies).size(), each.items);
    EXPECT_EQ(header_of(replies[0]).has_more, each.items != 0);
  }
}

// ---- replays --------------------------------------------------------------------------------------------------------

struct Replayed {
  Desk desk;

  static Octets order(Timestamp stamp) { return Desk::proven(PrivateCode::read_keys, {}, 0, 5, stamp); }
  PrivateError ask(const Octets& datagram, Timestamp now, Asker asker = Asker::stranger) {
    desk.commands_.done_.clear();
    return error_of(desk.ask(datagram, asker, now));
  }
  [[nodiscard]] bool was_done() const { return !desk.commands_.done_.empty(); }
};

TEST(PrivateReplayed, NothingCountsAgainAfterTheClockWasSetBack) {
  Replayed world;
  const Timestamp later = kNow + Span::from_seconds(100);
  ASSERT_EQ(world.ask(world.order(kNow), kNow), PrivateError::none);
  ASSERT_TRUE(world.was_done());
  ASSERT_EQ(world.ask(world.order(later), later), PrivateError::none);
  ASSERT_TRUE(world.was_done());

  // Heard on the wire at the first time, sent again when the clock says that it is that time once more.
  EXPECT_EQ(world.ask(world.order(kNow), kNow), PrivateError::authentication);
  EXPECT_FALSE(world.was_done());
  // A new one can't be told from it, unless it comes from this host.
  const Timestamp soon = kNow + Span::from_seconds(1);
  EXPECT_EQ(world.ask(world.order(soon), soon), PrivateError::authentication);
  EXPECT_FALSE(world.was_done());
  EXPECT_EQ(world.ask(world.order(soon), soon, Asker::this_host), PrivateError::none);
  EXPECT_TRUE(world.was_done());
  // Once the clock has caught up, all is as before.
  const Timestamp caught_up = later + Span::from_seconds(1);
  EXPECT_EQ(world.ask(world.order(caught_up), caught_up), PrivateError::none);
  EXPECT_TRUE(world.was_done());
}

// ---- traps ----------------------------------------------------------------------------------------------------------

TEST(PrivateTraps, GoToNobodyWhoIsNotOneHost) {
  Desk desk;
  const auto answer_to = [&](const char* address) {
    const auto item = Desk::item(wire::TrapChangeItem{.remote = *Address::parse(address), .port = 18447}, 48);
    return error_of(desk.ask(Desk::proven(PrivateCode::add_trap, item, 1)));
  };
  for (const char* address : {"0.0.0.0", "224.0.1.1", "239.255.255.255", "255.255.255.255", "ff02::101"})
    EXPECT_EQ(answer_to(address), PrivateError::format) << address;
  EXPECT_TRUE(desk.state_.traps_.empty());
  for (const char* address : {"10.77.0.12", "2001:db8::1"})
    EXPECT_EQ(answer_to(address), PrivateError::none) << address;
  EXPECT_EQ(desk.state_.traps_.size(), 2U);
}

}  // namespace
}  // namespace ntp::control::private_test
