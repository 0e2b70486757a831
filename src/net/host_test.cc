// SPDX-License-Identifier: BSD-2-Clause
//
// What is read from the host: its addresses, names and random bits.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include <sched.h>

#include <gtest/gtest.h>

#include "net/interfaces.h"
#include "net/poll_loop.h"
#include "net/resolver.h"
#include "net/system_random.h"

namespace ntp::net {
namespace {

TEST(LocalAddresses, LoopbackIsAmongThem) {
  const auto addresses = local_addresses();

  ASSERT_TRUE(addresses);
  const auto found = std::ranges::find(*addresses, Address::v4(0x7f000001), &LocalAddress::address);
  ASSERT_NE(found, addresses->end());
  EXPECT_EQ(found->interface_name, "lo");
  EXPECT_NE(found->interface_index, 0U);
  EXPECT_EQ(found->prefix_length, 8);
  EXPECT_TRUE(found->is_up);
  EXPECT_TRUE(found->is_loopback);
}

TEST(LocalAddresses, SameAddressesGiveTheSameList) { EXPECT_EQ(*local_addresses(), *local_addresses()); }

TEST(AddressWatch, WithoutAChangeThereIsNoDeadline) {
  PollLoop loop({});
  AddressWatch watch(loop, [] { FAIL(); });

  EXPECT_EQ(watch.next_deadline(), MonoTime::never());
  watch.tick(monotonic_now());
}

TEST(AddressWatch, NewAddressIsToldOnceItIsQuiet) {
  // In a network namespace of its own, in a thread of its own: no address of this host is touched.
  std::optional<int> calls;
  std::thread other([&calls] {
    if (::unshare(CLONE_NEWNET) != 0) return;
    int count = 0;
    PollLoop loop({});
    AddressWatch watch(loop, [&] {
      ++count;
      loop.stop();
    });
    loop.set_hooks({.next_deadline = [&] { return watch.next_deadline(); },
                    .on_deadline = [&](MonoTime now) { watch.tick(now); }});
    if (!watch.is_active() || std::system("ip link set lo up && ip addr add 192.0.2.77/32 dev lo") != 0) return;
    if (loop.run()) calls = count;
  });
  other.join();

  if (!calls) GTEST_SKIP() << "no network namespace can be made here";
  EXPECT_EQ(*calls, 1);
}

/// Runs a loop until `count` answers are there.
class Asked {
 public:
  Asked() : loop_({}), resolver_([this] { loop_.wake(); }) {}

  Resolver& resolver() { return resolver_; }
  std::vector<NameAnswer> answers(std::size_t count) {
    std::vector<NameAnswer> all;
    loop_.set_hooks({.on_wake = [&] {
      for (NameAnswer& answer : resolver_.take_answers()) all.push_back(std::move(answer));
      if (all.size() >= count) loop_.stop();
    }});
    EXPECT_TRUE(loop_.run());
    return all;
  }

 private:
  PollLoop loop_;
  Resolver resolver_;
};

TEST(Resolver, LocalhostIsFoundInTheHelperThread) {
  Asked asked;
  ASSERT_TRUE(asked.resolver().submit({.token = 7, .name = "localhost", .wanted = NameQuery::Wanted::ipv4}));
  EXPECT_TRUE(asked.resolver().has_thread());

  const auto answers = asked.answers(1);

  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].token, 7U);
  EXPECT_EQ(answers[0].addresses, std::vector{Address::v4(0x7f000001)});
  EXPECT_EQ(answers[0].error, "");
}

TEST(Resolver, NumericAddressNeedsNoThread) {
  Asked asked;
  ASSERT_TRUE(asked.resolver().submit({.token = 1, .name = "2001:db8::1"}));
  ASSERT_TRUE(asked.resolver().submit({.token = 2, .name = "192.0.2.1", .wanted = NameQuery::Wanted::ipv6}));

  const auto answers = asked.answers(2);

  EXPECT_FALSE(asked.resolver().has_thread());
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].addresses, std::vector{*Address::parse("2001:db8::1")});
  EXPECT_TRUE(answers[1].addresses.empty());
  EXPECT_NE(answers[1].error, "");
}

TEST(Resolver, NameThatCannotExistGivesAnErrorThatIsFinal) {
  Asked asked;
  // Longer than a label may be: refused without a question to any server.
  ASSERT_TRUE(asked.resolver().submit({.token = 3, .name = std::string(70, 'a')}));

  const auto answers = asked.answers(1);

  EXPECT_TRUE(answers[0].addresses.empty());
  EXPECT_NE(answers[0].error, "");
}

TEST(Resolver, EachQueryGetsItsAnswer) {
  Asked asked;
  std::set<std::uint64_t> tokens;
  for (std::uint64_t token = 0; token < 20; ++token) {
    ASSERT_TRUE(asked.resolver().submit({.token = token, .name = "localhost"}));
    tokens.insert(token);
  }

  for (const NameAnswer& answer : asked.answers(20)) tokens.erase(answer.token);

  EXPECT_TRUE(tokens.empty());
}

TEST(Resolver, GoesAwayWithQueriesLeft) {
  Resolver resolver([] {});
  for (std::uint64_t token = 0; token < Resolver::kMaxQueued; ++token)
    EXPECT_TRUE(resolver.submit({.token = token, .name = "localhost"}));
}

TEST(ParseNumeric, TakesTheNameOfAnInterfaceAsScope) {
  const auto address = parse_numeric("fe80::1%lo");

  ASSERT_TRUE(address);
  EXPECT_NE(address->scope(), 0U);
  EXPECT_FALSE(parse_numeric("fe80::1%no-such-interface"));
  EXPECT_FALSE(parse_numeric("time.example.net"));
}

TEST(SystemRandom, DoesNotRepeatItselfOverManyBlocks) {
  SystemRandom random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.next64());

  EXPECT_EQ(seen.size(), 1000U);
}

TEST(SystemRandom, TwoOfThemDiffer) {
  SystemRandom a;
  SystemRandom b;

  EXPECT_NE(a.next64(), b.next64());
}

TEST(FillRandom, FillsMoreThanOneCallGives) {
  std::array<std::byte, 4096> block{};
  fill_random(block);

  // Each octet value is as likely as any other: a quarter of the block without a non-zero octet means it was not filled.
  for (std::size_t quarter = 0; quarter < 4; ++quarter)
    EXPECT_TRUE(std::ranges::any_of(MutableBytes(block).subspan(quarter * 1024, 1024),
                                    [](std::byte b) { return b != std::byte{0}; }));
}

}  // namespace
}  // namespace ntp::net
