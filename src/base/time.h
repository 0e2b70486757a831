// SPDX-License-Identifier: BSD-2-Clause
//
// The types of time: what the network says, what differs, when to act. (RFC 5905 section 6)
//
// Timestamp and Span are modular: a Timestamp has no era, the difference of two is exact as long as the true instants are
// less than 68 years apart, and no operation on any pair of bit patterns overflows. Which era a Timestamp belongs to is
// decided in one place, where the operating system's clock is read (clock/).
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "base/wide.h"

namespace ntp {

inline constexpr double kTwo32 = 4294967296.0;
inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// A signed difference of two Timestamps: 32.32 fixed point, two's complement, in units of 2^-32 s (233 ps).
/// Range: -2^31 s up to, but not including, 2^31 s (68 years).
class Span {
 public:
  constexpr Span() = default;
  static constexpr Span from_units(std::int64_t units) { return Span(units); }
  /// Nearest Span; values beyond the range saturate, NaN gives zero.
  static constexpr Span from_seconds(double seconds);
  /// Rounds towards zero; values beyond the range saturate.
  static constexpr Span from_nanoseconds(std::int64_t nanoseconds);

  [[nodiscard]] constexpr std::int64_t units() const { return units_; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(units_) / kTwo32; }

  friend constexpr auto operator<=>(Span, Span) = default;
  friend constexpr Span operator+(Span a, Span b) { return Span(wrap(bits(a.units_) + bits(b.units_))); }
  friend constexpr Span operator-(Span a, Span b) { return Span(wrap(bits(a.units_) - bits(b.units_))); }
  friend constexpr Span operator-(Span a) { return Span(wrap(0 - bits(a.units_))); }

 private:
  constexpr explicit Span(std::int64_t units) : units_(units) {}
  static constexpr std::uint64_t bits(std::int64_t v) { return static_cast<std::uint64_t>(v); }
  static constexpr std::int64_t wrap(std::uint64_t v) { return static_cast<std::int64_t>(v); }

  std::int64_t units_ = 0;
};

/// An instant as NTP writes it: seconds since 1 January 1900 modulo 2^32, and a fraction of 2^-32 s. It has no era, so
/// two of them have no order, only a difference. All zero means "unknown" on the wire.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp from_bits(std::uint64_t bits) { return Timestamp(bits); }
  static constexpr Timestamp from_parts(std::uint32_t seconds, std::uint32_t fraction) {
    return Timestamp((std::uint64_t{seconds} << 32U) | fraction);
  }

  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
  [[nodiscard]] constexpr std::uint32_t seconds() const { return static_cast<std::uint32_t>(bits_ >> 32U); }
  [[nodiscard]] constexpr std::uint32_t fraction() const { return static_cast<std::uint32_t>(bits_); }
  [[nodiscard]] constexpr bool is_unknown() const { return bits_ == 0; }

  friend constexpr bool operator==(Timestamp, Timestamp) = default;
  friend constexpr Span operator-(Timestamp a, Timestamp b) {
    return Span::from_units(static_cast<std::int64_t>(a.bits_ - b.bits_));
  }
  friend constexpr Timestamp operator+(Timestamp a, Span b) {
    return Timestamp(a.bits_ + static_cast<std::uint64_t>(b.units()));
  }
  friend constexpr Timestamp operator-(Timestamp a, Span b) {
    return Timestamp(a.bits_ - static_cast<std::uint64_t>(b.units()));
  }

 private:
  constexpr explicit Timestamp(std::uint64_t bits) : bits_(bits) {}

  std::uint64_t bits_ = 0;
};

/// Root delay and root dispersion on the wire: unsigned 16.16 seconds (RFC 5905 section 6, "short format").
class ShortTime {
 public:
  constexpr ShortTime() = default;
  static constexpr ShortTime from_bits(std::uint32_t bits) { return ShortTime(bits); }
  /// Rounds up, so that a bound stays a bound; negative and NaN give zero, too large saturates.
  static constexpr ShortTime from_seconds(double seconds);

  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(bits_) / 65536.0; }

  friend constexpr auto operator<=>(ShortTime, ShortTime) = default;

 private:
  constexpr explicit ShortTime(std::uint32_t bits) : bits_(bits) {}

  std::uint32_t bits_ = 0;
};

namespace detail {

/// Nanoseconds on one particular clock. The tag keeps the clocks apart: an instant of one is not an instant of another.
template <class Clock>
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant from_nanoseconds(std::int64_t ns) { return Instant(ns); }
  static constexpr Instant never() { return Instant(std::numeric_limits<std::int64_t>::max()); }

  [[nodiscard]] constexpr std::int64_t nanoseconds() const { return ns_; }

  friend constexpr auto operator<=>(Instant, Instant) = default;
  /// Seconds from b to a.
  friend constexpr double operator-(Instant a, Instant b) {
    return static_cast<double>(Int128{a.ns_} - Int128{b.ns_}) / 1e9;
  }
  /// Saturates at both ends; NaN leaves the instant as it is, and never() plus anything is never().
  friend constexpr Instant operator+(Instant a, double seconds) {
    constexpr double kBeyondAnySum = 2e19;  // more than the whole range of 64 bits
    constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
    const double nanoseconds = seconds * 1e9;
    if (nanoseconds != nanoseconds || a == never()) return a;
    if (nanoseconds >= kBeyondAnySum) return never();
    if (nanoseconds <= -kBeyondAnySum) return Instant(kLowest);
    // Added as integers: nanoseconds of a large instant don't survive a double.
    const Int128 sum = Int128{a.ns_} + static_cast<Int128>(nanoseconds);
    if (sum >= never().ns_) return never();
    return Instant(sum <= kLowest ? kLowest : static_cast<std::int64_t>(sum));
  }

 private:
  constexpr explicit Instant(std::int64_t ns) : ns_(ns) {}

  std::int64_t ns_ = 0;
};

}  // namespace detail

/// When to act: the monotonic clock. May start at zero; only differences and order have a meaning.
using MonoTime = detail::Instant<struct MonotonicClock>;
/// The undisciplined clock (the counter behind the system clock, untouched by any correction).
using RawTime = detail::Instant<struct RawClock>;

constexpr Span Span::from_seconds(double seconds) {
  constexpr double kLimit = 2147483648.0;
  if (seconds != seconds) return Span(0);
  if (seconds >= kLimit) return Span(std::numeric_limits<std::int64_t>::max());
  if (seconds <= -kLimit) return Span(std::numeric_limits<std::int64_t>::min());
  // Rounded by the exact remainder: adding 0.5 to a number above 2^52 would itself round, and miss by a unit.
  const double scaled = seconds * kTwo32;
  const auto whole = static_cast<std::int64_t>(scaled);
  const double rest = scaled - static_cast<double>(whole);
  if (rest >= 0.5) return Span(whole + 1);
  return Span(rest <= -0.5 ? whole - 1 : whole);
}

constexpr Span Span::from_nanoseconds(std::int64_t nanoseconds) {
  // Multiplied, not shifted: a negative number must round towards zero like a positive one.
  const Int128 units = Int128{nanoseconds} * (std::int64_t{1} << 32) / kNanosecondsPerSecond;
  if (units > std::numeric_limits<std::int64_t>::max()) return Span(std::numeric_limits<std::int64_t>::max());
  if (units < std::numeric_limits<std::int64_t>::min()) return Span(std::numeric_limits<std::int64_t>::min());
  return Span(static_cast<std::int64_t>(units));
}

constexpr ShortTime ShortTime::from_seconds(double seconds) {
  if (!(seconds > 0)) return ShortTime(0);
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  const double scaled = seconds * 65536.0;
  if (scaled >= static_cast<double>(kMost)) return ShortTime(kMost);
  const auto floor = static_cast<std::uint32_t>(scaled);
  return ShortTime(static_cast<double>(floor) < scaled ? floor + 1 : floor);
}

/// 2^exponent seconds, for poll intervals and precisions.
constexpr double exp2_s(int exponent) {
  double value = 1.0;
  for (; exponent > 0; --exponent) value *= 2.0;
  for (; exponent < 0; ++exponent) value *= 0.5;
  return value;
}

}  // namespace ntp
