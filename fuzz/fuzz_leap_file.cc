// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: a list of leap seconds from anywhere. Whatever is taken is in order, a second at a time, before its expiry.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "policy/leap_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ntp::policy::LeapTable;
  const std::string text(data, data + size);
  const auto lenient = LeapTable::parse(text, false);
  const auto strict = LeapTable::parse(text, true);
  NTP_ASSERT(lenient || !strict);
  if (!lenient) {
    NTP_ASSERT(!lenient.error().empty());
    return 0;
  }
  const auto& entries = lenient->entries();
  NTP_ASSERT(!entries.empty() && entries.back().at < lenient->expires());
  NTP_ASSERT(!lenient->tai_offset_s(entries.front().at - 1) && !lenient->next(entries.back().at));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    NTP_ASSERT(lenient->tai_offset_s(entries[i].at) == entries[i].tai_offset_s);
    if (i == 0) continue;
    const auto next = lenient->next(entries[i].at - 1);
    NTP_ASSERT(next && next->at == entries[i].at && (next->change_s == 1 || next->change_s == -1));
    NTP_ASSERT(next->tai_offset_s == entries[i].tai_offset_s && entries[i - 1].at < entries[i].at);
  }
  NTP_ASSERT(ntp::policy::date_text(lenient->expires()).size() >= 10);
  return 0;
}
