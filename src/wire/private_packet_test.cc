// SPDX-License-Identifier: BSD-2-Clause
#include "wire/private_packet.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/private_items.h"

namespace ntp::wire {
namespace {

RC_GTEST_PROP(PrivateHeader, AnyEightOctetsSurviveTheRoundTrip, (std::array<std::uint8_t, 8> octets)) {
  octets[0] = static_cast<std::uint8_t>(octets[0] | 7U);
  const Bytes datagram = std::as_bytes(std::span(octets));
  const auto header = decode_private_header(datagram);
  RC_ASSERT(header.has_value());
  std::array<std::byte, kPrivateHeaderLength> out{};
  encode_private_header(*header, out);
  RC_ASSERT(std::ranges::equal(out, datagram));
}

TEST(PrivateHeader, ReadsACapturedReply) {
  // The first of two datagrams of the reference implementation's restrict list.
  constexpr std::array<std::uint8_t, 8> kReply{0xd7, 0x00, 0x03, 0x10, 0x00, 0x08, 0x00, 0x38};
  const auto header = decode_private_header(std::as_bytes(std::span(kReply)));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(*header, (PrivateHeader{.is_response = true,
                                    .has_more = true,
                                    .version = 2,
                                    .code = static_cast<std::uint8_t>(PrivateCode::restrict_list),
                                    .item_count = 8,
                                    .item_length = 56}));
}

TEST(PrivateHeader, NeedsEightOctets) {
  const std::array<std::byte, 7> octets{};
  EXPECT_EQ(decode_private_header(octets).error(), DecodeError::too_short);
}

TEST(PrivateOperation, ItemsFitIntoTheirDatagrams) {
  for (const PrivateOperation& operation : private_operations()) {
    EXPECT_LE(operation.request.current, kMaxPrivateRequestData);
    EXPECT_LE(operation.response.current, kMaxPrivateData);
    EXPECT_LE(operation.request.old, operation.request.current);
    EXPECT_LE(operation.response.old, operation.response.current);
    const auto found = find_private_operation(static_cast<std::uint8_t>(operation.code));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->code, operation.code);
  }
  EXPECT_FALSE(find_private_operation(14).has_value());
  EXPECT_FALSE(find_private_operation(255).has_value());
}

/// Reading what was written gives what was written: whatever octets it began with, nothing changes after one round.
template <class Item>
void check_item(const std::vector<std::uint8_t>& octets, std::size_t length) {
  const Bytes any = std::as_bytes(std::span(octets));
  std::vector<std::byte> once(length);
  encode_item(decode_item<Item>(any.first(std::min(any.size(), length))), once);
  std::vector<std::byte> twice(length);
  encode_item(decode_item<Item>(once), twice);
  RC_ASSERT(once == twice);
}

RC_GTEST_PROP(PrivateItems, SettleAfterOneRoundInBothLengths, (const std::vector<std::uint8_t>& octets)) {
  check_item<PeerListItem>(octets, 32);
  check_item<PeerListItem>(octets, 8);
  check_item<PeerSummaryItem>(octets, 72);
  check_item<PeerSummaryItem>(octets, 32);
  check_item<PeerInfoItem>(octets, 280);
  check_item<PeerInfoItem>(octets, 240);
  check_item<PeerStatsItem>(octets, 120);
  check_item<PeerStatsItem>(octets, 80);
  check_item<SystemInfoItem>(octets, 80);
  check_item<SystemStatsItem>(octets, 52);
  check_item<IoStatsItem>(octets, 40);
  check_item<MemoryStatsItem>(octets, 148);
  check_item<LoopInfoItem>(octets, 24);
  check_item<TimerStatsItem>(octets, 16);
  check_item<ConfigureItem>(octets, 168);
  check_item<ConfigureItem>(octets, 144);
  check_item<UnconfigureItem>(octets, 24);
  check_item<UnconfigureItem>(octets, 4);
  check_item<RestrictItem>(octets, 56);
  check_item<RestrictChangeItem>(octets, 60);
  check_item<OldClientItem>(octets, 48);
  check_item<ClientItem>(octets, 72);
  check_item<ClientItem>(octets, 32);
  check_item<KeyItem>(octets, 8);
  check_item<AuthenticationInfoItem>(octets, 36);
  check_item<TrapItem>(octets, 64);
  check_item<TrapChangeItem>(octets, 48);
  check_item<ControlStatsItem>(octets, 60);
  check_item<ClockInfoItem>(octets, 52);
  check_item<FudgeItem>(octets, 20);
  check_item<KernelInfoItem>(octets, 60);
  check_item<ClockDebugItem>(octets, 332);
  check_item<InterfaceItem>(octets, 136);
}

TEST(PrivateItems, TellIpv6AddressesInTheLongForm) {
  const PeerSummaryItem item{.local = *Address::parse("2001:db8::1"), .remote = *Address::parse("2001:db8::2")};
  std::array<std::byte, 72> octets{};

  encode_item(item, octets);

  EXPECT_EQ(decode_item<PeerSummaryItem>(octets).remote, item.remote);
  EXPECT_EQ(decode_item<PeerSummaryItem>(octets).local, item.local);
}

TEST(PrivateItems, HoldNumbersBeyondTheirRangeAtItsEnd) {
  std::array<std::byte, 280> octets{};
  encode_item(PeerInfoItem{.root_delay_s = -1e9, .root_dispersion_s = 1e9, .dispersion_s = -1}, octets);

  const auto item = decode_item<PeerInfoItem>(octets);

  EXPECT_NEAR(item.root_delay_s, -32768, 0.001);
  EXPECT_NEAR(item.root_dispersion_s, 65536, 0.001);
  EXPECT_EQ(item.dispersion_s, 0);
}

/// A request with a proof whose key id is `key_id`, in either layout.
std::vector<std::byte> proven(std::size_t length, std::size_t key_offset, std::uint32_t key_id) {
  std::vector<std::byte> datagram(length);
  encode_private_header({.is_authenticated = true, .item_count = 1, .item_length = 4}, datagram);
  store_big_endian(datagram, key_offset - 8, std::uint64_t{0xeeab38be12345678});
  store_big_endian(datagram, key_offset, key_id);
  return datagram;
}

TEST(PrivateProof, StandsBehindTheItemsOrAtItsFixedPlace) {
  const auto compact = proven(8 + 4 + 8 + 4 + 20, 20, 5);
  const auto fixed = proven(192 + 4 + 16, 192, 5);
  for (const auto& [datagram, digest] : {std::pair(compact, 20U), std::pair(fixed, 16U)}) {
    const auto proof = find_private_proof(*decode_private_header(datagram), datagram, 5, digest);
    ASSERT_TRUE(proof.has_value());
    EXPECT_EQ(proof->key_id, 5U);
    EXPECT_EQ(proof->stamp.bits(), 0xeeab38be12345678U);
    EXPECT_EQ(proof->digest(datagram).size(), digest);
    EXPECT_EQ(proof->message(datagram).size() + 4 + digest, datagram.size());
  }
}

TEST(PrivateProof, IsNoneOfAnotherKeyOrLength) {
  const auto datagram = proven(8 + 4 + 8 + 4 + 20, 20, 5);
  const auto header = *decode_private_header(datagram);
  EXPECT_FALSE(find_private_proof(header, datagram, 6, 20).has_value());
  EXPECT_FALSE(find_private_proof(header, datagram, 5, 16).has_value());
  EXPECT_FALSE(find_private_proof(header, Bytes(datagram).first(43), 5, 20).has_value());
}

TEST(PrivateProof, NeverStandsWithinItemsThatClaimToBeLonger) {
  auto datagram = proven(192 + 4 + 16, 192, 5);
  PrivateHeader header = *decode_private_header(datagram);
  header.item_count = 4095;
  header.item_length = 4095;
  EXPECT_FALSE(find_private_proof(header, datagram, 5, 16).has_value());
}

}  // namespace
}  // namespace ntp::wire
