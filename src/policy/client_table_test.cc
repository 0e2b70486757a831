// SPDX-License-Identifier: BSD-2-Clause
#include "policy/client_table.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "policy/access_list.h"

namespace ntp::policy {
namespace {

using Packet = ClientTable::Packet;

constexpr std::array<std::uint64_t, 2> kSecret = {0x0123456789abcdefU, 0xfedcba9876543210U};
constexpr std::uint16_t kLimited = static_cast<std::uint16_t>(Access::limited | Access::kod);

MonoTime at(double seconds) { return MonoTime::from_nanoseconds(static_cast<std::int64_t>(seconds * 1e9)); }
Address v6(std::uint64_t number) {
  std::array<std::uint8_t, 16> octets = {0x20, 1, 0xd, 0xb8};
  for (unsigned i = 0; i < 8; ++i) octets[8 + i] = static_cast<std::uint8_t>(number >> (8U * i));
  return Address::v6(octets);
}
/// Any number of different addresses of both families.
Address nth(std::uint64_t number) {
  return number % 2 == 0 ? Address::v4(static_cast<std::uint32_t>(0x0a000000U + number / 2)) : v6(number / 2);
}
Packet packet(const Address& address, double at_s, std::uint16_t port = 40000) {
  return {.remote = {.address = address, .port = port}, .at = at(at_s), .mode = 3, .version = 4};
}
Packet limited(Packet packet) {
  packet.restrictions = kLimited;
  packet.is_limited = true;
  packet.wants_kisses = true;
  return packet;
}

RC_GTEST_PROP(ClientTable, TheNewestAreTheFirstOfTheSnapshot, ()) {
  ClientTable table({.clients = 400}, kSecret);
  const auto clients = *rc::gen::inRange<std::uint64_t>(0, 200);
  // Whole seconds, so that some come at one time.
  for (std::uint64_t i = 0; i < clients; ++i)
    table.update(packet(nth(i), static_cast<double>(*rc::gen::inRange(0, 60))), {});
  const ListedClients listed{.min_entries = *rc::gen::inRange<std::size_t>(0, 150),
                             .max_age_s = static_cast<double>(*rc::gen::inRange(0, 70)),
                             .max_entries = *rc::gen::inRange<std::size_t>(0, 250)};
  const auto count = *rc::gen::inRange<std::size_t>(0, 250);

  auto first = table.snapshot(at(60), listed);
  first.resize(std::min(first.size(), count));
  const auto newest = table.newest(at(60), listed, count);

  RC_ASSERT(newest.size() == first.size());
  for (std::size_t i = 0; i < newest.size(); ++i) RC_ASSERT(newest[i].client.remote == first[i].remote);
}

TEST(ClientTable, RemembersWhatMrulistShows) {
  ClientTable table({.clients = 100}, kSecret);
  Packet first = packet(Address::v4(0xc0000201), 10);
  first.restrictions = 0x1c0;
  table.update(first, {});
  Packet second = packet(Address::v4(0xc0000201), 12.5, 123);
  second.restrictions = 0x40;
  second.mode = 1;
  second.version = 2;
  table.update(second, {});
  table.update(packet(Address::parse("fe80::1%7").value(), 13), {});

  const auto clients = table.snapshot(at(20));

  ASSERT_EQ(clients.size(), 2U);
  EXPECT_EQ(clients[0].remote.text(), "[fe80::1%7]:40000") << "the newest first";
  EXPECT_EQ(clients[1].remote.text(), "192.0.2.1:123");
  EXPECT_EQ(clients[1].count, 2U);
  EXPECT_NEAR(clients[1].since_first_s, 10, 1e-5);
  EXPECT_NEAR(clients[1].since_last_s, 7.5, 1e-5);
  EXPECT_EQ(clients[1].restrictions, 0x40);
  EXPECT_EQ(clients[1].mode, 1);
  EXPECT_EQ(clients[1].version, 2);
}

TEST(ClientTable, ShowsLimitedAndKodOnlyWhereTheyStruck) {
  const RateLimits limits{.burst = 1.0, .kiss_interval_s = 2.0};
  ClientTable table({.clients = 100}, kSecret);
  const auto shown = [&](double at_s) {
    table.update(limited(packet(nth(0), at_s)), limits);
    return table.snapshot(at(at_s)).at(0).restrictions;
  };

  EXPECT_EQ(shown(1), 0);
  EXPECT_EQ(shown(1.1), kLimited) << "kissed";
  EXPECT_EQ(shown(1.2), static_cast<std::uint16_t>(Access::limited)) << "dropped";
  EXPECT_EQ(shown(3), 0);
}

TEST(ClientTable, KissesOnlyWhoWantsItAndOnceAnInterval) {
  const RateLimits limits{.average_per_s = 0.01, .burst = 1.0, .kiss_interval_s = 2.0};
  ClientTable table({.clients = 100}, kSecret);
  Packet shy = limited(packet(nth(0), 1));
  shy.wants_kisses = false;

  EXPECT_EQ(table.update(shy, limits), Judgement::passes);
  EXPECT_EQ(table.update(shy, limits), Judgement::dropped);
  std::vector<double> kissed_at;
  EXPECT_EQ(table.update(limited(packet(nth(1), 1)), limits), Judgement::passes);
  for (double now = 1; now < 9; now += 0.25)
    if (table.update(limited(packet(nth(1), now)), limits) == Judgement::kissed) kissed_at.push_back(now);
  EXPECT_EQ(kissed_at, (std::vector<double>{1, 3, 5, 7}));
}

TEST(ClientTable, NeverLimitsWhoIsNotLimited) {
  for (const bool is_classic : {false, true}) {
    const RateLimits limits{.is_classic = is_classic, .burst = 1.0};
    ClientTable table({.clients = 100}, kSecret);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(table.update(packet(nth(3), 1), limits), Judgement::passes);
    EXPECT_EQ(table.snapshot(at(2)).at(0).count, 100U);
  }
}

/// What a client is known by in a plain map.
struct Known {
  RateLevel level = 0;
  double first_s = 0;
  double last_s = 0;
  std::uint32_t count = 0;
  std::uint16_t port = 0;
};

RC_GTEST_PROP(ClientTable, AgreesWithAMapWhileThereIsRoom,
              (const std::vector<std::pair<std::uint8_t, std::uint16_t>>& packets, bool is_classic)) {
  const RateLimits limits{.is_classic = is_classic, .average_per_s = 0.2, .burst = 4.0};
  ClientTable table({.clients = 10'000}, kSecret);
  std::map<Address, Known> oracle;
  double now_s = 1;

  for (const auto& [who, gap] : packets) {
    now_s += gap / 8192.0;
    const auto port = static_cast<std::uint16_t>(gap | 1U);
    const Address address = nth(who % 16);
    const bool is_first = !oracle.contains(address);
    Known& known = oracle[address];
    Judgement expected = Judgement::passes;
    if (is_classic) {
      // Kept in units of 4.096 us.
      const auto kept = [](double s) { return at(s).nanoseconds() / 4096 * 4096; };
      if (!is_first) expected = judge_by_discard(limits, at(now_s).nanoseconds() - kept(known.last_s), known.level);
    } else if (!passes_bucket(BucketPace(limits), at(now_s).nanoseconds(), known.level)) {
      expected = Judgement::dropped;
    }
    if (is_first) known.first_s = now_s;
    known.last_s = now_s;
    known.port = port;
    ++known.count;

    Packet sent = limited(packet(address, now_s, port));
    sent.wants_kisses = is_classic;
    RC_ASSERT(table.update(sent, limits) == expected);
  }

  const auto clients = table.snapshot(at(now_s));
  RC_ASSERT(clients.size() == oracle.size());
  for (const ClientRecord& client : clients) {
    const Known& known = oracle.at(client.remote.address);
    RC_ASSERT(client.count == known.count);
    RC_ASSERT(client.remote.port == known.port);
    RC_ASSERT(std::abs(client.since_first_s - (now_s - known.first_s)) < 1e-5);
    RC_ASSERT(std::abs(client.since_last_s - (now_s - known.last_s)) < 1e-5);
  }
  RC_ASSERT(std::is_sorted(clients.begin(), clients.end(), [](const ClientRecord& a, const ClientRecord& b) {
    return a.since_last_s < b.since_last_s;
  }));
}

RC_GTEST_PROP(ClientTable, TellsEveryAddressApart, (const std::array<std::uint8_t, 16>& octets, std::uint32_t v4)) {
  RC_PRE(octets[0] != 0xff);
  ClientTable table({.clients = 1000}, kSecret);
  std::set<Address> sent;
  for (unsigned bit = 0; bit < 128; bit += 9) {
    auto other = octets;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << (bit % 8)));
    if (other[0] != 0xff) sent.insert(Address::v6(other));
    sent.insert(Address::v4(v4 ^ (1U << (bit % 32))));
  }
  for (const Address& address : sent) table.update(packet(address, 1), {});

  std::set<Address> known;
  for (const ClientRecord& client : table.snapshot(at(1))) known.insert(client.remote.address);
  RC_ASSERT(known == sent);
}

TEST(ClientTable, KeepsNoGroups) {
  ClientTable table({.clients = 100}, kSecret);
  const RateLimits limits{.burst = 1.0};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(table.update(limited(packet(Address::parse("ff02::101").value(), 1)), limits), Judgement::passes);

  EXPECT_TRUE(table.snapshot(at(1)).empty());
}

TEST(ClientTable, HoldsAMillionClientsIn75Megabytes) {
  constexpr std::size_t kClients = 1'000'000;
  ClientTable table({.clients = kClients}, kSecret);
  EXPECT_LE(table.octets(), 75'000'000U);
  EXPECT_GE(table.capacity(), kClients);

  for (std::size_t i = 0; i < kClients; ++i) table.update(packet(nth(i), 1 + static_cast<double>(i) * 1e-5), {});

  EXPECT_GE(table.snapshot(at(20)).size(), kClients / 100 * 96) << "pages fill unevenly";
  EXPECT_LE(table.octets(), 75'000'000U);
}

TEST(ClientTable, KnowsHowManyItHolds) {
  ClientTable table({.clients = 100}, kSecret);
  EXPECT_EQ(table.size(), 0U);
  for (std::uint64_t i = 0; i < 50; ++i) table.update(packet(nth(i), static_cast<double>(i)), {});
  for (std::uint64_t i = 0; i < 50; ++i) table.update(packet(nth(i), 50 + static_cast<double>(i)), {});
  EXPECT_EQ(table.size(), 50U);
  for (std::uint64_t i = 0; i < 100'000; ++i) table.update(packet(nth(i), 200), {});
  EXPECT_EQ(table.size(), table.snapshot(at(200)).size());
  EXPECT_LE(table.size(), table.capacity());
}

TEST(ClientTable, ForgetsTheOldestFirst) {
  constexpr std::size_t kClients = 20'000;
  ClientTable table({.clients = kClients}, kSecret);
  for (std::size_t i = 0; i < 5 * kClients; ++i) table.update(packet(nth(i), 1 + static_cast<double>(i) * 1e-3), {});

  const double now_s = 1 + 5 * kClients * 1e-3;
  std::size_t recent = 0;
  double oldest_s = 0;
  for (const ClientRecord& client : table.snapshot(at(now_s))) {
    if (client.since_last_s < kClients / 2 * 1e-3) ++recent;
    oldest_s = std::max(oldest_s, client.since_last_s);
  }
  EXPECT_GE(recent, kClients / 2 * 97 / 100) << "of the newest half nearly all are known";
  EXPECT_LT(oldest_s, 4 * kClients * 1e-3);
}

TEST(ClientTable, AFloodOfStrangersDoesNotWashOutWhoKeepsAsking) {
  const RateLimits limits{.average_per_s = 0.001, .burst = 20.0};
  ClientTable table({.clients = 1}, kSecret);  // one page, the smallest
  std::size_t passed = 0;
  for (std::size_t i = 0; i < 100'000; ++i) {
    const double now_s = 1 + static_cast<double>(i) * 1e-4;
    table.update(limited(packet(nth(2 * i + 100), now_s)), limits);
    // Eight places are its own choice; four strangers between two packets can't have renewed all the others.
    if (i % 4 == 0 && table.update(limited(packet(v6(1), now_s)), limits) == Judgement::passes) ++passed;
  }

  EXPECT_EQ(passed, 20U);
}

// The tables of the reference implementation and of chrony grew with their clients until the memory was used up
// (CVE-2010-0293, CVE-2010-0294).
TEST(ClientTable, Cve2010_0293_AnyNumberOfSourcesTakesTheSameMemory) {
  ClientTable table({.clients = 1000}, kSecret);
  const std::size_t octets = table.octets();
  SeededRandom random(1);

  for (int i = 0; i < 1'000'000; ++i) table.update(limited(packet(nth(random.next64()), 1 + i * 1e-6)), {});

  EXPECT_EQ(table.octets(), octets);
  EXPECT_LE(octets, 150'000U);
  EXPECT_LE(table.snapshot(at(3)).size(), table.capacity());
}

TEST(ClientTable, WhoSharesPlacesDependsOnTheSecret) {
  const auto remembered = [](std::array<std::uint64_t, 2> secret) {
    ClientTable table({.clients = 1000}, secret);
    for (std::size_t i = 0; i < 3000; ++i) table.update(packet(nth(i), 1), {});
    std::set<Address> known;
    for (const ClientRecord& client : table.snapshot(at(1))) known.insert(client.remote.address);
    return known;
  };

  EXPECT_EQ(remembered(kSecret), remembered(kSecret));
  EXPECT_NE(remembered(kSecret), remembered({kSecret[0], kSecret[1] ^ 1U}));
  EXPECT_NE(remembered(kSecret), remembered({kSecret[0] ^ 1U, kSecret[1]}));
}

TEST(ClientTable, ListsWhatMruAllows) {
  ClientTable table({.clients = 1000}, kSecret);
  for (int i = 0; i < 20; ++i) table.update(packet(nth(static_cast<std::uint64_t>(i)), 100 + i), {});
  const auto listed = [&](const ListedClients& limits) { return table.snapshot(at(120), limits).size(); };

  EXPECT_EQ(listed({}), 20U);
  EXPECT_EQ(listed({.min_entries = 0, .max_age_s = 5.5}), 5U);
  EXPECT_EQ(listed({.min_entries = 8, .max_age_s = 5.5}), 8U) << "mindepth are told however old";
  EXPECT_EQ(listed({.min_entries = 8, .max_entries = 3}), 3U);
}

TEST(ClientTable, FitsIntoTheMemoryItIsGiven) {
  for (const std::size_t octets : {std::size_t{200'000}, std::size_t{1'048'576}, std::size_t{75'000'000}}) {
    const ClientTable table(ClientTable::sizes_within(octets), kSecret);
    EXPECT_LE(table.octets(), octets);
    EXPECT_GE(table.octets(), octets - 10'000);
  }
  EXPECT_GE(ClientTable(ClientTable::sizes_within(0), kSecret).capacity(), 1U);
}

TEST(ClientTable, TimeMayBeginAtZeroAndGoBack) {
  ClientTable table({.clients = 100}, kSecret);
  EXPECT_EQ(table.update(limited(packet(nth(1), 0)), {}), Judgement::passes);
  EXPECT_EQ(table.update(limited(packet(nth(1), 5)), {}), Judgement::passes);
  EXPECT_EQ(table.update(limited(packet(nth(1), 4)), {}), Judgement::passes);

  EXPECT_NEAR(table.snapshot(at(5)).at(0).since_last_s, 0, 1e-5);
  EXPECT_EQ(table.snapshot(at(1)).at(0).since_last_s, 0);
}

TEST(NakLimit, OneASecondAPrefix) {
  ClientTable table({.clients = 100}, kSecret);
  const auto may = [&](const char* address, double at_s) {
    return table.may_send_nak(Address::parse(address).value(), at(at_s));
  };

  EXPECT_TRUE(may("192.0.2.1", 0));
  EXPECT_FALSE(may("192.0.2.1", 0));
  EXPECT_FALSE(may("192.0.2.254", 0.999)) << "the same /24";
  EXPECT_TRUE(may("192.0.3.1", 0.999));
  EXPECT_TRUE(may("192.0.2.1", 1.0));
  EXPECT_TRUE(may("2001:db8:1::1", 1.0));
  EXPECT_FALSE(may("2001:db8:1:ffff::2", 1.5)) << "the same /48";
  EXPECT_TRUE(may("2001:db8:2::1", 1.5));
  EXPECT_FALSE(may("ff02::1", 1.5));
}

TEST(NakLimit, StampsOfThreadsThatAreSlightlyBehindGetNoMore) {
  ClientTable table({.clients = 100}, kSecret);
  const Address address = Address::parse("192.0.2.1").value();
  ASSERT_TRUE(table.may_send_nak(address, at(10)));

  int sent = 0;
  for (int i = 0; i < 100; ++i)
    if (table.may_send_nak(address, at(i % 2 == 0 ? 9.999999 : 10.000001))) ++sent;

  EXPECT_EQ(sent, 0);
  EXPECT_FALSE(table.may_send_nak(address, at(9)));
  EXPECT_TRUE(table.may_send_nak(address, at(8.9))) << "a clock that went back must not silence it";
}

RC_GTEST_PROP(NakLimit, NoPrefixGetsMoreThanOneASecond,
              (const std::vector<std::pair<std::uint16_t, std::uint8_t>>& asked)) {
  ClientTable table({.clients = 100}, kSecret);
  std::map<std::uint32_t, double> sent;
  double now_s = 1;
  for (const auto& [address, gap] : asked) {
    now_s += gap / 256.0;
    if (!table.may_send_nak(Address::v4(address), at(now_s))) continue;
    const std::uint32_t prefix = address / 256U;
    RC_ASSERT(!sent.contains(prefix) || now_s - sent[prefix] >= 1.0);
    sent[prefix] = now_s;
  }
}

/// All of a client follows from its number, so that a record made of two can be told.
Packet packet_of(std::uint64_t number) {
  Packet out = packet(nth(number), 100 + static_cast<double>(number), static_cast<std::uint16_t>(1 + number));
  out.mode = static_cast<std::uint8_t>(number % 8);
  out.version = static_cast<std::uint8_t>(number / 8 % 8);
  out.restrictions = static_cast<std::uint16_t>(number % 16);
  return out;
}

std::size_t count_torn(const std::vector<ClientRecord>& clients, std::uint64_t numbers) {
  std::size_t torn = 0;
  for (const ClientRecord& client : clients) {
    const std::uint64_t number = client.remote.port - 1U;
    const Packet sent = packet_of(number);
    const bool is_whole = number < numbers && sent.remote.address == client.remote.address &&
                          sent.mode == client.mode && sent.version == client.version &&
                          sent.restrictions == client.restrictions && client.count > 0 &&
                          client.since_first_s == client.since_last_s;
    if (!is_whole) ++torn;
  }
  return torn;
}

TEST(ClientTableThreads, RecordsAreNeverMixtures) {
  constexpr int kWriters = 2;
  constexpr std::uint64_t kNumbers = 200;  // three for each place of the smallest table
  ClientTable table({.clients = 1}, kSecret);
  std::atomic<int> at_work{kWriters};
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      SeededRandom random(static_cast<std::uint64_t>(i));
      for (int n = 0; n < 200'000; ++n) table.update(packet_of(random.next64() % kNumbers), {});
      --at_work;
    });
  }
  std::size_t torn = 0;
  std::size_t seen = 0;
  while (at_work.load() > 0) {
    const auto clients = table.snapshot(at(1000));
    torn += count_torn(clients, kNumbers);
    seen += clients.size();
  }
  for (std::thread& writer : writers) writer.join();

  EXPECT_EQ(torn, 0U);
  EXPECT_GT(seen, 0U);
  EXPECT_EQ(count_torn(table.snapshot(at(1000)), kNumbers), 0U);
}

TEST(ClientTableThreads, SpreadingOverThreadsDoesNotMultiplyALimit) {
  constexpr int kWriters = 2;
  constexpr int kPackets = 200'000;
  constexpr std::uint64_t kBurst = 100'000;  // so many that the threads meet while there are tokens
  const RateLimits limits{.average_per_s = 1.0, .burst = static_cast<double>(kBurst)};
  ClientTable table({.clients = 1000}, kSecret);
  std::atomic<int> absent{kWriters};
  std::atomic<std::uint64_t> passed{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      --absent;
      while (absent.load() > 0) std::this_thread::yield();
      std::uint64_t mine = 0;
      for (int n = 0; n < kPackets; ++n)
        if (table.update(limited(packet(nth(1), 1 + n * 1e-7)), limits) == Judgement::passes) ++mine;
      passed += mine;
    });
  }
  for (std::thread& writer : writers) writer.join();

  EXPECT_EQ(passed.load(), kBurst) << "the next token comes a second later";
}

/// The list, read in pages of `size`, newest first like a snapshot.
std::vector<Endpoint> read_in_pages(const ClientTable& table, MonoTime now, const ListedClients& listed,
                                    std::size_t size, const ClientFilter& filter = {}) {
  std::vector<Endpoint> all;
  std::vector<DatedClient> page;
  std::optional<ClientCursor> after;
  do {
    table.read_page(now, listed, {.after = after, .filter = filter, .size = size}, page);
    EXPECT_LE(page.size(), size);
    for (const DatedClient& each : page) {
      EXPECT_NEAR(now - each.last, each.client.since_last_s, 1e-6);
      all.push_back(each.client.remote);
    }
    if (!page.empty()) after = ClientCursor{.last = page.back().last, .remote = page.back().client.remote};
    if (all.size() > table.capacity()) {
      ADD_FAILURE() << "the pages have no end";
      break;
    }
  } while (!page.empty());
  std::reverse(all.begin(), all.end());
  return all;
}

std::vector<Endpoint> remotes(const std::vector<ClientRecord>& records) {
  std::vector<Endpoint> all;
  for (const ClientRecord& record : records) all.push_back(record.remote);
  return all;
}

RC_GTEST_PROP(ClientPages, TogetherAreTheSnapshot, ()) {
  ClientTable table({.clients = 300}, kSecret);
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  const auto count = *rc::gen::inRange<std::uint64_t>(0, 200);
  for (std::uint64_t i = 0; i < count; ++i)
    table.update(packet(nth(i), 100 + std::floor(random.uniform() * 1e6) * 1e-4), {});
  ListedClients listed;
  if (*rc::gen::arbitrary<bool>()) listed.max_age_s = *rc::gen::inRange(0, 120);
  if (*rc::gen::arbitrary<bool>()) listed.min_entries = *rc::gen::inRange<std::size_t>(0, 250);
  if (*rc::gen::arbitrary<bool>()) listed.max_entries = *rc::gen::inRange<std::size_t>(0, 250);
  const MonoTime now = at(200);
  const auto size = *rc::gen::inRange<std::size_t>(1, 60);

  const auto whole = remotes(table.snapshot(now, listed));
  const auto pages = read_in_pages(table, now, listed, size);

  // Where two came at the same time, the end of the list may hold both.
  const std::set<Endpoint> told(pages.begin(), pages.end());
  RC_ASSERT(told.size() == pages.size());
  for (const Endpoint& remote : whole) RC_ASSERT(told.contains(remote));
  RC_ASSERT(pages.size() - whole.size() <= 2U);
}

TEST(ClientPages, StandInTheOrderOfTheLastPackets) {
  ClientTable table({.clients = 100}, kSecret);
  for (std::uint64_t i = 0; i < 20; ++i) table.update(packet(nth(i), 10 + static_cast<double>(i * 7 % 20)), {});

  EXPECT_EQ(read_in_pages(table, at(50), {}, 3), remotes(table.snapshot(at(50))));
}

TEST(ClientPages, GoOnBehindAClientThatHasMovedSince) {
  ClientTable table({.clients = 100}, kSecret);
  for (std::uint64_t i = 0; i < 4; ++i) table.update(packet(nth(i), 10 + static_cast<double>(i)), {});
  std::vector<DatedClient> page;
  table.read_page(at(20), {}, {.size = 2}, page);
  ASSERT_EQ(page.size(), 2U);
  const ClientCursor after{.last = page[1].last, .remote = page[1].client.remote};

  table.update(packet(nth(1), 21), {});
  table.read_page(at(22), {}, {.after = after, .size = 10}, page);

  ASSERT_EQ(page.size(), 3U);
  EXPECT_EQ(page[0].client.remote.address, nth(2));
  EXPECT_EQ(page[2].client.remote.address, nth(1)) << "it comes again, with its new time";
}

TEST(ClientPages, FilterByCountFlagsAgeAndRank) {
  ClientTable table({.clients = 100}, kSecret);
  for (std::uint64_t i = 0; i < 8; ++i) {
    Packet each = packet(nth(i), 10 + static_cast<double>(i));
    each.restrictions = static_cast<std::uint16_t>(i);
    for (std::uint64_t n = 0; n <= i; ++n) table.update(each, {});
  }
  const auto told = [&](const ClientFilter& filter) { return read_in_pages(table, at(20), {}, 3, filter).size(); };

  EXPECT_EQ(told({}), 8U);
  EXPECT_EQ(told({.min_count = 6}), 3U);
  EXPECT_EQ(told({.all_of = 3}), 2U);
  EXPECT_EQ(told({.any_of = 3}), 6U);
  EXPECT_EQ(told({.max_since_last_s = 5.5}), 3U);
  EXPECT_EQ(told({.min_since_last_s = 4.5}), 6U);
  EXPECT_EQ(told({.newest = 2}), 2U);
}

}  // namespace
}  // namespace ntp::policy
