// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/restrict_hosts.h"

#include <ctime>
#include <string>

#include <gtest/gtest.h>

namespace ntp::daemon {
namespace {

using config::Restrict;
using policy::Access;

Address at(const char* text) { return *Address::parse(text); }

Restrict line(const char* host, Access flags, std::optional<Family> family = {}) {
  return {.host = host, .family = family, .rule = {.flags = flags}};
}

class RestrictHostsTest : public testing::Test {
 protected:
  [[nodiscard]] MonoTime after(double seconds) const { return start_ + seconds; }

  RestrictHosts::Outcome answer(const net::NameQuery& query, std::vector<Address> addresses, MonoTime when) {
    const std::string error = addresses.empty() ? "no such name" : "";
    return hosts_.take({.token = query.token, .addresses = std::move(addresses), .error = error}, when);
  }

  MonoTime start_ = MonoTime::from_nanoseconds(1);
  std::vector<net::NameQuery> asked_;
  bool has_room_ = true;
  RestrictHosts hosts_{[this](net::NameQuery query) {
    if (has_room_) asked_.push_back(std::move(query));
    return has_room_;
  }};
};

TEST_F(RestrictHostsTest, AsksOnceForEachNameAndFamily) {
  hosts_.set_lines(std::vector{line("a.example", Access::ignore), line("b.example", Access::none, Family::ipv6),
                               line("a.example", Access::notrap), Restrict{}},
                   start_);
  hosts_.tick(start_);
  hosts_.tick(after(100));

  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_EQ(asked_[0].name, "a.example");
  EXPECT_EQ(asked_[0].wanted, net::NameQuery::Wanted::any);
  EXPECT_EQ(asked_[1].wanted, net::NameQuery::Wanted::ipv6);
  EXPECT_TRUE(RestrictHosts::is_ours(asked_[0].token));
  EXPECT_FALSE(RestrictHosts::is_ours(1));
  EXPECT_NE(asked_[0].token, asked_[1].token);
}

TEST_F(RestrictHostsTest, TakesFiftyThousandNamesInAMoment) {
  constexpr std::size_t kNames = 50'000;
  std::vector<Restrict> lines;
  for (std::size_t i = 0; i < kNames; ++i)
    lines.push_back(line(("host" + std::to_string(i) + ".example").c_str(), Access::ignore));
  const std::clock_t start = std::clock();

  hosts_.set_lines(lines, start_);
  hosts_.set_lines(lines, start_);

  // A look at each pair of names takes much longer.
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
  hosts_.tick(start_);
  EXPECT_EQ(asked_.size(), kNames);
}

TEST_F(RestrictHostsTest, AnAnswerChangesTheRules) {
  hosts_.set_lines(std::vector{line("a.example", Access::ignore)}, start_);
  hosts_.tick(start_);

  const auto outcome = answer(asked_[0], {at("192.0.2.2"), at("192.0.2.1")}, after(1));

  EXPECT_TRUE(outcome.has_changed);
  EXPECT_EQ(outcome.message, "");
  EXPECT_EQ(hosts_.addresses(), (HostAddresses{{{"a.example", std::nullopt}, {at("192.0.2.1"), at("192.0.2.2")}}}));
  EXPECT_EQ(hosts_.next_deadline(), MonoTime::never());
}

TEST_F(RestrictHostsTest, ANameWithoutAddressIsNamedOnceAndAskedAgainEverMoreRarely) {
  hosts_.set_lines(std::vector{line("a.example", Access::ignore)}, start_);
  std::vector<double> pauses;
  MonoTime now = start_;
  std::vector<std::string> messages;
  for (int i = 0; i < 12; ++i) {
    hosts_.tick(now);
    if (const auto outcome = answer(asked_.back(), {}, now); !outcome.message.empty())
      messages.push_back(outcome.message);
    pauses.push_back(hosts_.next_deadline() - now);
    now = hosts_.next_deadline();
  }

  EXPECT_EQ(pauses, (std::vector<double>{2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024}));
  EXPECT_EQ(messages,
            std::vector<std::string>{
                "restrict a.example: the name has no address (no such name). Until it has one the line is not in "
                "force, and this host may do ALL that other hosts may; it is looked up again"});

  hosts_.tick(now);
  const auto outcome = answer(asked_.back(), {at("192.0.2.1")}, now);
  EXPECT_TRUE(outcome.has_changed);
  EXPECT_EQ(outcome.message, "restrict a.example: in force for 192.0.2.1");
}

TEST_F(RestrictHostsTest, ALineThatOpensIsNamedAsSuch) {
  hosts_.set_lines(std::vector{line("a.example", Access::none, Family::ipv4)}, start_);
  hosts_.tick(start_);

  EXPECT_EQ(
      answer(asked_[0], {}, start_).message,
      "restrict -4 a.example: the name has no address (no such name). Until it has one the line is not in force, and "
      "this host may do only what other hosts may; it is looked up again");
}

TEST_F(RestrictHostsTest, AReloadAsksAgainAndKeepsWhatWasKnown) {
  const std::vector lines{line("a.example", Access::ignore), line("b.example", Access::ignore)};
  hosts_.set_lines(lines, start_);
  hosts_.tick(start_);
  answer(asked_[0], {at("192.0.2.1")}, start_);
  answer(asked_[1], {at("192.0.2.2")}, start_);

  hosts_.set_lines(std::vector{lines[0]}, after(10));
  hosts_.tick(after(10));

  ASSERT_EQ(asked_.size(), 3U);
  EXPECT_EQ(hosts_.addresses(), (HostAddresses{{{"a.example", std::nullopt}, {at("192.0.2.1")}}}));
  EXPECT_FALSE(answer(asked_[2], {at("192.0.2.1")}, after(11)).has_changed);

  hosts_.set_lines(std::vector{lines[0]}, after(20));
  hosts_.tick(after(20));
  EXPECT_EQ(answer(asked_[3], {}, after(21)).message,
            "restrict a.example: no answer to the look-up (no such name); the addresses it had stay in force");
  EXPECT_EQ(hosts_.addresses().size(), 1U);
  hosts_.tick(after(23));
  EXPECT_EQ(answer(asked_[4], {at("192.0.2.9")}, after(24)).message, "restrict a.example: in force for 192.0.2.9");
}

TEST_F(RestrictHostsTest, AnAnswerFromBeforeAReloadIsNotUsed) {
  hosts_.set_lines(std::vector{line("a.example", Access::ignore)}, start_);
  hosts_.tick(start_);
  hosts_.set_lines(std::vector{line("b.example", Access::ignore)}, start_);
  hosts_.tick(start_);

  EXPECT_FALSE(answer(asked_[0], {at("192.0.2.1")}, start_).has_changed);
  answer(asked_[1], {}, start_);
  EXPECT_FALSE(answer({.token = 0}, {at("192.0.2.1")}, start_).has_changed) << "nothing is under way";
  EXPECT_TRUE(hosts_.addresses().empty());
}

TEST_F(RestrictHostsTest, AFullResolverIsTriedAgain) {
  has_room_ = false;
  hosts_.set_lines(std::vector{line("a.example", Access::ignore)}, start_);
  hosts_.tick(start_);
  EXPECT_EQ(hosts_.next_deadline(), after(RestrictHosts::kFirstRetry_s));

  has_room_ = true;
  hosts_.tick(hosts_.next_deadline());

  EXPECT_EQ(asked_.size(), 1U);
}

}  // namespace
}  // namespace ntp::daemon
