// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/secret.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace ntp::crypto {
namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Secret, IsACopyThatMovesWithItsOwner) {
  Secret first(bytes_of("one"));
  const std::byte* place = first.octets().data();
  Secret second(std::move(first));

  EXPECT_EQ(second.octets().data(), place);
  EXPECT_TRUE(std::ranges::equal(second.octets(), bytes_of("one")));
  second = Secret(bytes_of("another"));
  EXPECT_TRUE(std::ranges::equal(second.octets(), bytes_of("another")));
  EXPECT_TRUE(Secret().octets().empty());
}

/// The kernel's flags of the mapping that holds `place` (proc(5), smaps): "dd" is kept out of dumps, "lo" is locked.
std::string mapping_flags(const void* place) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(place);
  std::ifstream maps("/proc/self/smaps");
  bool is_ours = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t low = 0;
    std::uintptr_t high = 0;
    char dash = 0;
    if (std::istringstream head(line); head >> std::hex >> low >> dash >> high && dash == '-')
      is_ours = low <= wanted && wanted < high;
    if (is_ours && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(SecretHeap, KeepsSecretsFromDumpsAndSwapAndHoldsWhatFits) {
  constexpr std::size_t kOctets = 65536;
  const SecretHeap heap = open_secret_heap(kOctets);
  ASSERT_NE(heap, SecretHeap::unavailable);
  const std::vector<std::byte> text(32, std::byte{0xaa});

  const Secret secret{Bytes(text)};
  EXPECT_TRUE(secret.is_set_aside());
  const std::string flags = mapping_flags(secret.octets().data());
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
  EXPECT_EQ(flags.find(" lo ") != std::string::npos, heap == SecretHeap::locked) << flags;

  std::vector<Secret> many;
  while (many.empty() || many.back().is_set_aside()) {
    ASSERT_LE(many.size(), kOctets);
    many.emplace_back(Bytes(text));
  }
  EXPECT_GE(many.size(), kOctets / text.size() / 2);
  for (const Secret& one : many) EXPECT_TRUE(std::ranges::equal(one.octets(), text)) << "also in the ordinary heap";

  // The mapping stays; the heap's own list takes the first two words of what is free.
  const std::byte* place = many.front().octets().data();
  many.clear();
  EXPECT_TRUE(std::all_of(place + 16, place + text.size(), [](std::byte b) { return b == std::byte{}; }));
}

TEST(Wipe, LeavesZerosAndNothingElse) {
  std::array<std::byte, 40> octets;
  octets.fill(std::byte{0xaa});

  wipe(std::span(octets).subspan(1, 38));

  EXPECT_EQ(octets.front(), std::byte{0xaa});
  EXPECT_EQ(octets.back(), std::byte{0xaa});
  EXPECT_TRUE(std::ranges::all_of(std::span(octets).subspan(1, 38), [](std::byte b) { return b == std::byte{}; }));
}

TEST(SecretText, HoldsWhatAnyContainerHolds) {
  SecretText text;
  for (int i = 0; i < 1000; ++i) text.push_back(static_cast<char>('a' + i % 26));

  EXPECT_EQ(std::string_view(text.data(), 3), "abc");
  EXPECT_EQ(text.size(), 1000U);
}

}  // namespace
}  // namespace ntp::crypto
