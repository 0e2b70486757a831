// SPDX-License-Identifier: BSD-2-Clause
//
// Authenticated exchanges between real engines and the real data plane: of two servers that say different things, the one
// that proves who it is.
#include <memory>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/calendar.h"
#include "sim/client_node.h"
#include "sim/server_node.h"

namespace ntp::sim {
namespace {

constexpr std::uint32_t kKey = 5;
const Timestamp kStart = timestamp_from_unix(1'800'000'000, 0);

std::shared_ptr<const policy::KeyRing> ring(std::string_view secret) {
  std::vector<policy::Key> keys;
  keys.push_back({.id = kKey,
                  .mac = crypto::MacKey::make("AES128CMAC", std::as_bytes(std::span(secret))).value(),
                  .addresses = {},
                  .is_trusted = true});
  return std::make_shared<const policy::KeyRing>(std::move(keys));
}

/// A client that asks all servers with its key.
struct Bench {
  World world{42};
  std::vector<ServerNode*> servers;
  ClientNode& client = world.add(std::make_unique<ClientNode>("client", ClientSettings{}, kStart, 2));
  engine::Settings settings;

  Bench() {
    settings.keys = ring("a secret");
    settings.drift = engine::DriftRecord{.frequency_ppm = 0};
  }
  void add_server(const ServerSettings& server_settings) {
    ServerNode& server = world.add(std::make_unique<ServerNode>("server", server_settings, kStart, servers.size() + 7));
    servers.push_back(&server);
    world.connect(server.id(), client.id(), {});
    world.connect(client.id(), server.id(), {});
    engine::SourceSettings source;
    source.address = server.address();
    source.has_iburst = true;
    source.key_id = kKey;
    settings.sources.push_back(source);
  }
  void run(double seconds) {
    client.set_engine(open_engine(settings, 3));
    world.start();
    EXPECT_TRUE(world.run_until(TrueTime::from_seconds(seconds)));
  }
};

TEST(Keys, TimeIsTakenFromTheServersThatProveThemselves) {
  Bench bench;
  bench.add_server({.clock = {.offset_s = 30}, .keys = ring("another")});
  bench.add_server({.clock = {.offset_s = 30}});
  bench.add_server({.keys = ring("a secret")});

  bench.run(3600);

  EXPECT_TRUE(bench.client.claims_synchronized());
  EXPECT_NEAR((bench.client.clock().read().real - kStart).seconds(), 3600, 0.001);
  for (const ServerNode* server : bench.servers) EXPECT_GT(server->replies(), 10U) << "all were asked, all answered";
}

TEST(Keys, NoTimeIsTakenFromServersThatDoNot) {
  Bench bench;
  bench.add_server({.keys = ring("another")});
  bench.add_server({});

  bench.run(3600);

  EXPECT_FALSE(bench.client.claims_synchronized());
}

}  // namespace
}  // namespace ntp::sim
