// SPDX-License-Identifier: BSD-2-Clause
//
// For tests: the datagrams of the captures in tests/data/classic (pcap, little-endian, Ethernet, UDP over IPv4).
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"

namespace ntp::wire::capture {

struct Datagram {
  std::size_t number = 0;  ///< in the capture, from 1
  Endpoint source;
  Endpoint destination;
  std::vector<std::byte> payload;
};

/// A file of tests/data/classic, looked for from the working directory (a build folder) or this file upwards. Empty: there is
/// none.
inline std::string read_classic(const std::string& name) {
  constexpr int kMostLevels = 12;
  const std::string here = __FILE__;
  for (std::string start : {std::string("."), here.substr(0, here.rfind('/'))}) {
    for (int level = 0; level < kMostLevels; ++level, start += "/..") {
      const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
          std::fopen((start + "/tests/data/classic/" + name).c_str(), "rb"), std::fclose);
      if (!file) continue;
      std::string text(1 << 20, '\0');
      text.resize(std::fread(text.data(), 1, text.size(), file.get()));
      return text;
    }
  }
  return {};
}

inline std::vector<Datagram> read_capture(const std::string& name) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::size_t kRecordHeader = 16;
  constexpr std::size_t kEthernet = 14;
  const std::string text = read_classic(name);
  const Bytes all = std::as_bytes(std::span(text));
  std::vector<Datagram> datagrams;
  std::size_t number = 0;
  for (std::size_t at = kFileHeader; at + kRecordHeader <= all.size();) {
    const std::size_t length = std::byteswap(load_big_endian<std::uint32_t>(all, at + 8));
    const Bytes frame = all.subspan(at + kRecordHeader, length);
    at += kRecordHeader + length;
    ++number;
    if (load_big_endian<std::uint16_t>(frame, 12) != 0x0800) continue;
    const std::size_t udp = kEthernet + std::size_t{4} * (load_big_endian<std::uint8_t>(frame, kEthernet) & 15U);
    if (load_big_endian<std::uint8_t>(frame, kEthernet + 9) != 17) continue;
    const Bytes payload = frame.subspan(udp + 8, load_big_endian<std::uint16_t>(frame, udp + 4) - 8U);
    const auto endpoint = [&](std::size_t address, std::size_t port) {
      return Endpoint{Address::v4(load_big_endian<std::uint32_t>(frame, kEthernet + address)),
                      load_big_endian<std::uint16_t>(frame, udp + port)};
    };
    datagrams.push_back({number, endpoint(12, 0), endpoint(16, 2), {payload.begin(), payload.end()}});
  }
  return datagrams;
}

}  // namespace ntp::wire::capture
