// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: private messages (mode 7) to the daemon. The first octet says who asks; a stranger's answer is one datagram,
// no longer than the request, and nothing is changed without the request key.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"
#include "control/private_service.h"
#include "control/private_test_kit.h"

namespace {

using ntp::control::private_test::Desk;

/// A host that has something of everything.
Desk& desk() {
  static Desk* const made = [] {
    auto* fresh = new Desk;
    for (std::uint32_t i = 0; i < 40; ++i) {
      ntp::state::SourceView source{.association_id = static_cast<std::uint16_t>(i + 1),
                                    .remote = {ntp::Address::v4(0x0a4d0100U + i), 123}};
      if (i == 0) source.remote.address = ntp::Address::v4(0x7f7f0100);
      if (i == 0) source.clock = ntp::state::ClockView{};
      fresh->facts_.view_.sources.push_back(source);
    }
    fresh->facts_.interfaces_.resize(5);
    fresh->facts_.policy_.access =
        ntp::policy::AccessList({{.address = ntp::Address::v4(0), .mask = ntp::Address::v4(0)}});
    return fresh;
  }();
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size == 0) return 0;
  Desk& world = desk();
  world.commands_.done_.clear();
  world.state_.budget_ = 100'000;
  const ntp::Bytes datagram = std::as_bytes(std::span(octets, size)).subspan(1);
  const bool is_stranger = (octets[0] & 3U) == 0;
  ntp::control::Replies out;
  world.service_.answer({.remote = world.remote_,
                         .payload = datagram,
                         .is_this_host = (octets[0] & 1U) != 0,
                         .has_own_line = (octets[0] & 2U) != 0},
                        {.real = ntp::control::private_test::kNow}, out);
  NTP_ASSERT(out.size() <= 128);
  for (std::size_t i = 0; i < out.size(); ++i) NTP_ASSERT(out[i].payload.size() <= 508);
  if (is_stranger) NTP_ASSERT(out.size() <= 1 && (out.size() == 0 || out[0].payload.size() <= datagram.size()));
  NTP_ASSERT(world.commands_.done_.empty());  // no input holds a proof of this key: the corpus has none
  return 0;
}
