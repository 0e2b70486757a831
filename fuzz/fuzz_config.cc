// SPDX-License-Identifier: BSD-2-Clause
//
// ntp.conf from anyone: the parser never fails, a clean result prints, and what is printed parses to the same.
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/assert.h"
#include "config/advice.h"
#include "config/parser.h"
#include "config/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ntp::config;
  const std::string text(data, data + size);
  // An include reads the rest of the input after its first line: includes nest, and end at the limits.
  const std::size_t newline = text.find('\n');
  const auto reader = [&](const std::string& path) -> std::expected<std::string, std::string> {
    if (newline == std::string::npos || path.size() % 2 == 0) return std::unexpected(std::string("no such file"));
    return text.substr(newline + 1, 256);
  };
  // A third of the paths are folders, which hold files and folders.
  const Folders folders{
      .names = [](const std::string& path) -> std::expected<std::optional<Folders::Names>, std::string> {
        if (path.size() % 3 != 0) return std::nullopt;
        if (path.size() % 5 == 0) return std::unexpected(std::string("permission denied"));
        return Folders::Names{"b.conf", "ab.conf", "a", "abc.conf"};
      },
      .drop_ins = "/etc/ntp.d.d"};
  const ParseResult result = parse(text, "/etc/ntp.conf", reader, folders);
  for (const Message& message : result.messages) NTP_ASSERT(!ntp::config::text(message).empty());
  for (const Message& message : advice(result, "/etc/ntp.conf")) NTP_ASSERT(!ntp::config::text(message).empty());
  NTP_ASSERT(result.servers.size() == result.config.servers.size());

  const ParseResult again = parse(print(result.config), "printed", nullptr);
  NTP_ASSERT(again.config == result.config);
  const ParseResult saved = parse(saved_configuration(result), "saved", nullptr);
  NTP_ASSERT(saved.config == result.config);
  return 0;
}
