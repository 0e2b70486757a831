// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/control_facts.h"

#include <array>

#include <gtest/gtest.h>

#include "daemon/policy_of.h"

namespace ntp::daemon {
namespace {

Address at(const char* text) { return Address::parse(text).value(); }

/// The parts of a daemon that facts are gathered from, as far as they need no network.
class Daemon {
 public:
  Daemon() {
    policies.publish(policy());
    facts.emplace(ControlSources{.view =
                                     [this] {
                                       ++views;
                                       return view;
                                     },
                                 .served = [this] { return served; },
                                 .config = config,
                                 .variables = variables,
                                 .policies = policies,
                                 .clients = clients,
                                 .client_sockets = sockets,
                                 .replies = replies,
                                 .loop = loop,
                                 .addresses = addresses,
                                 .interface_rules = rules,
                                 .port = 123,
                                 .queries = &queries});
  }
  static policy::Policy policy(policy::Access flags = policy::Access::limited) {
    policy::Policy made{.access = policy::AccessList({{.address = at("0.0.0.0"), .mask = at("0.0.0.0"), .flags = flags},
                                                      {.address = at("127.0.0.1"), .mask = at("255.255.255.255")}})};
    made.hits = std::make_shared<policy::RuleHits>(made.access.rules().size(), 2);
    return made;
  }

  config::Config config;
  state::VariableSet variables;
  policy::PolicyBoard policies{policy::Policy{}};
  policy::ClientTable clients{{.clients = 100}, {1, 2}};
  net::PollLoop loop{{}};
  ClientSockets sockets{loop, [](const engine::Input&) {}};
  Traffic replies;
  ControlQueue queries;
  std::vector<net::LocalAddress> addresses;
  std::vector<config::InterfaceRule> rules;
  state::View view;
  Served served;
  int views = 0;
  std::optional<ControlFacts> facts;
};

TEST(ControlFacts, ABurstIsAnsweredFromOneViewAndAChangeMakesANewOne) {
  Daemon daemon;
  daemon.view.system.stratum = 2;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(daemon.facts->view().system.stratum, 2);
  EXPECT_LE(daemon.views, 2) << "one, unless this took more than 20 ms";

  daemon.view.system.stratum = 3;
  daemon.facts->forget();
  EXPECT_EQ(daemon.facts->view().system.stratum, 3);
}

TEST(ControlFacts, HostNamesProductSystemAndProcessor) {
  Daemon daemon;
  const state::HostView& host = daemon.facts->host();
  EXPECT_TRUE(host.version.starts_with("ntpd ")) << "scanners look for it";
  EXPECT_NE(host.version.find("Meridian"), std::string::npos);
  EXPECT_FALSE(host.processor.empty());
  EXPECT_NE(host.system.find('/'), std::string::npos);
  EXPECT_GE(host.uptime_s, 0);
  EXPECT_GT(host.kernel.tolerance_ppm, 0) << "read from the kernel";
}

TEST(ControlFacts, CountsAreThoseOfStrangersSourcesAndReplies) {
  Daemon daemon;
  daemon.served.packets.received = 100;
  daemon.served.keys.lookups = 5;
  daemon.served.traffic = {
      .received = 100, .sent = 90, .send_failed = 1, .ignored = 2, .wakeups = 60, .useful_wakeups = 50};
  daemon.served.buffers = 64;
  daemon.view.system.packets.received = 7;
  daemon.view.system.keys.signed_packets = 3;
  daemon.replies.sent(at("192.0.2.1"), true);

  const state::HostView& host = daemon.facts->host();
  EXPECT_EQ(host.packets.received, 107U);
  EXPECT_EQ(host.keys.lookups, 5U);
  EXPECT_EQ(host.keys.signed_packets, 3U);
  EXPECT_EQ(host.io.received, 100U);
  EXPECT_EQ(host.io.sent, 91U);
  EXPECT_EQ(host.io.send_failed, 1U);
  EXPECT_EQ(host.io.ignored, 2U);
  EXPECT_EQ(host.io.wakeups, 60U);
  EXPECT_EQ(host.io.useful_wakeups, 50U);
  EXPECT_EQ(host.io.total_buffers, 64U);
}

TEST(ControlFacts, EachGroupCountsFromItsOwnReset) {
  Daemon daemon;
  daemon.served.packets.received = 100;
  daemon.served.traffic.received = 100;
  daemon.served.keys.lookups = 100;
  daemon.facts->reset_counts(control::ResetWhat::io);
  EXPECT_EQ(daemon.facts->host().io.received, 0U);
  EXPECT_EQ(daemon.facts->host().packets.received, 100U);

  daemon.facts->reset_counts(control::ResetWhat::system);
  daemon.facts->reset_counts(control::ResetWhat::authentication);
  daemon.served.packets.received = 103;
  daemon.served.keys.lookups = 104;
  daemon.facts->forget();
  EXPECT_EQ(daemon.facts->host().packets.received, 3U);
  EXPECT_EQ(daemon.facts->host().keys.lookups, 4U);
  EXPECT_LT(daemon.facts->host().io.since_reset_s, 10);
}

TEST(ControlFacts, QueriesWithoutRoomAreDropped) {
  Daemon daemon;
  const std::array<std::byte, 12> octets{};
  constexpr std::size_t kMore = 5;
  for (std::size_t i = 0; i < ControlQueue::kRoom[3] + kMore; ++i)
    daemon.queries.offer({.remote = {at("203.0.113.9"), 9}, .payload = octets});

  EXPECT_EQ(daemon.facts->host().io.dropped, kMore);
  daemon.facts->reset_counts(control::ResetWhat::io);
  EXPECT_EQ(daemon.facts->host().io.dropped, 0U);
}

TEST(ControlFacts, HitsBelongToThePolicyThatWasGiven) {
  Daemon daemon;
  const policy::Policy& policy = daemon.facts->policy();
  ASSERT_EQ(policy.access.rules().size(), 2U);
  policy.hits->count(0, 0);
  policy.hits->count(1, 0);
  daemon.policies.publish(policy::Policy{});

  EXPECT_EQ(daemon.facts->rule_hits(0), 2U) << "also after the next policy was published";
  EXPECT_EQ(daemon.facts->policy().access.rules().size(), 0U);
  EXPECT_EQ(daemon.facts->rule_hits(0), 0U);
}

TEST(ControlFacts, AnOldPolicyIsLetGo) {
  Daemon daemon;
  static_cast<void>(daemon.facts->policy());
  daemon.policies.publish(policy::Policy{});
  EXPECT_EQ(daemon.policies.collect(), 1U);
  daemon.facts->release();
  EXPECT_EQ(daemon.policies.collect(), 0U);
}

TEST(ControlFacts, MonitorSaysWhatClientsAreCountedFor) {
  Daemon daemon;
  daemon.clients.update({.remote = {at("192.0.2.1"), 123}, .at = MonoTime::from_nanoseconds(1)}, {});
  EXPECT_EQ(daemon.facts->host().monitor.enabled, 3U);
  EXPECT_EQ(daemon.facts->host().monitor.entries, 1U);
  EXPECT_GE(daemon.facts->host().monitor.max_entries, 100U);
  EXPECT_GT(daemon.facts->host().monitor.max_octets, daemon.facts->host().monitor.octets);

  policy::Policy quiet = Daemon::policy(policy::Access::none);
  quiet.is_monitoring = false;
  daemon.policies.publish(std::move(quiet));
  daemon.facts->release();
  daemon.facts->forget();
  EXPECT_EQ(daemon.facts->host().monitor.enabled, 0U);
}

TEST(ControlFacts, LocalPortsOfSourcesAreTheirSockets) {
  Daemon daemon;
  daemon.view.sources.resize(2);
  daemon.view.sources[0].remote = {at("127.0.0.1"), 39123};
  daemon.view.sources[1].remote = {at("127.127.1.0"), 123};
  daemon.view.sources[1].local = {at("127.0.0.1"), 0};
  daemon.view.sources[1].clock.emplace();
  daemon.sockets.open({.endpoint = 7, .remote = {at("127.0.0.1"), 39123}});

  const state::View& view = daemon.facts->view();
  EXPECT_EQ(view.sources[0].local.address, at("127.0.0.1"));
  EXPECT_NE(view.sources[0].local.port, 0);
  EXPECT_EQ(view.sources[1].local.port, 123);
}

}  // namespace
}  // namespace ntp::daemon
