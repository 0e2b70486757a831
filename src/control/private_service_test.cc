// SPDX-License-Identifier: BSD-2-Clause
#include "control/private_service.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "control/private_answer.h"
#include "control/private_test_kit.h"

namespace ntp::control::private_test {
namespace {

using policy::Access;
using wire::PrivateCode;
using wire::PrivateError;

state::SourceView source(std::uint32_t address, std::uint16_t id) {
  return {.association_id = id,
          .remote = {Address::v4(address), 123},
          .stratum = 2,
          .reach = 0xff,
          .local = {Address::v4(0x0a4d0005), 123}};
}

/// A host with so many sources from 10.77.1.0 on.
void add_sources(Desk& desk, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    desk.facts_.view_.sources.push_back(
        source(0x0a4d0100U + static_cast<std::uint32_t>(i), static_cast<std::uint16_t>(i + 1)));
}

void add_clients(Desk& desk, std::size_t count) {
  desk.facts_.clients_ = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = 4096},
                                                               std::array<std::uint64_t, 2>{});
  for (std::size_t i = 0; i < count; ++i)
    desk.facts_.clients_->update({.remote = {Address::v4(0x0a000000U + static_cast<std::uint32_t>(i)), 1234},
                                  .at = MonoTime::from_nanoseconds(1000),
                                  .mode = 3,
                                  .version = 4},
                                 {});
}

Octets word(std::uint32_t value) { return Desk::item(wire::WordItem{value}, 4); }
Octets peer_items(std::initializer_list<std::uint32_t> addresses) {
  Octets items;
  for (const std::uint32_t address : addresses) {
    const Octets item = Desk::item(wire::PeerListItem{.remote = Address::v4(address), .port = 123}, 32);
    items.insert(items.end(), item.begin(), item.end());
  }
  return items;
}

TEST(PrivateService, TellsThisHostAllInAsManyDatagramsAsItTakes) {
  Desk desk;
  add_sources(desk, 40);

  const auto replies = desk.ask(PrivateCode::peer_list);

  ASSERT_EQ(replies.size(), 3U);  // 15 items of 32 octets fit into 500
  for (std::size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(header_of(replies[i]).sequence, i);
    EXPECT_EQ(header_of(replies[i]).has_more, i + 1 < replies.size());
  }
  const auto items = items_of<wire::PeerListItem>(replies);
  ASSERT_EQ(items.size(), 40U);
  EXPECT_EQ(items[39].remote, Address::v4(0x0a4d0127));
  EXPECT_EQ(desk.to_, desk.remote_);
}

TEST(PrivateService, TellsStrangersNoMoreThanTheyAsked) {
  Desk desk;
  add_sources(desk, 40);

  const auto replies = desk.ask(PrivateCode::peer_list, Asker::stranger);

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].size(), 8U + 5 * 32);  // of 192 octets
  EXPECT_EQ(header_of(replies[0]).item_count, 5U);
  EXPECT_TRUE(header_of(replies[0]).has_more);  // so that nobody takes this for the whole list
}

TEST(PrivateService, GivesWhoHasALineOfItsOwnAllOfItWithinTheBudget) {
  Desk desk;
  add_sources(desk, 40);
  desk.state_.budget_ = 2000;

  EXPECT_EQ(desk.ask(PrivateCode::peer_list, Asker::own_line).size(), 3U);
  EXPECT_TRUE(desk.ask(PrivateCode::peer_list, Asker::own_line).empty());
}

TEST(PrivateService, AnswersOldProgramsWithItemsOfIpv4) {
  Desk desk;
  add_sources(desk, 1);
  desk.facts_.view_.sources.push_back(source(0, 7));
  desk.facts_.view_.sources.back().remote.address = *Address::parse("2001:db8::1");
  Octets request = Desk::request(PrivateCode::peer_summary);
  request[2] = std::byte{2};

  const auto replies = desk.ask(request);

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(header_of(replies[0]).item_length, 32U);
  EXPECT_EQ(header_of(replies[0]).item_count, 1U);
  EXPECT_EQ(items_of<wire::PeerSummaryItem>(desk.ask(PrivateCode::peer_summary)).size(), 2U);
}

TEST(PrivateService, AnswersInTheVersionAndWithTheCodesOfTheRequest) {
  Desk desk;
  Octets request = Desk::request(PrivateCode::timer_stats);
  request[0] = std::byte{0x27};  // version 4

  const auto replies = desk.ask(request);

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0][0], std::byte{0xa7});
  EXPECT_EQ(replies[0][2], request[2]);
  EXPECT_EQ(replies[0][3], request[3]);
}

TEST(PrivateService, SaysWhichImplementationAndWhichOperationItDoesNotKnow) {
  Desk desk;
  Octets request = Desk::request(PrivateCode::peer_list);
  request[2] = std::byte{7};
  EXPECT_EQ(error_of(desk.ask(request)), PrivateError::implementation);
  request[2] = std::byte{3};
  request[3] = std::byte{200};
  EXPECT_EQ(error_of(desk.ask(request)), PrivateError::request);
}

TEST(PrivateService, RefusesItemsOfAnotherLength) {
  Desk desk;
  add_sources(desk, 1);
  EXPECT_EQ(error_of(desk.ask(Desk::request(PrivateCode::peer_info, word(0), 1))), PrivateError::format);
  EXPECT_EQ(error_of(desk.ask(Desk::request(PrivateCode::peer_info))), PrivateError::format);
  EXPECT_EQ(error_of(desk.ask(Desk::request(PrivateCode::peer_list, word(0), 1))), PrivateError::format);
}

TEST(PrivateService, HasNoDataOfWhatThereIsNot) {
  Desk desk;
  add_sources(desk, 1);
  EXPECT_EQ(error_of(desk.ask(Desk::request(PrivateCode::peer_info, peer_items({0x01020304}), 1))),
            PrivateError::no_data);
  EXPECT_EQ(error_of(desk.ask(PrivateCode::traps)), PrivateError::no_data);
  EXPECT_EQ(error_of(desk.ask(PrivateCode::client_list)), PrivateError::no_data);
  EXPECT_EQ(error_of(desk.ask(Desk::request(PrivateCode::clock_info, word(0x7f7f0100), 1))), PrivateError::no_data);
}

TEST(PrivateService, TellsOfThosePeersThatThereAre) {
  Desk desk;
  add_sources(desk, 3);
  const auto replies =
      desk.ask(Desk::request(PrivateCode::peer_stats, peer_items({0x0a4d0102, 0x01020304, 0x0a4d0100}), 3));
  const auto items = items_of<wire::PeerStatsItem>(replies);
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].remote, Address::v4(0x0a4d0102));
  EXPECT_EQ(items[1].remote, Address::v4(0x0a4d0100));
}

TEST(PrivateService, ObeysNoqueryAndNomodify) {
  Desk desk;
  add_sources(desk, 1);
  desk.access_ = Access::nomodify;
  EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::reset_stats, word(wire::kResetIo), 1))),
            PrivateError::authentication);
  EXPECT_EQ(desk.commands_.done_, "");
  EXPECT_EQ(desk.ask(PrivateCode::peer_list).size(), 1U);
  desk.access_ = Access::noquery;
  EXPECT_TRUE(desk.ask(PrivateCode::peer_list).empty());
}

// ---- changes ------------------------------------------------------------------------------------------------------------

TEST(PrivateChange, NeedsTheRequestKeyFromThisHostToo) {
  Desk desk;
  EXPECT_EQ(error_of(desk.ask(Desk::request(PrivateCode::reset_stats, word(wire::kResetIo), 1))),
            PrivateError::authentication);
  EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::reset_stats, word(wire::kResetIo), 1, 1))),
            PrivateError::authentication);
  Octets wrong = Desk::proven(PrivateCode::reset_stats, word(wire::kResetIo), 1);
  wrong.back() ^= std::byte{1};
  EXPECT_EQ(error_of(desk.ask(wrong)), PrivateError::authentication);
  EXPECT_EQ(desk.commands_.done_, "");
}

TEST(PrivateChange, IsDoneWithAProofInEitherLayout) {
  Desk desk;
  EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::reset_stats, word(wire::kResetIo), 1), Asker::stranger)),
            PrivateError::none);
  desk.facts_.policy_.keys = ring(1);  // MD5: 16 octets at their fixed place
  EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::read_keys, {}, 0, 1), Asker::stranger)), PrivateError::none);
  EXPECT_EQ(desk.commands_.done_, "reset counts 1\nread keys\n");
}

TEST(PrivateChange, NeedsAStampOfTheLastTenSeconds) {
  Desk desk;
  for (const double skew_s : {-10.5, 10.5}) {
    const auto request = Desk::proven(PrivateCode::read_keys, {}, 0, 5, kNow + Span::from_seconds(skew_s));
    EXPECT_EQ(error_of(desk.ask(request)), PrivateError::authentication) << skew_s;
  }
  for (const double skew_s : {-9.5, 9.5}) {
    const auto request = Desk::proven(PrivateCode::read_keys, {}, 0, 5, kNow + Span::from_seconds(skew_s));
    EXPECT_EQ(error_of(desk.ask(request)), PrivateError::none) << skew_s;
  }
}

TEST(PrivateChange, IsNotDoneTwiceByAReplay) {
  Desk desk;
  desk.commands_.takes_configuration_ = false;
  const auto request = Desk::proven(PrivateCode::set_flags, word(wire::kSwitchMonitor), 1);

  EXPECT_EQ(error_of(desk.ask(request)), PrivateError::request);
  desk.commands_.takes_configuration_ = true;
  EXPECT_EQ(error_of(desk.ask(request, Asker::stranger)), PrivateError::request);  // what it was told before

  EXPECT_EQ(desk.commands_.done_, "enable monitor\n");
}

TEST(PrivateChange, IsNotDoneTwiceThoughManyCameBetween) {
  Desk desk;
  const auto first = Desk::proven(PrivateCode::read_keys);
  desk.ask(first);
  for (int i = 1; i <= 100; ++i) desk.ask(Desk::proven(PrivateCode::read_keys, {}, 0, 5, kNow + Span::from_units(i)));
  desk.commands_.done_.clear();

  EXPECT_EQ(error_of(desk.ask(first)), PrivateError::authentication);
  EXPECT_EQ(desk.commands_.done_, "");
}

TEST(PrivateChange, OfAProvenQuestionCountsOnce) {
  Desk desk;
  add_sources(desk, 40);
  const auto request = Desk::proven(PrivateCode::peer_list);

  EXPECT_EQ(desk.ask(request, Asker::stranger).size(), 3U);
  const auto replayed = desk.ask(request, Asker::stranger);

  EXPECT_LE(octets_of(replayed), request.size());
}

TEST(PrivateChange, BecomesLinesOfTheConfiguration) {
  const auto v4 = [](const char* text) { return *Address::parse(text); };
  struct Row {
    PrivateCode code;
    Octets item;
    const char* text;
  };
  using wire::ConfigureItem;
  const Row rows[] = {
      {PrivateCode::configure,
       Desk::item(ConfigureItem{.remote = v4("10.77.0.6"),
                                .mode = 3,
                                .version = 4,
                                .min_poll_log2s = 6,
                                .max_poll_log2s = 10,
                                .flags = wire::kConfigurePreferred},
                  168),
       "server 10.77.0.6 version 4 minpoll 6 maxpoll 10 prefer\n"},
      {PrivateCode::configure,
       Desk::item(ConfigureItem{.remote = v4("2001:db8::7"),
                                .mode = 1,
                                .version = 3,
                                .min_poll_log2s = 1,
                                .max_poll_log2s = 200,
                                .flags = wire::kConfigureBurst | wire::kConfigureInitialBurst,
                                .key_id = 7},
                  168),
       "peer 2001:db8::7 version 3 minpoll 3 maxpoll 17 key 7 burst iburst\n"},
      {PrivateCode::configure,
       Desk::item(ConfigureItem{.remote = v4("10.77.0.255"),
                                .mode = 5,
                                .version = 4,
                                .min_poll_log2s = 6,
                                .max_poll_log2s = 6,
                                .ttl = 3},
                  144),
       "broadcast 10.77.0.255 version 4 minpoll 6 maxpoll 6 ttl 3\n"},
      {PrivateCode::configure,
       Desk::item(ConfigureItem{.remote = v4("127.127.1.1"),
                                .mode = 3,
                                .version = 3,
                                .min_poll_log2s = 6,
                                .max_poll_log2s = 10,
                                .ttl = 2},
                  168),
       "server 127.127.1.1 minpoll 6 maxpoll 10 mode 2\n"},
      {PrivateCode::unconfigure, Desk::item(wire::UnconfigureItem{v4("10.77.1.0")}, 24), "unpeer 10.77.1.0\n"},
      {PrivateCode::set_flags, word(0x2c), "enable ntp kernel stats\n"},
      {PrivateCode::clear_flags, word(0x10), "disable monitor\n"},
      {PrivateCode::add_restriction,
       Desk::item(wire::RestrictChangeItem{.address = v4("10.9.9.0"), .mask = v4("255.255.255.0"), .flags = 0x180}, 60),
       "restrict 10.9.9.0 mask 255.255.255.0 noquery nomodify\n"},
      {PrivateCode::subtract_restriction,
       Desk::item(wire::RestrictChangeItem{.address = v4("10.9.9.0"),
                                           .mask = v4("255.255.255.0"),
                                           .flags = 0x80,
                                           .match_flags = wire::kMatchNtpPort},
                  60),
       "unrestrict 10.9.9.0 mask 255.255.255.0 ntpport noquery\n"},
      {PrivateCode::delete_restriction,
       Desk::item(wire::RestrictChangeItem{.address = v4("fd77::"), .mask = v4("ffff:ffff::")}, 60),
       "delrestrict fd77:: mask ffff:ffff::\n"},
      {PrivateCode::reset_peer, Desk::item(wire::UnconfigureItem{v4("10.77.1.0")}, 24), "reset 10.77.1.0\n"},
      {PrivateCode::trust_key, Desk::item(wire::KeyItem{.network_order = 0x0b000000}, 8), "trust 11\n"},
      {PrivateCode::untrust_key, Desk::item(wire::KeyItem{.network_order = 2}, 8), "untrust 2\n"},
      {PrivateCode::request_key, Desk::item(wire::KeyItem{.network_order = 2}, 4), "requestkey 2\n"},
      {PrivateCode::control_key, Desk::item(wire::KeyItem{.network_order = 5}, 8), "controlkey 5\n"},
      {PrivateCode::reset_stats, word(0x7d),
       "reset counts 0\nreset counts 2\nreset counts 3\nreset counts 4\nreset counts 5\nreset counts 6\n"},
  };
  for (const Row& row : rows) {
    Desk desk;
    add_sources(desk, 1);
    EXPECT_EQ(error_of(desk.ask(Desk::proven(row.code, row.item, 1))), PrivateError::none) << row.text;
    EXPECT_EQ(desk.commands_.done_, row.text);
  }
}

TEST(PrivateChange, OfAClockIsAFudgeLine) {
  Desk desk;
  desk.facts_.view_.sources.push_back(source(0x7f7f0100, 9));
  desk.facts_.view_.sources.back().clock = state::ClockView{};
  const Address clock = Address::v4(0x7f7f0100);
  for (const wire::FudgeItem& item : {wire::FudgeItem{.clock = clock, .what = 1, .time_s = -0.25},
                                      wire::FudgeItem{.clock = clock, .what = 3, .value = 7},
                                      wire::FudgeItem{.clock = clock, .what = 4, .value = 0x47505300},
                                      wire::FudgeItem{.clock = clock, .what = 5, .value = 9}})
    EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::set_fudge, Desk::item(item, 20), 1))), PrivateError::none);
  EXPECT_EQ(desk.commands_.done_,
            "fudge 127.127.1.0 time1 -0.250000000\nfudge 127.127.1.0 stratum 7\nfudge 127.127.1.0 refid GPS\n"
            "fudge 127.127.1.0 flag1 1 flag2 0 flag3 0 flag4 1\n");
  // Octets of a refid never get into the configuration as they are.
  const wire::FudgeItem hostile{.clock = clock, .what = 4, .value = 0x410a6b65};
  EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::set_fudge, Desk::item(hostile, 20), 1))), PrivateError::format);
}

TEST(PrivateChange, OfTrapsIsKeptByTheService) {
  Desk desk;
  const auto item = Desk::item(wire::TrapChangeItem{.remote = Address::v4(0x0a4d000c), .port = 18447}, 48);
  EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::add_trap, item, 1))), PrivateError::none);
  const auto traps = items_of<wire::TrapItem>(desk.ask(PrivateCode::traps));
  ASSERT_EQ(traps.size(), 1U);
  EXPECT_EQ(traps[0].port, 18447);
  EXPECT_EQ(traps[0].flags, wire::kTrapInUse | wire::kTrapConfigured);
  EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::clear_trap, item, 1))), PrivateError::none);
  EXPECT_EQ(error_of(desk.ask(PrivateCode::traps)), PrivateError::no_data);
}

TEST(PrivateChange, ReloadsInterfacesAndTellsThemApart) {
  Desk desk;
  desk.facts_.interfaces_ = {
      {.number = 1, .name = "v4wildcard", .flags = state::kInterfaceWildcard},
      {.number = 2, .name = "lo", .address = {Address::v4(0x7f000001), 123}, .is_enabled = true}};
  EXPECT_EQ(items_of<wire::InterfaceItem>(desk.ask(Desk::proven(PrivateCode::interface_stats))).size(), 2U);

  const auto items = items_of<wire::InterfaceItem>(desk.ask(Desk::proven(PrivateCode::interface_reload)));

  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].name, "lo");
  EXPECT_EQ(desk.commands_.done_, "read interfaces\n");
}

// ---- clients --------------------------------------------------------------------------------------------------------

TEST(PrivateClients, AreToldToThisHostAndToWhoHasALineOrAProof) {
  Desk desk;
  add_clients(desk, 20);

  for (const Asker asker : {Asker::this_host, Asker::own_line}) {
    const auto items = items_of<wire::ClientItem>(desk.ask(PrivateCode::client_list, asker));
    ASSERT_EQ(items.size(), 20U);
    EXPECT_EQ(items[0].port, 1234);
    EXPECT_EQ(items[0].local, Address());  // it isn't kept: the asker's own would be wrong
    EXPECT_EQ(items[0].mode, 3);
  }
  EXPECT_EQ(items_of<wire::ClientItem>(desk.ask(Desk::proven(PrivateCode::client_list), Asker::stranger)).size(), 20U);
  EXPECT_EQ(items_of<wire::OldClientItem>(desk.ask(PrivateCode::client_list_old)).size(), 20U);
}

TEST(PrivateClients, AreAtMostSixHundredInAHundredDatagrams) {
  Desk desk;
  add_clients(desk, 1000);
  const auto replies = desk.ask(PrivateCode::client_list);
  EXPECT_EQ(replies.size(), 100U);
  EXPECT_EQ(items_of<wire::ClientItem>(replies).size(), 600U);
}

TEST(PrivateClients, AreNotToldWhereNomrulistForbidsIt) {
  Desk desk;
  add_clients(desk, 20);
  desk.access_ = Access::nomrulist;
  EXPECT_EQ(error_of(desk.ask(PrivateCode::client_list)), PrivateError::no_data);
}

// ---- attacks --------------------------------------------------------------------------------------------------------

/// nmap's and Metasploit's requests, as security tools send them: version 2, implementation 3, no items.
Octets probe(PrivateCode code, std::size_t length) {
  Octets octets(length);
  wire::encode_private_header({.code = static_cast<std::uint8_t>(code)}, octets);
  return octets;
}

TEST(PrivateAttack, Cve20135211MonlistIsNoReflector) {
  Desk desk;
  add_clients(desk, 700);
  for (const PrivateCode code : {PrivateCode::client_list, PrivateCode::client_list_old})
    for (const std::size_t length : {8U, 48U, 192U}) {
      const auto replies = desk.ask(probe(code, length), Asker::stranger);
      ASSERT_EQ(replies.size(), 1U);
      EXPECT_EQ(replies[0].size(), 8U);
      EXPECT_EQ(error_of(replies), PrivateError::no_data);
    }
}

TEST(PrivateAttack, Cve20135211ListsToStrangersAmplifyNothing) {
  // Metasploit's rule: vulnerable if more than one datagram comes, or more octets than were sent.
  Desk desk;
  add_sources(desk, 200);
  for (std::uint32_t i = 0; i < 400; ++i) desk.facts_.hits_.push_back(i);
  std::vector<policy::AccessRule> rules;
  for (std::uint32_t i = 0; i < 400; ++i) rules.push_back({Address::v4(0x0a000000U + i), Address::v4(0xffffffff)});
  desk.facts_.policy_.access = policy::AccessList(std::move(rules));
  for (int code = 0; code < 256; ++code)
    for (int implementation = 0; implementation < 4; ++implementation)
      for (const std::size_t length : {8U, 48U, 188U, 192U}) {
        Octets request = probe(static_cast<PrivateCode>(code), length);
        request[2] = static_cast<std::byte>(implementation);
        const auto replies = desk.ask(request, Asker::stranger);
        EXPECT_LE(replies.size(), 1U);
        EXPECT_LE(octets_of(replies), length) << code << " " << implementation;
      }
}

TEST(PrivateAttack, Cve20093563NoResponseIsAnswered) {
  // An error reply sent to another server must end there: every version, with and without the other bits.
  Desk desk;
  for (unsigned first = 0; first < 256; ++first) {
    if ((first & 7U) != 7) continue;
    for (const PrivateError error : {PrivateError::none, PrivateError::format, PrivateError::authentication}) {
      Octets datagram = probe(PrivateCode::client_list, 8);
      datagram[0] = static_cast<std::byte>(first);
      datagram[4] = static_cast<std::byte>(static_cast<unsigned>(error) << 4U);
      const auto replies = desk.ask(datagram);
      if ((first & 0x80U) != 0 || error != PrivateError::none) {
        EXPECT_TRUE(replies.empty()) << first;
      }
      for (const Octets& reply : replies) EXPECT_TRUE(desk.ask(reply).empty());
    }
  }
}

TEST(PrivateAttack, Cve20157848CountsBeyondTheDatagramAreRefused) {
  Desk desk;
  add_sources(desk, 1);
  for (const std::uint16_t count : std::initializer_list<std::uint16_t>{2, 100, 4095})
    for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 8, 32, 4095}) {
      Octets request = Desk::request(PrivateCode::peer_info, peer_items({0x0a4d0100}), 1);
      wire::encode_private_header(
          {.code = static_cast<std::uint8_t>(PrivateCode::peer_info), .item_count = count, .item_length = length},
          request);
      const std::size_t items = std::size_t{count} * length;
      if ((length == 8 || length == 32) && items <= 176) continue;
      EXPECT_EQ(error_of(desk.ask(request)), PrivateError::format) << count << " " << length;
    }
  // Cut off behind the header.
  const Octets request = Desk::request(PrivateCode::peer_info, peer_items({0x0a4d0100}), 1);
  for (std::size_t length = 8; length < 40; ++length)
    EXPECT_EQ(error_of(desk.ask(Bytes(request).first(length))), PrivateError::format);
  for (std::size_t length = 0; length < 8; ++length) EXPECT_TRUE(desk.ask(Bytes(request).first(length)).empty());
}

TEST(PrivateAttack, Cve20157977Cve20157978AHundredThousandRestrictionsAreAList) {
  // Neither recursion nor a null list, and no long work: what the datagrams' numbers can tell apart is sent, and no more.
  Desk desk;
  std::vector<policy::AccessRule> rules;
  for (std::uint32_t i = 0; i < 100'000; ++i) rules.push_back({Address::v4(0x0a000000U + i), Address::v4(0xffffffff)});
  desk.facts_.policy_.access = policy::AccessList(std::move(rules));

  const auto replies = desk.ask(PrivateCode::restrict_list);

  ASSERT_EQ(replies.size(), 128U);
  EXPECT_EQ(items_of<wire::RestrictItem>(replies).size(), 128U * 8);
  EXPECT_EQ(items_of<wire::RestrictItem>(replies)[0].address, Address::v4(0x0a000000));
  EXPECT_FALSE(header_of(replies.back()).has_more);
  EXPECT_EQ(desk.ask(probe(PrivateCode::restrict_list, 8), Asker::stranger)[0].size(), 8U);
}

TEST(PrivateAttack, Cve20162517KeysThatProveChangesCannotBeLost) {
  Desk desk;
  const auto answer_to = [&](PrivateCode code, std::uint32_t id) {
    return error_of(desk.ask(Desk::proven(code, Desk::item(wire::KeyItem{.network_order = id}, 8), 1)));
  };
  for (const PrivateCode code : {PrivateCode::request_key, PrivateCode::control_key}) {
    for (const std::uint32_t id : {0U, 65536U, 65537U}) EXPECT_EQ(answer_to(code, id), PrivateError::format) << id;
    // Not trusted, not there.
    for (const std::uint32_t id : {11U, 77U}) EXPECT_EQ(answer_to(code, id), PrivateError::no_data) << id;
  }
  // The control key and the request key.
  for (const std::uint32_t id : {1U, 5U})
    EXPECT_EQ(answer_to(PrivateCode::untrust_key, id), PrivateError::authentication) << id;
  EXPECT_EQ(desk.commands_.done_, "");
}

TEST(PrivateAttack, Cve20162518ModesThatThereAreNotMakeNoAssociation) {
  Desk desk;
  for (unsigned mode = 0; mode < 256; ++mode) {
    if (mode == 1 || mode == 3 || mode == 5) continue;
    const auto item = Desk::item(
        wire::ConfigureItem{.remote = Address::v4(0x0a4d0006), .mode = static_cast<std::uint8_t>(mode), .version = 4},
        168);
    EXPECT_EQ(error_of(desk.ask(Desk::proven(PrivateCode::configure, item, 1, 5, kNow + Span::from_units(mode)))),
              PrivateError::format);
  }
  EXPECT_EQ(desk.commands_.done_, "");
}

TEST(PrivateAttack, NmapMonlistSilentByDefaultAndAnsweredWhereOpened) {
  Desk desk;
  add_clients(desk, 20);
  add_sources(desk, 4);
  const Octets request = probe(PrivateCode::client_list, 48);  // 17 00 03 2a and zeros
  ASSERT_EQ(request[0], std::byte{0x17});

  SeededRandom random(1);
  Service closed(desk.facts_, desk.commands_, random, {});
  Replies out;
  closed.answer({.remote = desk.remote_, .payload = request, .is_this_host = true}, {}, out);
  EXPECT_EQ(out.size(), 0U);

  // What the script asks for: R bit, version 2, same codes, no error, items of 72 octets, sequence in a row.
  const auto replies = desk.ask(request, Asker::own_line);
  ASSERT_EQ(replies.size(), 4U);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const wire::PrivateHeader header = header_of(replies[i]);
    EXPECT_EQ(std::to_integer<unsigned>(replies[i][0]) & 0xbfU, 0x97U);
    EXPECT_EQ(header.implementation, 3);
    EXPECT_EQ(header.code, 42);
    EXPECT_EQ(header.item_length, 72);
    EXPECT_EQ(header.sequence, i);
    EXPECT_LE(std::size_t{header.item_count} * 72 + 8, replies[i].size());
  }
  const auto peers = desk.ask(probe(PrivateCode::peer_list, 48), Asker::own_line);
  ASSERT_EQ(peers.size(), 1U);
  EXPECT_EQ(header_of(peers[0]).item_length, 32);
}

TEST(PrivateAttack, AMillionRandomDatagramsCrashNothingAndAmplifyNothing) {
  Desk desk;
  add_sources(desk, 50);
  add_clients(desk, 50);
  SeededRandom random(7);
  Octets datagram(240);
  Replies out;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::size_t length = random.next64() % (datagram.size() + 1);
    for (std::size_t at = 0; at < length; at += 8) {
      const std::uint64_t bits = random.next64();
      for (std::size_t k = at; k < std::min(at + 8, length); ++k)
        datagram[k] = static_cast<std::byte>(bits >> (8 * (k - at)));
    }
    // Two of three get far: a header that makes sense, codes that there are.
    if (length >= 8 && i % 3 != 0) {
      const auto operations = wire::private_operations();
      const auto& operation = operations[random.next64() % operations.size()];
      const auto item_length = operation.request.of(i % 2 == 0);
      wire::encode_private_header({.is_authenticated = i % 5 == 0,
                                   .implementation = static_cast<std::uint8_t>(2 + i % 2),
                                   .code = static_cast<std::uint8_t>(operation.code),
                                   .item_count = static_cast<std::uint16_t>(item_length == 0 ? 0 : random.next64() % 5),
                                   .item_length = item_length},
                                  datagram);
    }
    out.clear();
    desk.service_.answer({.remote = desk.remote_, .payload = Bytes(datagram).first(length)}, {.real = kNow}, out);
    ASSERT_LE(out.size(), 1U);
    if (out.size() == 1) {
      ASSERT_LE(out[0].payload.size(), length);
    }
  }
  EXPECT_EQ(desk.commands_.done_, "");
}

}  // namespace
}  // namespace ntp::control::private_test
