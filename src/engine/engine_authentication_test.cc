// SPDX-License-Identifier: BSD-2-Clause
//
// The whole engine with a source that has a key: what becomes of it when the server signs, when it doesn't, and when
// somebody else talks in its name.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/exchange_test_kit.h"
#include "state/status.h"

namespace ntp::engine {
namespace {

using test::address;
using test::all_of;
using test::count_of;
using test::encoded;
using test::key;
using test::logs_with;
using test::Octets;
using test::ring;
using test::with_mac;
using test::with_nak;

constexpr std::uint32_t kKey = 5;

Settings one_keyed_server() {
  Settings settings;
  SourceSettings source = test::server(1);
  source.has_iburst = true;
  source.key_id = kKey;
  settings.sources = {source};
  settings.keys = ring(key(kKey));
  settings.drift = DriftRecord{.frequency_ppm = 0};
  return settings;
}

/// Engine and world with one server, which signs with a key of this secret.
struct World : test::Driver {
  explicit World(Settings settings = one_keyed_server(), std::string_view secret = "a secret")
      : Driver(std::move(settings)), server_key(std::make_shared<policy::Key>(key(kKey, "SHA1", secret))) {
    servers[address(1)].last_touch = [this](Octets& octets) { octets = with_mac(octets, *server_key); };
  }
  state::SourceView source() { return view().sources.at(0); }
  [[nodiscard]] Send last_request() const { return all_of<Send>(log).back(); }
  /// As the server's socket would send it to ours.
  void spoof(const Octets& octets) {
    const Send request = last_request();
    deliver(PacketReceived{
        .endpoint = request.endpoint, .remote = request.remote, .at = clock.system(), .payload = octets});
  }

  std::shared_ptr<policy::Key> server_key;
};

/// All that is seen of a source but its counters of packets.
void expect_same_source(const state::SourceView& a, const state::SourceView& b) {
  EXPECT_EQ(a.refid, b.refid);
  EXPECT_EQ(a.leap, b.leap);
  EXPECT_EQ(a.stratum, b.stratum);
  EXPECT_EQ(a.poll_log2s, b.poll_log2s);
  EXPECT_EQ(a.reach, b.reach);
  EXPECT_EQ(a.flash & ~kPacketTests, b.flash & ~kPacketTests);
  EXPECT_EQ(a.delay_s, b.delay_s);
  EXPECT_EQ(a.offset_s, b.offset_s);
  EXPECT_EQ(a.jitter_s, b.jitter_s);
  EXPECT_EQ(a.dispersion_s, b.dispersion_s);
  EXPECT_EQ(a.root_distance_s, b.root_distance_s);
  EXPECT_EQ(a.since_received_s, b.since_received_s);
  EXPECT_EQ(a.selection, b.selection);
  EXPECT_EQ(a.sent, b.sent);
}

wire::Header kiss(wire::Refid code, Timestamp origin, std::int8_t poll_log2s = 6) {
  wire::Header header = test::good_header();
  header.leap = wire::Leap::unsynchronized;
  header.stratum = 0;
  header.refid = code;
  header.origin = origin;
  header.poll_log2s = poll_log2s;
  return header;
}

TEST(KeyedSource, IsFollowedWhenItsServerSigns) {
  World world;
  world.start();
  world.run(200);

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_EQ(world.source().key_id, kKey);
  EXPECT_TRUE(world.source().is_authenticated);
  EXPECT_EQ(world.source().bad_auth, 0U);
  for (const Send& send : all_of<Send>(world.log)) EXPECT_EQ(send.length, wire::kHeaderLength + wire::kLongMacLength);
}

TEST(KeyedSource, IsNotFollowedWhenItsServerDoesNotSignOrHasAnotherSecret) {
  World silent;
  silent.servers[address(1)].last_touch = {};
  World wrong(one_keyed_server(), "another secret");
  World refusing;
  refusing.servers[address(1)].last_touch = [](Octets& octets) { octets = with_nak(octets); };

  for (World* world : {&silent, &wrong, &refusing}) {
    world->start();
    world->run(4 * 3600.0);

    const state::SourceView source = world->source();
    EXPECT_FALSE(world->is_synchronized());
    EXPECT_EQ(source.reach, 0);
    EXPECT_FALSE(source.is_authenticated);
    EXPECT_GT(source.sent, 20U) << "it is asked on: the key may be put right there";
    EXPECT_EQ(source.bad_auth, source.sent);
    EXPECT_EQ(source.flash & kPacketAuth, std::uint32_t{kPacketAuth}) << "TEST5";
    EXPECT_LE(logs_with(world->log, "bad_auth"), 5U) << "one an hour";
    EXPECT_GE(logs_with(world->log, "bad_auth"), 3U);
  }
  EXPECT_GE(logs_with(refusing.log, "crypto-NAK"), 1U);
  EXPECT_EQ(logs_with(wrong.log, "crypto-NAK"), 0U);
}

TEST(KeyedSource, ComesBackWhenItsServerIsPutRight) {
  World world(one_keyed_server(), "another secret");
  world.start();
  world.run(300);
  ASSERT_FALSE(world.is_synchronized());

  *world.server_key = key(kKey);
  world.run(600);

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_TRUE(world.source().is_authenticated);
}

TEST(KeyedSource, IsNeverAskedWithoutItsKeyAndThatIsSaidOnce) {
  const auto with_keys = [](std::shared_ptr<const policy::KeyRing> keys) {
    Settings settings = one_keyed_server();
    settings.keys = std::move(keys);
    return settings;
  };
  policy::Key untrusted = key(kKey);
  untrusted.is_trusted = false;
  const struct {
    Settings settings;
    const char* said;
  } cases[] = {
      {with_keys(nullptr), "key 5 is in no keys file"},
      {with_keys(ring(key(6))), "key 5 is in no keys file"},
      {with_keys(ring(std::move(untrusted))), "key 5 is not trusted"},
      {with_keys(ring(key(kKey, "MD5", "x", {{address(2), 32}}))), "key 5 is for other addresses"},
  };
  for (const auto& c : cases) {
    World world(c.settings);
    world.start();
    world.run(4 * 3600.0);

    EXPECT_EQ(count_of<Send>(world.log), 0U) << c.said;
    EXPECT_EQ(logs_with(world.log, c.said), 1U) << c.said;
    EXPECT_FALSE(world.is_synchronized());
    EXPECT_TRUE(world.is_deadline_kept);
  }
}

TEST(KeyedSource, IsAskedAtOnceWhenItsKeyComes) {
  Settings settings = one_keyed_server();
  const auto keys = std::exchange(settings.keys, nullptr);
  World world(settings);
  world.start();
  world.run(7200);
  ASSERT_EQ(count_of<Send>(world.log), 0U);

  settings.keys = keys;
  world.reconfigure(settings);
  world.run(1);

  EXPECT_EQ(count_of<Send>(world.log), 1U);
  EXPECT_TRUE(world.source().is_authenticated);
}

TEST(KeyedSource, IsNotAskedAnyMoreWhenItsKeyGoes) {
  Settings settings = one_keyed_server();
  World world(settings);
  world.start();
  world.run(300);
  ASSERT_TRUE(world.is_synchronized());

  settings.keys = nullptr;
  world.reconfigure(settings);
  const std::size_t sent = count_of<Send>(world.log);
  world.run(7200);

  EXPECT_EQ(count_of<Send>(world.log), sent);
  EXPECT_EQ(logs_with(world.log, "key 5 is in no keys file"), 1U);
  EXPECT_FALSE(world.source().reach != 0);
}

TEST(KeyedSource, LosesWhatWasMeasuredUnderAKeyThatIsRevoked) {
  struct Case {
    const char* what;
    std::shared_ptr<const policy::KeyRing> keys;
  };
  policy::Key untrusted = key(kKey);
  untrusted.is_trusted = false;
  policy::Key foreign = key(kKey);
  foreign.addresses = {{.address = address(77), .prefix_length = 32}};
  const Case cases[] = {{"removed", nullptr},
                        {"untrusted", ring(std::move(untrusted))},
                        {"another secret under its number", ring(key(kKey, "SHA1", "another secret"))},
                        {"another type under its number", ring(key(kKey, "MD5"))},
                        {"for other addresses", ring(std::move(foreign))}};
  for (const auto algorithm : {DisciplineSettings::Algorithm::estimator, DisciplineSettings::Algorithm::classic}) {
    for (const Case& c : cases) {
      Settings settings = one_keyed_server();
      settings.discipline.algorithm = algorithm;
      World world(settings);
      world.start();
      world.run(300);
      ASSERT_NE(world.source().reach, 0) << c.what;

      settings.keys = c.keys;
      world.reconfigure(settings);

      EXPECT_EQ(world.source().reach, 0) << c.what;
      EXPECT_EQ(world.source().selection, state::Selection::reject) << c.what;
    }
  }
}

TEST(KeyedSource, KeepsWhatWasMeasuredWhenTheSameKeyIsReadAnew) {
  Settings settings = one_keyed_server();
  World world(settings);
  world.start();
  world.run(300);
  const auto reach = world.source().reach;

  settings.keys = ring(key(kKey), key(kKey + 1));
  EXPECT_TRUE(world.reconfigure(settings).is_none());

  EXPECT_EQ(world.source().reach, reach);
  EXPECT_TRUE(world.is_synchronized());
}

TEST(KeyedSource, NobodyKeepsTheKeysThatAnotherConfigurationReplaced) {
  for (const auto algorithm : {DisciplineSettings::Algorithm::estimator, DisciplineSettings::Algorithm::classic}) {
    Settings settings = one_keyed_server();
    settings.discipline.algorithm = algorithm;
    const std::weak_ptr<const policy::KeyRing> old_keys = settings.keys;
    World world(settings);
    world.start();
    world.run(300);

    settings.keys = ring(key(kKey));
    world.reconfigure(settings);

    EXPECT_TRUE(old_keys.expired()) << "their secrets are wiped with their last owner";
  }
}

TEST(KeyedSource, StandsUnmovedInAStormOfForgeries) {
  World world;
  world.start();
  world.run(1000);
  ASSERT_TRUE(world.is_synchronized());
  world.servers[address(1)].is_silent = true;
  ASSERT_TRUE(world.run_until<Send>(2000));
  const Timestamp origin = wire::decode_header(world.last_request().payload())->transmit;
  const state::SourceView before = world.source();
  const MonoTime due = world.engine.next_deadline();
  const std::size_t effects = world.log.size();
  const std::size_t events = count_of<ReportEvent>(world.log);
  wire::Header answer = test::good_header();
  answer.origin = origin;
  Octets wrong = with_mac(encoded(answer), *world.server_key);
  wrong.back() ^= std::byte{1};

  for (int i = 0; i < 1000; ++i) {
    world.spoof(encoded(answer));
    world.spoof(wrong);
    world.spoof(with_nak(encoded(answer)));
    for (const auto code : {wire::kKissDeny, wire::kKissRestrict, wire::kKissRate, wire::kRefidInit})
      world.spoof(encoded(kiss(code, origin)));
  }

  expect_same_source(world.source(), before);
  EXPECT_EQ(world.source().bad_auth, before.bad_auth + 7000);
  EXPECT_EQ(world.engine.next_deadline(), due);
  // Counted as far as a status word can count.
  EXPECT_EQ(count_of<ReportEvent>(world.log), events + state::kMostEvents);
  EXPECT_EQ(world.log.size(), effects + state::kMostEvents + 1) << "one line in the log, and nothing else";
  EXPECT_EQ(logs_with(world.log, "bad_auth"), 1U);
}

/// Sends of a run of an hour in which `attack` is called once a second.
std::vector<double> send_times(const std::function<void(World&)>& attack) {
  World world;
  world.start();
  for (int second = 0; second < 3600; ++second) {
    world.run(1);
    if (attack && count_of<Send>(world.log) != 0) attack(world);
  }
  std::vector<double> times;
  for (std::size_t i = 0; i < world.log.size(); ++i)
    if (std::holds_alternative<Send>(world.log[i])) times.push_back(world.log_times_s[i]);
  return times;
}

TEST(Polling, Cve2020_11868_IsNotMovedByPacketsThatAreNoAnswers) {
  const std::vector<double> undisturbed = send_times({});
  ASSERT_GT(undisturbed.size(), 8U);

  EXPECT_EQ(send_times([](World& world) { world.spoof(with_mac(encoded(test::good_header()), *world.server_key)); }),
            undisturbed)
      << "a foreign origin and a valid MAC";
  EXPECT_EQ(send_times([](World& world) { world.spoof(encoded(kiss(wire::kKissRate, {}))); }), undisturbed)
      << "RATE without a MAC";
  EXPECT_EQ(send_times([](World& world) { world.spoof(Octets(11)); }), undisturbed) << "no NTP";
}

TEST(KeyedSource, Cve2015_1853_IsFollowedThroughForgeriesBetweenEveryTwoAnswers) {
  World world;
  world.start();
  world.run(200);
  ASSERT_TRUE(world.is_synchronized());
  for (int second = 0; second < 3600; ++second) {
    world.run(1);
    wire::Header header = test::good_header();
    header.origin = wire::decode_header(world.last_request().payload())->transmit;
    header.receive = header.transmit = world.clock.system();
    world.spoof(encoded(header));
    header.origin = {};
    world.spoof(encoded(header));
  }

  EXPECT_TRUE(world.is_synchronized());
  EXPECT_EQ(world.source().reach, 0xff) << "no answer was lost";
  EXPECT_TRUE(world.source().is_authenticated);
}

TEST(Polling, Sec3767_TakesAnyPollOfAKissAndKeepsItsBounds) {
  for (int poll = 0; poll < 256; ++poll) {
    World world;
    world.start();
    world.servers[address(1)].is_silent = true;
    ASSERT_TRUE(world.run_until<Send>(100));
    const Timestamp origin = wire::decode_header(world.last_request().payload())->transmit;

    world.spoof(with_mac(encoded(kiss(wire::kKissRate, origin, static_cast<std::int8_t>(poll))), *world.server_key));

    const int raised = world.source().poll_log2s;
    EXPECT_GE(raised, kDefaultMinPoll + 1) << poll;
    EXPECT_LE(raised, kDefaultMaxPoll) << poll;
    EXPECT_EQ(raised, poll > kDefaultMinPoll && poll < 128 ? std::min<int>(poll, kDefaultMaxPoll) : kDefaultMinPoll + 1)
        << poll << " is a signed octet";
  }
}

TEST(Polling, Cve2015_7705_RateNeverStopsASource) {
  World world;
  world.start();
  world.servers[address(1)].last_touch = [&](Octets& octets) {
    const Timestamp origin = wire::decode_header(octets)->origin;
    octets = with_mac(encoded(kiss(wire::kKissRate, origin, 17)), *world.server_key);
  };
  world.run(86400);

  EXPECT_GE(count_of<Send>(world.log), 75U) << "a request each 1024 s and a bit";
  EXPECT_EQ(world.source().poll_log2s, kDefaultMaxPoll);
}

}  // namespace
}  // namespace ntp::engine
