// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: the text of addresses. What parses is written in a form that parses to the same address.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/address.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string text(octets, octets + size);
  const auto address = ntp::Address::parse(text);
  if (!address) return 0;

  const std::string canonical = address->text();
  const auto again = ntp::Address::parse(canonical);
  NTP_ASSERT(again == address);
  NTP_ASSERT(again.has_value() && again->text() == canonical);
  NTP_ASSERT(address->is_v4() == (text.find(':') == std::string::npos));
  NTP_ASSERT(!(address->is_loopback() && address->is_multicast()));
  return 0;
}
