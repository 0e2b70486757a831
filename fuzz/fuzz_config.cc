// SPDX-License-Identifier: BSD-2-Clause
//
// ntp.conf from anyone: the parser never fails, a clean result prints, and what is printed parses to the same.
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

#include "base/assert.h"
#include "config/parser.h"
#include "config/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  // An include reads the rest of the input after its first line: includes nest, and end at the limits.
  const std::size_t newline = text.find('\n');
  const auto reader = [&](const std::string& path) -> std::expected<std::string, std::string> {
    if (newline == std::string::npos || path.size() % 2 == 0) return std::unexpected(std::string("no such file"));
    return text.substr(newline + 1, 256);
  };
  const ntp::config::ParseResult result = ntp::config::parse(text, "/etc/ntp.conf", reader);
  for (const ntp::config::Message& message : result.messages) NTP_ASSERT(!ntp::config::text(message).empty());

  const ntp::config::ParseResult again = ntp::config::parse(ntp::config::print(result.config), "printed", nullptr);
  NTP_ASSERT(again.config == result.config);
  return 0;
}
