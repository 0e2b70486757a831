// SPDX-License-Identifier: BSD-2-Clause
#include "state/clock_state.h"

#include <bit>

namespace ntp::state {

static_assert(sizeof(ClockState) <= 128, "two cache lines are what a packet may touch");

ClockState::Words ClockState::pack(const ClockSummary& s) {
  const std::uint64_t small = static_cast<std::uint64_t>(s.leap) | (std::uint64_t{s.stratum} << 8U) |
                              (std::uint64_t{static_cast<std::uint8_t>(s.precision_log2s)} << 16U) |
                              (std::uint64_t{static_cast<std::uint8_t>(s.leap_change_s)} << 24U) |
                              (std::uint64_t{s.refid.bits} << 32U);
  return {small,
          s.reference.bits(),
          std::bit_cast<std::uint64_t>(s.root_delay_s),
          std::bit_cast<std::uint64_t>(s.root_dispersion_s),
          std::bit_cast<std::uint64_t>(s.dispersion_rate),
          static_cast<std::uint64_t>(s.as_of.nanoseconds()),
          static_cast<std::uint64_t>(s.valid_until.nanoseconds()),
          s.real_as_of.bits(),
          s.leap_at.bits(),
          std::bit_cast<std::uint64_t>(s.leap_smear_interval_s),
          1};
}

ClockSummary ClockState::unpack(const Words& w) {
  // The last word is zero until the first publish(): nothing is known, so nothing is claimed.
  if (w[kWords - 1] == 0) return {};
  return {
      .leap = static_cast<wire::Leap>(w[0] & 3U),
      .stratum = static_cast<std::uint8_t>(w[0] >> 8U),
      .precision_log2s = static_cast<std::int8_t>(static_cast<std::uint8_t>(w[0] >> 16U)),
      .refid = {static_cast<std::uint32_t>(w[0] >> 32U)},
      .reference = Timestamp::from_bits(w[1]),
      .root_delay_s = std::bit_cast<double>(w[2]),
      .root_dispersion_s = std::bit_cast<double>(w[3]),
      .dispersion_rate = std::bit_cast<double>(w[4]),
      .as_of = MonoTime::from_nanoseconds(static_cast<std::int64_t>(w[5])),
      .real_as_of = Timestamp::from_bits(w[7]),
      .valid_until = MonoTime::from_nanoseconds(static_cast<std::int64_t>(w[6])),
      .leap_at = Timestamp::from_bits(w[8]),
      .leap_change_s = static_cast<std::int8_t>(static_cast<std::uint8_t>(w[0] >> 24U)),
      .leap_smear_interval_s = std::bit_cast<double>(w[9]),
  };
}

void ClockState::publish(const ClockSummary& summary) {
  const Words words = pack(summary);
  const std::uint64_t sequence = sequence_.load(std::memory_order_relaxed);
  sequence_.store(sequence + 1, std::memory_order_relaxed);  // odd: being written
  // Release stores, not a fence: the thread sanitizer understands these.
  for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_release);
  sequence_.store(sequence + 2, std::memory_order_release);
}

ClockSummary ClockState::read() const {
  for (;;) {
    const std::uint64_t before = sequence_.load(std::memory_order_acquire);
    Words words{};
    for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_acquire);
    const std::uint64_t after = sequence_.load(std::memory_order_relaxed);
    if (before == after && (before & 1U) == 0) return unpack(words);
  }
}

}  // namespace ntp::state
