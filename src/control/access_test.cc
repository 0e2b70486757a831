// SPDX-License-Identifier: BSD-2-Clause
//
// Who is told how much: this host and the owner of the control key, hosts with a restrict line of their own, strangers.
#include <gtest/gtest.h>

#include "control/control_test_kit.h"

namespace ntp::control::test {
namespace {

using policy::Access;
using wire::ControlError;
using wire::ControlOpcode;

constexpr std::array kAllOpcodes = {
    ControlOpcode::read_status,  ControlOpcode::read_variables,    ControlOpcode::write_variables,
    ControlOpcode::read_clock,   ControlOpcode::write_clock,       ControlOpcode::set_trap,
    ControlOpcode::asynchronous, ControlOpcode::configure,         ControlOpcode::save_configuration,
    ControlOpcode::read_clients, ControlOpcode::read_ordered_list, ControlOpcode::request_nonce,
    ControlOpcode::unset_trap,   ControlOpcode::unspecified};

class Access6 : public testing::Test {
 protected:
  Access6() {
    bench.facts.the_host.version = "ntpd meridian";
    for (std::uint16_t id = 1; id <= 10; ++id) {
      state::SourceView source{.association_id = id, .name = "a.example", .status = 0x9614};
      source.remote = {Address::v4(0xc0000200U + id), 123};
      bench.facts.the_view.sources.push_back(source);
    }
  }

  /// What our tools do with a server that tells a part at a time.
  std::string fetch_in_parts(const Ask& what) {
    std::string data;
    for (int i = 0; i < 100; ++i) {
      Ask next = what;
      const std::string request = padded(what.data);
      next.data = request;
      next.offset = static_cast<std::uint16_t>(data.size());
      const auto replies = bench.ask(next);
      if (replies.size() != 1 || replies[0].header.is_error) return "error";
      EXPECT_LE(replies[0].length, 476U);
      EXPECT_EQ(replies[0].header.offset, data.size());
      data += replies[0].data;
      if (!replies[0].header.has_more) return data;
      EXPECT_LT(replies[0].header.count, 468U) << "that is how it is known from a datagram of many";
    }
    return "endless";
  }

  Bench bench;
};

TEST_F(Access6, StrangersShortRequestIsAnsweredByAnErrorOfItsLength) {
  const auto replies = bench.ask({.opcode = ControlOpcode::read_variables});

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].length, 12U);
  EXPECT_TRUE(replies[0].is_error(ControlError::permission));
}

TEST_F(Access6, StrangersFetchInPartsWhatOthersGetAtOnce) {
  for (const Ask& ask : {Ask{.opcode = ControlOpcode::read_variables}, Ask{.opcode = ControlOpcode::read_status},
                         Ask{.opcode = ControlOpcode::read_variables, .association_id = 3},
                         Ask{.opcode = ControlOpcode::read_variables, .data = "sys_var_list,version"}}) {
    bench.has_own_line = false;
    const std::string in_parts = fetch_in_parts(ask);
    bench.has_own_line = true;
    const std::string at_once = whole_data(bench.ask(ask));

    EXPECT_EQ(in_parts, at_once);
    EXPECT_FALSE(at_once.empty());
  }
}

TEST_F(Access6, PartsOfAnAnswerFitTogetherThoughTheFactsChange) {
  const std::string names = padded("sys_var_list,version,ss_received");
  const auto first = bench.ask({.data = names});
  ASSERT_EQ(first.size(), 1U);
  ASSERT_TRUE(first[0].header.has_more);

  bench.facts.the_host.version = "changed, and much longer than it was before";
  const auto second = bench.ask({.data = names, .offset = first[0].header.count});
  bench.wait(2);
  const auto later = bench.ask({.data = names});

  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].data.find("changed"), std::string::npos);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_NE(later[0].data.find("changed"), std::string::npos) << "a second later it is made anew";
}

TEST_F(Access6, QuestionsByNamesPushOutNoPartsOfABillboard) {
  const auto first = bench.ask({.data = padded(""), .association_id = 1});
  ASSERT_EQ(first.size(), 1U);
  for (int i = 1; i <= 200; ++i) {
    bench.wait(0.001);
    bench.ask({.data = padded("leap," + std::string(static_cast<std::size_t>(i), ',') + "stratum")});
  }
  bench.facts.the_view.sources[0].name = "changed, and much longer than it was before";

  const auto again = bench.ask({.data = padded(""), .association_id = 1});

  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].data, first[0].data) << "it was kept";
  bench.wait(2);
  EXPECT_NE(bench.ask({.data = padded(""), .association_id = 1}).at(0).data, first[0].data);
}

TEST_F(Access6, AnOffsetBeyondTheAnswerIsABadValue) {
  const auto replies = bench.ask({.data = padded("leap"), .offset = 60000});

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_TRUE(replies[0].is_error(ControlError::bad_value));
}

TEST_F(Access6, OwnLineGetsTheClassicAnswer) {
  bench.has_own_line = true;

  const auto replies = bench.ask({.association_id = 1});

  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].header.count, 468U);
  EXPECT_TRUE(replies[0].header.has_more);
  EXPECT_EQ(replies[1].header.offset, 468U);
  EXPECT_FALSE(replies[1].header.has_more);
}

TEST_F(Access6, AmplifyIsAsGoodAsAnOwnLine) {
  bench.access = Access::amplify;

  EXPECT_EQ(bench.ask({.association_id = 1}).size(), 2U);
}

TEST_F(Access6, ControlKeyIsAsGoodAsThisHost) {
  EXPECT_EQ(bench.ask({.association_id = 1, .key = bench.key(1)}).size(), 2U);
  EXPECT_EQ(bench.ask({.association_id = 1, .key = bench.key(2)}).size(), 1U) << "another key is not";
}

TEST_F(Access6, MacMayBeginBehindEitherPadding) {
  bench.access = Access::replayable;
  const std::string data(4, ' ');  // 16 octets: 16 for both; with none, 12 and 16
  for (const std::size_t alignment : {std::size_t{4}, std::size_t{8}})
    for (const std::string& names : {std::string(), data, std::string("leap,stratum")}) {
      const auto replies = bench.ask({.opcode = ControlOpcode::read_ordered_list,
                                      .data = names.starts_with("leap") ? "addr_restrictions" : "ifstats",
                                      .key = bench.key(1),
                                      .mac_alignment = alignment});
      ASSERT_EQ(replies.size(), 1U);
      EXPECT_FALSE(replies[0].header.is_error) << alignment;
    }
}

TEST_F(Access6, KeyOfAnotherAddressProvesNothing) {
  bench.access = Access::replayable;
  policy::Key bound = make_key(1);
  bound.addresses = {{.address = Address::v4(0xc0000200), .prefix_length = 24}};
  bench.use_keys({bound}, 1);

  const auto refused = bench.ask({.opcode = ControlOpcode::read_ordered_list, .key = bench.key(1)});
  bench.remote = {Address::v4(0xc0000263), 40000};
  const auto allowed = bench.ask({.opcode = ControlOpcode::read_ordered_list, .key = bench.key(1)});

  ASSERT_EQ(refused.size(), 1U);
  EXPECT_TRUE(refused[0].is_error(ControlError::permission));
  ASSERT_EQ(allowed.size(), 1U);
  EXPECT_FALSE(allowed[0].header.is_error);
}

TEST_F(Access6, BudgetOfAPrefixLastsForABillboardAndThenFillsSlowly) {
  bench.has_own_line = true;
  const auto sent_in = [&](int requests) {
    std::size_t octets = 0;
    for (int i = 0; i < requests; ++i)
      for (const Reply& reply : bench.ask({.association_id = static_cast<std::uint16_t>(1 + i % 10)}))
        octets += reply.length;
    return octets;
  };

  const std::size_t billboard = sent_in(10);
  const std::size_t flood = sent_in(10'000);
  bench.wait(100);
  const std::size_t after_a_pause = sent_in(10'000);

  EXPECT_GT(billboard, 4000U);
  EXPECT_LE(billboard + flood, 40'960U);
  EXPECT_GT(billboard + flood, 40'000U);
  EXPECT_LE(after_a_pause, 40'960U);
  EXPECT_GT(bench.service.counts(bench.now.mono).over_budget, 9'000U);
}

TEST_F(Access6, AllPrefixesTogetherHaveABudgetToo) {
  bench.has_own_line = true;
  std::size_t octets = 0;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    bench.remote.address = Address::v4(0x0a000000U + (i << 8U));
    for (const Reply& reply : bench.ask({.association_id = 1})) octets += reply.length;
  }

  EXPECT_LE(octets, 655'360U);
  EXPECT_GT(octets, 500'000U);
}

TEST_F(Access6, ReplayedProofsAreNoAmplifier) {
  // Each of these was proven once, and comes again under the address of somebody else.
  const Octets captured = request({.association_id = 1, .key = bench.key(1)});
  bench.remote = {Address::v4(0xcb007105), 123};
  std::size_t octets = 0;
  for (int i = 0; i < 10'000; ++i)
    for (const Reply& reply : bench.send(captured)) octets += reply.length;

  EXPECT_GT(octets, 40'000U);
  EXPECT_LE(octets, 41'960U) << "the last one may be owed";
}

TEST_F(Access6, ReplayedProofsUseUpNobodyElsesBudget) {
  const Octets captured = request({.association_id = 1, .key = bench.key(1)});
  const Endpoint asker = bench.remote;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    bench.remote.address = Address::v4(0x0a000000U + (i << 8U));
    bench.send(captured);
  }
  bench.remote = asker;
  for (int i = 0; i < 10'000; ++i) bench.send(captured);

  bench.has_own_line = true;
  EXPECT_EQ(bench.ask({.association_id = 1}).size(), 2U);
}

TEST_F(Access6, ListsOfAddressesAndRulesTakeANonceFromAnotherHost) {
  const auto list = [&](std::string_view data) {
    return bench.ask({.opcode = ControlOpcode::read_ordered_list, .data = data, .key = bench.key(1)}).at(0);
  };
  EXPECT_TRUE(list("ifstats").is_error(ControlError::permission));
  const std::string nonced = "#nonce=" + bench.nonce() + "\naddr_restrictions";
  EXPECT_FALSE(list(nonced).header.is_error);
  bench.wait(17);
  EXPECT_TRUE(list(nonced).is_error(ControlError::permission));

  bench.access = Access::replayable;
  EXPECT_FALSE(list("ifstats").header.is_error);
  bench.access = Access::none;
  bench.be_this_host();
  EXPECT_FALSE(list("ifstats").header.is_error);
}

TEST_F(Access6, ALongAnswerToTheKeyMayBeOwed) {
  bench.access = Access::replayable;
  std::vector<policy::AccessRule> rules;
  for (std::uint32_t i = 0; i < 2000; ++i)
    rules.push_back({.address = Address::v4(0x0a000000U + i), .mask = Address::v4(0xffffffff)});
  bench.facts.the_policy.access = policy::AccessList(rules);
  const auto list = [&] {
    return bench.ask({.opcode = ControlOpcode::read_ordered_list, .data = "addr_restrictions", .key = bench.key(1)});
  };

  EXPECT_EQ(list().size(), 128U);
  EXPECT_TRUE(list().empty());
  bench.wait(7);
  EXPECT_EQ(list().size(), 128U);
}

TEST_F(Access6, ThisHostHasNoBudget) {
  bench.be_this_host();
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(bench.ask({.association_id = 1}).size(), 2U);
}

TEST_F(Access6, NoqueryIsSilenceForEverybody) {
  bench.access = Access::noquery;
  for (const ControlOpcode opcode : kAllOpcodes) {
    EXPECT_TRUE(bench.ask({.opcode = opcode}).empty());
    EXPECT_TRUE(bench.ask({.opcode = opcode, .key = bench.key(1)}).empty());
  }
  bench.be_this_host();
  EXPECT_TRUE(bench.ask({}).empty());
}

TEST_F(Access6, ListsOfClientsAreForThisHostAndTheKey) {
  bench.facts.the_clients = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = 10},
                                                                  std::array<std::uint64_t, 2>{1, 2});
  const std::string asked = padded("nonce=" + bench.nonce() + ", frags=32");

  bench.has_own_line = true;
  const auto own_line = bench.ask({.opcode = ControlOpcode::read_clients, .data = asked});
  const auto proven = bench.ask({.opcode = ControlOpcode::read_clients, .data = asked, .key = bench.key(1)});
  bench.access = Access::nomrulist;
  const auto forbidden = bench.ask({.opcode = ControlOpcode::read_clients, .data = asked, .key = bench.key(1)});

  ASSERT_EQ(own_line.size(), 1U);
  EXPECT_TRUE(own_line[0].is_error(ControlError::permission));
  ASSERT_EQ(proven.size(), 1U);
  EXPECT_TRUE(proven[0].data.starts_with("nonce="));
  ASSERT_EQ(forbidden.size(), 1U);
  EXPECT_TRUE(forbidden[0].is_error(ControlError::permission));
}

TEST_F(Access6, RequestsOfOtherVersionsAndKindsGetNothing) {
  const auto with_first = [&](unsigned first, unsigned second) {
    Octets octets = request({});
    octets[0] = static_cast<std::byte>(first);
    octets[1] = static_cast<std::byte>(second);
    return bench.send(octets).size();
  };

  EXPECT_EQ(with_first(0x06, 0x02), 0U) << "version 0";
  EXPECT_EQ(with_first(0x0e, 0x02), 1U) << "version 1";
  EXPECT_EQ(with_first(0x26, 0x02), 1U) << "version 4";
  EXPECT_EQ(with_first(0x2e, 0x02), 0U) << "version 5";
  EXPECT_EQ(with_first(0x16, 0x82), 0U) << "a response";
  EXPECT_EQ(with_first(0x16, 0x42), 0U) << "an error";
  EXPECT_EQ(with_first(0x16, 0x22), 0U) << "a fragment";
  const auto counts = bench.service.counts(bench.now.mono);
  EXPECT_EQ(counts.bad_version, 2U);
  EXPECT_EQ(counts.is_response, 1U);
  EXPECT_EQ(counts.has_error, 1U);
  EXPECT_EQ(counts.is_fragment, 1U);
}

// What scanners and attackers send, by the names of reference lists.

/// No stranger gets a second datagram, or one longer than its request.
void expect_no_amplification(Bench& bench, const Octets& probe) {
  const auto replies = bench.send(probe);

  EXPECT_LE(replies.size(), 1U);
  for (const Reply& reply : replies) {
    EXPECT_LE(reply.length, probe.size());
    EXPECT_EQ(reply.to, bench.remote);
  }
}

TEST_F(Access6, Metasploit_ntp_readvar) { expect_no_amplification(bench, request({.sequence = 0})); }
TEST_F(Access6, Metasploit_ntp_req_nonce_dos) {
  expect_no_amplification(bench, request({.opcode = ControlOpcode::request_nonce}));
}
TEST_F(Access6, Metasploit_ntp_unsettrap_dos) {
  expect_no_amplification(bench, request({.opcode = ControlOpcode::unset_trap}));
}
TEST_F(Access6, Metasploit_ntp_protocol_fuzzer) {
  SeededRandom random(3);
  for (unsigned version = 2; version <= 4; ++version)
    for (unsigned opcode = 0; opcode < 32; ++opcode) {
      Octets probe = request({.opcode = static_cast<ControlOpcode>(opcode)});
      probe[0] = static_cast<std::byte>(version << 3U | 6U);
      expect_no_amplification(bench, probe);
    }
  for (const std::size_t length : {0U, 1U, 2U, 3U, 4U, 20U, 48U})
    for (int i = 0; i < 100; ++i) {
      Octets probe(length);
      for (std::byte& b : probe) b = static_cast<std::byte>(random.next64());
      if (!probe.empty()) probe[0] = (probe[0] & std::byte{0xf8}) | std::byte{6};
      expect_no_amplification(bench, probe);
    }
}
TEST_F(Access6, Nmap_ntp_info_IsToldWhereALineOfItsOwnLetsIt) {
  const Octets probe = {std::byte{0x16}, std::byte{0x02}, std::byte{0}, std::byte{1}, std::byte{0}, std::byte{0},
                        std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}};
  expect_no_amplification(bench, probe);

  bench.has_own_line = true;
  const auto replies = bench.send(probe);

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].header.version, 2U);
  EXPECT_TRUE(replies[0].data.starts_with("version=\"ntpd meridian\""));
}

TEST_F(Access6, CVE_2014_0021_NoReplyIsLongerThanAStrangersRequest) {
  for (const ControlOpcode opcode : kAllOpcodes)
    for (std::size_t length = 0; length <= 480; length += 4) {
      const std::string data(length, ' ');
      expect_no_amplification(bench, request({.opcode = opcode, .data = data}));
      expect_no_amplification(bench, request({.opcode = opcode, .data = data, .key = bench.key(2)}));
      expect_no_amplification(bench, request({.opcode = opcode, .data = data, .association_id = 1}));
    }
}

TEST_F(Access6, CVE_2010_0292_JunkIsNotAnswered) {
  for (std::size_t length = 0; length < 12; ++length) {
    Octets junk(length, std::byte{0x16});
    EXPECT_TRUE(bench.send(junk).empty()) << length;
  }
  EXPECT_EQ(bench.service.counts(bench.now.mono).too_short, 11U) << "an empty one is no mode 6";
}

TEST_F(Access6, CVE_2009_3563_RepliesAreNeverAnswered) {
  bench.be_this_host();
  for (const ControlOpcode opcode : kAllOpcodes)
    for (const Reply& reply : bench.ask({.opcode = opcode})) EXPECT_TRUE(bench.send(reply.octets).empty());
}

TEST_F(Access6, CVE_2015_8139_NoStampThatProvesAnAnswerIsTold) {
  // The transmit stamp of a request that is under way is known to nobody but its sender: no variable has it.
  bench.be_this_host();
  const std::string names = whole_data(bench.ask({.data = "peer_var_list", .association_id = 1}));

  EXPECT_EQ(names.find("xmt"), std::string::npos);
  EXPECT_NE(names.find("org"), std::string::npos) << "of the last exchange, which is over";
}

TEST_F(Access6, CVE_2016_9310_StrangersSetAndUnsetNoTraps) {
  for (const ControlOpcode opcode : {ControlOpcode::set_trap, ControlOpcode::unset_trap}) {
    const auto replies = bench.ask({.opcode = opcode});
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_TRUE(replies[0].is_error(ControlError::permission));
  }
  bench.has_own_line = true;
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::set_trap}).at(0).is_error(ControlError::permission));

  bench.replies.clear();
  bench.service.report(0, 5, bench.now, bench.replies);
  EXPECT_EQ(bench.replies.size(), 0U);
}

TEST_F(Access6, CVE_2016_9311_EventsWithoutASourceReportNothing) {
  bench.be_this_host();
  ASSERT_FALSE(bench.ask({.opcode = ControlOpcode::set_trap}).at(0).header.is_error);
  bench.facts.the_view.sources.clear();

  bench.replies.clear();
  bench.service.report(1, 0x81, bench.now, bench.replies);
  EXPECT_EQ(bench.replies.size(), 0U);
}

// Malformed control packets, each with the id of the flaw that it struck elsewhere.

TEST_F(Access6, CVE_2016_2518_ModesBeyondTheTablesAreNumbers) {
  bench.be_this_host();
  bench.facts.the_view.sources[0].mode = static_cast<wire::Mode>(15);
  bench.facts.the_view.sources[0].peer_mode = static_cast<wire::Mode>(255);

  EXPECT_EQ(whole_data(bench.ask({.data = "hmode,pmode", .association_id = 1})), "hmode=15, pmode=255\r\n");
}

TEST_F(Access6, CVE_2015_7855_LongAddressesAreRefused) {
  bench.be_this_host();
  const std::string asked = "nonce=" + bench.nonce() + ", frags=32, laddr=[" + std::string(200, '1') + "]:123";

  const auto replies = bench.ask({.opcode = ControlOpcode::read_clients, .data = asked});

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_TRUE(replies[0].is_error(ControlError::bad_value));
}

TEST_F(Access6, CVE_2017_6458_LongNamesAreUnknownOnes) {
  bench.be_this_host();
  for (const std::size_t length : {100U, 400U, 468U, 900U}) {
    const std::string name(length, 'a');
    const auto replies = bench.ask({.data = name});
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_TRUE(replies[0].is_error(ControlError::unknown_variable));
  }
  bench.facts.the_variables.set({.name = std::string(64, 'n'), .value = std::string(400, 'v'), .is_default = true});
  EXPECT_NE(whole_data(bench.ask({})).find(std::string(400, 'v')), std::string::npos);
}

TEST_F(Access6, CVE_2016_2519_ManyOwnVariablesAreTold) {
  bench.be_this_host();
  for (int i = 0; i < 1000; ++i)
    bench.facts.the_variables.set({.name = "v" + std::to_string(i), .value = "x", .is_default = true});

  const std::string data = whole_data(bench.ask({}));

  EXPECT_NE(data.find("v999=x"), std::string::npos);
}

TEST_F(Access6, CVE_2016_2519_MoreOwnVariablesThanAnAnswerHoldsAreCutOff) {
  bench.be_this_host();
  for (int i = 0; i < 400; ++i)
    bench.facts.the_variables.set(
        {.name = "v" + std::to_string(i), .value = std::string(400, 'x'), .is_default = true});

  const auto replies = bench.ask({});

  EXPECT_LE(replies.size(), 128U);
  const std::string data = whole_data(replies);
  EXPECT_GT(data.size(), 50'000U) << "no gap: offsets didn't wrap";
  EXPECT_TRUE(data.starts_with("version="));
}

TEST_F(Access6, CVE_2018_7182_CountsBeyondTheDatagramAreABadFormat) {
  bench.be_this_host();
  for (const unsigned count : {1U, 4U, 468U, 469U, 0x7fffU, 0xffffU}) {
    Octets short_packet = request({.opcode = ControlOpcode::read_variables});
    store_big_endian(MutableBytes(short_packet), 10, static_cast<std::uint16_t>(count));
    const auto replies = bench.send(short_packet);
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_TRUE(replies[0].is_error(ControlError::bad_format)) << count;
  }
  EXPECT_EQ(bench.service.counts(bench.now.mono).data_short, 6U);
}

TEST_F(Access6, CVE_2019_8936_WritesWithoutAKeyRingAreRefused) {
  bench.facts.the_policy.keys = nullptr;
  const policy::Key key = make_key(1);
  for (const ControlOpcode opcode :
       {ControlOpcode::write_variables, ControlOpcode::write_clock, ControlOpcode::configure,
        ControlOpcode::save_configuration, ControlOpcode::read_ordered_list, ControlOpcode::set_trap}) {
    const auto replies = bench.ask({.opcode = opcode, .data = "leap=0", .key = &key});
    EXPECT_EQ(replies.size(), 1U);
    for (const Reply& reply : replies) EXPECT_TRUE(reply.header.is_error) << static_cast<int>(opcode);
  }
  EXPECT_TRUE(bench.commands.configured.empty());
}

TEST_F(Access6, CVE_2016_7434_OddRequestsForClientsCrashNothing) {
  bench.be_this_host();
  bench.facts.the_clients = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = 10},
                                                                  std::array<std::uint64_t, 2>{1, 2});
  const std::string nonce = "nonce=" + bench.nonce();
  for (const char* rest :
       {"", ",", ", frags", ", frags=", ", frags=-1", ", frags=99999999999", ", limit=0", ", limit=257", ", frags=0",
        ", frags=129", ", mincount=", ", frags=1, addr.0=", ", frags=1, last.0=0x",
        ", frags=1, addr.99999=1, last.-1=0x.", ", frags=1, addr.0=[::1:123, last.0=0x1.1"}) {
    const auto replies = bench.ask({.opcode = ControlOpcode::read_clients, .data = nonce + rest});
    ASSERT_EQ(replies.size(), 1U) << rest;
    EXPECT_TRUE(replies[0].is_error(ControlError::bad_value) || replies[0].data.starts_with("nonce=")) << rest;
  }
  EXPECT_TRUE(bench.ask({.opcode = ControlOpcode::read_clients}).empty()) << "no nonce, no answer";
}

TEST_F(Access6, CVE_2012_4502_ItemsAreCountedByWhatIsThere) {
  bench.be_this_host();
  Octets octets = request({.data = "leap"});
  store_big_endian(MutableBytes(octets), 10, std::uint16_t{3});

  EXPECT_TRUE(bench.send(octets).at(0).is_error(ControlError::unknown_variable)) << "lea";
}

TEST_F(Access6, CVE_2015_1822_PaddingIsZero) {
  bench.be_this_host();
  bench.ask({.association_id = 1});
  for (const Reply& reply : bench.ask({.data = "leap", .key = bench.key(1)}))
    for (std::size_t i = 12U + reply.header.count; i < 24; ++i) EXPECT_EQ(reply.octets[i], std::byte{0}) << i;
}

}  // namespace
}  // namespace ntp::control::test
