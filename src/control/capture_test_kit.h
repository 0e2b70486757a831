// SPDX-License-Identifier: BSD-2-Clause
//
// For tests: the exchanges of control messages in a capture of the reference implementation (tests/data/classic).
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/address.h"
#include "base/bytes.h"

namespace ntp::control::test {

struct Datagram {
  Endpoint source;
  Endpoint destination;
  std::vector<std::byte> payload;
};

/// tests/data/classic of the tree that holds the working directory (a build folder) or, failing that, this file.
inline std::filesystem::path capture_folder() {
  for (std::filesystem::path start : {std::filesystem::current_path(), std::filesystem::path(__FILE__).parent_path()}) {
    for (;; start = start.parent_path()) {
      if (std::filesystem::exists(start / "tests/data/README.md")) return start / "tests/data/classic";
      if (start == start.parent_path()) break;
    }
  }
  return {};
}

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The UDP datagrams over IPv4 of a pcap file that was written little-endian with Ethernet frames.
inline std::vector<Datagram> read_capture(std::string_view name) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::size_t kRecordHeader = 16;
  constexpr std::size_t kEthernet = 14;
  constexpr std::size_t kUdp = 8;
  const std::string text = read_whole(capture_folder() / name);
  const Bytes all = std::as_bytes(std::span(text));
  EXPECT_GE(all.size(), kFileHeader) << name;

  std::vector<Datagram> datagrams;
  for (std::size_t at = kFileHeader; at + kRecordHeader <= all.size();) {
    std::size_t length = 0;
    for (std::size_t i = 4; i-- > 0;) length = length << 8U | std::to_integer<std::size_t>(all[at + 8 + i]);
    const Bytes frame = all.subspan(at + kRecordHeader, length);
    at += kRecordHeader + length;
    if (load_big_endian<std::uint16_t>(frame, 12) != 0x0800) continue;
    const std::size_t udp = kEthernet + std::size_t{4} * (load_big_endian<std::uint8_t>(frame, kEthernet) & 15U);
    if (load_big_endian<std::uint8_t>(frame, kEthernet + 9) != 17) continue;
    const Bytes payload = frame.subspan(udp + kUdp, load_big_endian<std::uint16_t>(frame, udp + 4) - kUdp);
    datagrams.push_back({
        .source = {Address::v4(load_big_endian<std::uint32_t>(frame, kEthernet + 12)),
                   load_big_endian<std::uint16_t>(frame, udp)},
        .destination = {Address::v4(load_big_endian<std::uint32_t>(frame, kEthernet + 16)),
                        load_big_endian<std::uint16_t>(frame, udp + 2)},
        .payload = {payload.begin(), payload.end()},
    });
  }
  return datagrams;
}

}  // namespace ntp::control::test
