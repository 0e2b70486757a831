// SPDX-License-Identifier: BSD-2-Clause
//
// A million control packets, whole, mutated and pure noise: nothing crashes, and no stranger gets more than it sent.
#include <gtest/gtest.h>

#include "control/control_test_kit.h"

namespace ntp::control::test {
namespace {

using wire::ControlOpcode;

constexpr int kPackets = 1'000'000;

std::string_view choose(SeededRandom& random, std::span<const std::string_view> from) {
  return from[random.next64() % from.size()];
}

/// A well-formed request that touches every operation.
Octets well_formed(SeededRandom& random, const Bench& bench, const std::string& nonce) {
  static constexpr std::array<std::string_view, 14> kData = {"",
                                                             "leap,stratum",
                                                             "nosuch",
                                                             "sys_var_list,why,changes",
                                                             "ifstats",
                                                             "addr_restrictions",
                                                             "tos minsane 1",
                                                             "foo=\"x\"",
                                                             "saved-%Y.conf",
                                                             "../x.conf",
                                                             "frags=32, limit=9, resall=1",
                                                             "a=,b==\",",
                                                             ",,,,",
                                                             "version version"};
  std::string data;
  if (random.next64() % 3 == 0) data = "nonce=" + nonce + ", ";
  data += choose(random, kData);
  if (random.next64() % 2 == 0) data.resize(random.next64() % 480, ' ');
  const std::uint64_t kind = random.next64();
  return request({.opcode = static_cast<ControlOpcode>(kind % 33 == 32 ? 31 : kind % 14),
                  .data = data,
                  .association_id = static_cast<std::uint16_t>(kind >> 8U & 3U),
                  .offset = static_cast<std::uint16_t>((kind >> 16U) % 5 == 0 ? kind >> 32U : 0),
                  .key = (kind >> 20U) % 8 == 0 ? bench.key(1 + (kind >> 24U) % 2) : nullptr,
                  .mac_alignment = (kind >> 28U) % 2 == 0 ? std::size_t{4} : std::size_t{8}});
}

void mutate(SeededRandom& random, Octets& octets) {
  for (std::uint64_t n = random.next64() % 4; n > 0 && !octets.empty(); --n)
    octets[random.next64() % octets.size()] = static_cast<std::byte>(random.next64());
  if (random.next64() % 4 == 0) octets.resize(random.next64() % 560);
  if (random.next64() % 8 == 0)
    for (std::byte& b : octets) b = static_cast<std::byte>(random.next64());
  if (!octets.empty()) octets[0] = (octets[0] & std::byte{0xf8}) | std::byte{6};
}

bool is_proven(const Octets& octets, const std::vector<Reply>& replies) {
  // Whoever has the control key may get more than it sends; its replies have a MAC too.
  return octets.size() > 32 && !replies.empty() && replies[0].length > 12U + replies[0].header.count + 16U;
}

TEST(RandomPackets, CVE_2014_0021_AMillionGetNoStrangerMoreThanItSent) {
  Bench bench({.traps = {{Address::v4(0x7f000009), 18447}}, .save_folder = "/var/lib/ntp"});
  SeededRandom random(20261121);
  state::SourceView source{.association_id = 1, .name = "a.example"};
  source.clock = state::ClockView{.device = "Undisciplined local clock"};
  bench.facts.the_view.sources = {source, state::SourceView{.association_id = 2}};
  bench.facts.the_variables.set({.name = "foo", .value = "bar, \"baz\"", .is_default = true});
  bench.facts.the_clients = std::make_unique<policy::ClientTable>(policy::ClientTable::Sizes{.clients = 10},
                                                                  std::array<std::uint64_t, 2>{1, 2});
  const std::string nonce = bench.nonce();
  std::size_t answered = 0;
  std::size_t refused = 0;

  for (int i = 0; i < kPackets; ++i) {
    Octets octets = well_formed(random, bench, nonce);
    if (i % 3 != 0) mutate(random, octets);
    bench.is_this_host = i % 16 == 15;
    bench.has_own_line = i % 16 == 14;
    if (i % 1000 == 0) bench.wait(0.5);

    bench.replies.clear();
    bench.service.answer({.remote = bench.remote,
                          .local = {},
                          .received = bench.now.real,
                          .payload = octets,
                          .is_this_host = bench.is_this_host,
                          .has_own_line = bench.has_own_line},
                         bench.now, bench.replies);

    answered += bench.replies.size() != 0 ? 1U : 0U;
    refused += bench.replies.size() == 0 ? 1U : 0U;
    if (bench.is_this_host || bench.has_own_line || bench.replies.size() == 0) continue;
    if (bench.replies.size() == 1 && bench.replies[0].payload.size() <= octets.size()) continue;
    ASSERT_TRUE(is_proven(octets, taken_apart(bench.replies))) << "packet " << i;
  }

  EXPECT_GT(answered, 300'000U);
  EXPECT_GT(refused, 50'000U);
  EXPECT_FALSE(bench.commands.configured.empty()) << "proven ones came through";
}

}  // namespace
}  // namespace ntp::control::test
