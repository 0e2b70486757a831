// SPDX-License-Identifier: BSD-2-Clause
#include "tools/ntpq/client_list.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "client/variables.h"
#include "tools/ntpq/rows.h"

namespace ntp::ntpq {
namespace {

using client::ControlAnswer;
using client::ControlFailure;
using client::ControlFault;
using client::ControlRequest;

/// A server with clients that came at seconds 1, 2, ...; tells `rows` of them at a time, behind the newest that is named.
struct ListServer {
  std::size_t clients = 1000;
  std::size_t rows = 100;
  std::size_t most_fragments = kMostFragments;  ///< more make an incomplete answer
  bool forgets = false;                         ///< what is named is never as it was
  int asked = 0;
  int refused = 0;

  std::expected<ControlAnswer, ControlFailure> operator()(const ControlRequest& request) {
    if (request.opcode == wire::ControlOpcode::request_nonce) return ControlAnswer{.data = "nonce=0123\r\n"};
    ++asked;
    const auto named = client::parse_variables(request.data);
    EXPECT_LE(request.data.size(), wire::kMaxControlData);
    const auto nonce = client::find_value(named, "nonce");
    EXPECT_TRUE(nonce == "0123" || (nonce == "4567" && asked > 1)) << request.data;
    if (std::stoul(*client::find_value(named, "frags")) > most_fragments) {
      ++refused;
      return std::unexpected(ControlFailure{.fault = ControlFault::incomplete});
    }
    std::size_t from = 0;
    if (const auto last = client::find_value(named, "last.0")) {
      if (forgets)
        return std::unexpected(
            ControlFailure{.fault = ControlFault::told, .code = wire::ControlError::unknown_variable});
      from = std::stoul(last->substr(2, 8), nullptr, 16);
    }
    std::string data = "nonce=4567";
    const std::size_t to = std::min(clients, from + rows);
    for (std::size_t i = from; i < to; ++i)
      data += fmt::format(
          ", addr.{0}=10.{5}.{1}.{2}:123, last.{0}=0x{3:08x}.00000000, first.{0}=0x00000001.00000000, ct.{0}={4}, "
          "mv.{0}=35, rs.{0}=0x0, xyz.{0}=7",
          i - from, (i + 1) >> 8U & 0xffU, (i + 1) & 0xffU, i + 1, 1 + i % 7, (i + 1) >> 16U);
    if (to == clients) data += fmt::format(", now=0x{:08x}.00000000", clients + 10);
    return ControlAnswer{.data = data};
  }
};

const auto kNever = [] { return false; };
const auto kNoTime = [] { return 0.0; };

TEST(ClientList, IsFetchedInPartsUntilTheServerSaysItsTime) {
  ListServer server;
  ClientList list({});

  EXPECT_EQ(list.fetch(std::ref(server), kNever, kNoTime), ClientList::End::complete);

  EXPECT_EQ(list.clients().size(), 1000U);
  EXPECT_EQ(server.asked, 10);
  EXPECT_EQ(list.updates(), 0U);
  EXPECT_EQ(list.now(), Timestamp::from_parts(1010, 0));
  EXPECT_EQ(list.clients()[999].address, "10.0.3.232");
}

TEST(ClientList, AsksForFewerDatagramsWhereManyGetLost) {
  ListServer server{.most_fragments = 10};
  ClientList list({});

  EXPECT_EQ(list.fetch(std::ref(server), kNever, kNoTime), ClientList::End::complete);

  EXPECT_EQ(list.clients().size(), 1000U);
  EXPECT_EQ(server.refused, 2);
}

TEST(ClientList, WhatThereIsIsKeptWhenTheUserHasEnough) {
  ListServer server;
  ClientList list({});
  int looked = 0;

  EXPECT_EQ(list.fetch(std::ref(server), [&] { return ++looked > 3; }, kNoTime), ClientList::End::interrupted);

  EXPECT_EQ(list.clients().size(), 300U);
}

TEST(ClientList, AServerThatForgetsEverythingEnds) {
  ListServer server{.forgets = true};
  ClientList list({});

  EXPECT_EQ(list.fetch(std::ref(server), kNever, kNoTime), ClientList::End::failed);

  EXPECT_LT(server.asked, 20);
}

// CVE-2015-8158 for lists: a server that says the same for ever.
TEST(ClientList, AServerThatRepeatsItselfEnds) {
  int asked = 0;
  ClientList list({});

  const auto end = list.fetch(
      [&](const ControlRequest&) -> std::expected<ControlAnswer, ControlFailure> {
        ++asked;
        return ControlAnswer{
            .data = "nonce=1, addr.0=10.0.0.1:123, last.0=0x1.0, first.0=0x1.0, ct.0=1, mv.0=35, rs.0=0x0"};
      },
      kNever, kNoTime);

  EXPECT_EQ(end, ClientList::End::failed);
  EXPECT_LT(asked, 20);
}

/// Says `rows` new clients each time, and never that this is all.
struct EndlessServer {
  int rows = 3;
  int asked = 0;

  std::expected<ControlAnswer, ControlFailure> operator()(const ControlRequest& request) {
    std::string data = "nonce=1";
    if (request.opcode == wire::ControlOpcode::request_nonce) return ControlAnswer{.data = data};
    for (int i = 0; i < rows; ++i) {
      const int number = asked * rows + i;
      data += fmt::format(
          ", addr.{0}=10.{1}.{2}.{3}:123, last.{0}=0x{4:08x}.0, first.{0}=0x1.0, ct.{0}=1, mv.{0}=35, rs.{0}=0x0", i,
          number >> 16, number >> 8 & 0xff, number & 0xff, number + 1);
    }
    ++asked;
    return ControlAnswer{.data = data};
  }
};

TEST(ClientList, AServerThatSaysAFewRowsForEverEnds) {
  EndlessServer server;
  ClientList list({});

  EXPECT_EQ(list.fetch(std::ref(server), kNever, kNoTime), ClientList::End::failed);

  EXPECT_EQ(list.failure().detail, "its list of clients neither goes on nor ends");
  EXPECT_EQ(server.asked, kMostPoorAnswers + 1);
}

TEST(ClientList, FewRowsAreFineWhereFewAreAskedFor) {
  ListServer server{.clients = 1000, .rows = 3};
  ClientList list({.rows = 3});

  EXPECT_EQ(list.fetch(std::ref(server), kNever, kNoTime), ClientList::End::complete);
}

TEST(ClientList, AnEndlessListEndsAfterFiveMinutes) {
  EndlessServer server{.rows = 20};
  ClientList list({});

  const auto end = list.fetch(std::ref(server), kNever, [&] { return server.asked * 4.0; });

  EXPECT_EQ(end, ClientList::End::failed);
  EXPECT_EQ(server.asked, 75);
  EXPECT_EQ(list.clients().size(), 1500U);
  EXPECT_NE(list.failure().detail.find("300 seconds"), std::string::npos);
}

TEST(ClientList, AClientThatComesAgainIsAnUpdate) {
  int asked = 0;
  ClientList list({});

  const auto end = list.fetch(
      [&](const ControlRequest&) -> std::expected<ControlAnswer, ControlFailure> {
        const int part = asked++;
        return ControlAnswer{
            .data = fmt::format(
                "nonce=1, addr.0=[2001:db8::1]:123, last.0=0x{}.0, first.0=0x1.0, ct.0={}, mv.0=35, rs.0=0x20{}", part,
                part, part == 2 ? ", now=0x9.0" : "")};
      },
      kNever, kNoTime);

  EXPECT_EQ(end, ClientList::End::complete);
  ASSERT_EQ(list.clients().size(), 1U);
  EXPECT_EQ(list.updates(), 1U);
  EXPECT_EQ(list.clients()[0].count, 2U);
  EXPECT_EQ(list.clients()[0].address, "2001:db8::1");
}

TEST(ClientList, ARefusalIsTold) {
  ClientList list({});

  const auto end = list.fetch(
      [](const ControlRequest&) -> std::expected<ControlAnswer, ControlFailure> {
        return std::unexpected(ControlFailure{.fault = ControlFault::told, .code = wire::ControlError::permission});
      },
      kNever, kNoTime);

  EXPECT_EQ(end, ClientList::End::failed);
  EXPECT_EQ(list.failure().code, wire::ControlError::permission);
}

TEST(ClientList, AHundredThousandClientsAreFetchedInParts) {
  ListServer server{.clients = 100000, .rows = 256};
  ClientList list({});

  EXPECT_EQ(list.fetch(std::ref(server), kNever, kNoTime), ClientList::End::complete);

  EXPECT_EQ(list.clients().size(), 100000U);
}

TEST(SortClients, KnowsFourOrdersAndTheirReverse) {
  ListServer server{.clients = 20};
  ClientList list({});
  ASSERT_EQ(list.fetch(std::ref(server), kNever, kNoTime), ClientList::End::complete);
  const auto first = [&](std::string_view order) {
    auto clients = list.clients();
    EXPECT_TRUE(sort_clients(clients, order)) << order;
    return clients.front().address;
  };

  EXPECT_EQ(first("lstint"), "10.0.0.20");
  EXPECT_EQ(first("-lstint"), "10.0.0.1");
  EXPECT_EQ(first("addr"), "10.0.0.1");
  EXPECT_EQ(first("-addr"), "10.0.0.20");
  EXPECT_EQ(first("count"), "10.0.0.15");
  EXPECT_EQ(first("-count"), "10.0.0.14");
  EXPECT_EQ(first("-avgint"), "10.0.0.15");
  std::vector<ListedClient> nobody;
  EXPECT_FALSE(sort_clients(nobody, "color"));
}

TEST(NumberedRows, TakesNumbersOfSixDigitsAndLeavesTheRest) {
  const auto rows =
      numbered_rows(client::parse_variables("a.0=1, b.0=2, a.12=3, now=4, x.y=5, a.1234567=6, .3=7, a.=8"));

  EXPECT_EQ(rows.rows.size(), 2U);
  EXPECT_EQ(rows.rows.at(0).size(), 2U);
  EXPECT_EQ(rows.rows.at(12).at(0).value, "3");
  EXPECT_EQ(rows.others.size(), 5U);
}

}  // namespace
}  // namespace ntp::ntpq
