// SPDX-License-Identifier: BSD-2-Clause
//
// The memory of the client table: pages of 4096 octets, each of 16 buckets, each of four places for clients in four cache lines.
//
//   line 0   tag x 4, control x 4        all that a search reads
//   line 1   last x 4, level x 4         what a packet changes besides its control
//   line 2   address x 4, 16 octets each
//   line 3   first x 4, kissed x 4
//
//   tag      keyed hash of the address; 0: the place is free
//   control  owned 1 | generation 10 | version 3 | mode 3 | restrictions 15 | count 32
//   last     time 48 | port 16
//   first    time 48 | scope 16
//
// A packet of a known client touches the first two lines, which processors fetch as a pair. The hash chooses the page and in
// it two buckets: with both in one page there is one address translation.
//
// A place is changed by whoever has set the bit "owned" of its control word: with a compare-and-swap, and without waiting
// where another thread was faster. Readers look at the control word before and after, and discard what was changed between.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/address.h"
#include "base/bytes.h"

namespace ntp::policy {

inline constexpr std::size_t kPlacesOfBucket = 4;
inline constexpr std::size_t kBucketWords = 32;
inline constexpr std::size_t kBucketsOfPage = 16;
inline constexpr std::size_t kPlacesOfPage = kBucketsOfPage * kPlacesOfBucket;
inline constexpr std::size_t kPageWords = kBucketsOfPage * kBucketWords;
inline constexpr std::size_t kPageOctets = kPageWords * sizeof(std::uint64_t);

/// An address as two words. An IPv4 address has a first word that no sender's IPv6 address has: ff00::/8 is multicast.
struct ClientAddress {
  static constexpr std::uint64_t kIpv4Mark = std::uint64_t{0xff} << 56U;
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  /// Nothing for addresses that nobody sends from.
  static std::optional<ClientAddress> of(const Address& address) {
    if (address.is_v4()) return ClientAddress{.high = kIpv4Mark | address.v4_host_order(), .low = 0};
    const Bytes octets = std::as_bytes(std::span(address.octets()));
    const ClientAddress words = {.high = load_big_endian<std::uint64_t>(octets, 0),
                                 .low = load_big_endian<std::uint64_t>(octets, 8)};
    if ((words.high & kIpv4Mark) == kIpv4Mark) return std::nullopt;
    return words;
  }
  [[nodiscard]] Address address(std::uint32_t scope) const;
};

/// The control word, unpacked.
struct ClientControl {
  std::uint32_t count = 0;
  std::uint16_t restrictions = 0;  ///< 15 bits
  std::uint8_t mode = 0;           ///< 3 bits
  std::uint8_t version = 0;        ///< 3 bits
  std::uint16_t generation = 0;    ///< 10 bits

  static constexpr std::uint64_t kOwned = std::uint64_t{1} << 63U;
  static constexpr ClientControl unpack(std::uint64_t word) {
    return {
        .count = static_cast<std::uint32_t>(word),
        .restrictions = static_cast<std::uint16_t>((word >> 32U) & 0x7fffU),
        .mode = static_cast<std::uint8_t>((word >> 47U) & 7U),
        .version = static_cast<std::uint8_t>((word >> 50U) & 7U),
        .generation = static_cast<std::uint16_t>((word >> 53U) & 0x3ffU),
    };
  }
  [[nodiscard]] constexpr std::uint64_t pack() const {
    return std::uint64_t{count} | (std::uint64_t{restrictions & 0x7fffU} << 32U) | (std::uint64_t{mode & 7U} << 47U) |
           (std::uint64_t{version & 7U} << 50U) | (std::uint64_t{generation & 0x3ffU} << 53U);
  }
};

/// A monotonic time of 48 bits, in units of 4.096 us (they last 36 years), and a number of 16 bits.
class TimeAndNumber {
 public:
  TimeAndNumber(std::int64_t ns, std::uint16_t number)
      : word_((static_cast<std::uint64_t>(ns > 0 ? ns : 0) >> kUnitBits << kNumberBits) | number) {}
  explicit TimeAndNumber(std::uint64_t word) : word_(word) {}

  [[nodiscard]] std::uint64_t word() const { return word_; }
  [[nodiscard]] std::int64_t ns() const { return static_cast<std::int64_t>(word_ >> kNumberBits << kUnitBits); }
  [[nodiscard]] std::uint16_t number() const { return static_cast<std::uint16_t>(word_); }

 private:
  static constexpr unsigned kNumberBits = 16;
  static constexpr unsigned kUnitBits = 12;
  std::uint64_t word_;
};

/// One place of a bucket. Words are reached by atomic references: the memory comes zeroed from the C library, untouched.
class ClientPlace {
 public:
  ClientPlace(std::uint64_t* bucket, std::size_t index) : bucket_(bucket), index_(index) {}

  /// The control word as it was, if nobody else owned the place: then it is ours until release().
  [[nodiscard]] std::optional<ClientControl> try_own() const {
    const Word control(bucket_[kControl + index_]);
    std::uint64_t seen = control.load(std::memory_order_relaxed);
    if ((seen & ClientControl::kOwned) != 0) return std::nullopt;
    if (!control.compare_exchange_strong(seen, seen | ClientControl::kOwned, std::memory_order_acq_rel,
                                         std::memory_order_relaxed))
      return std::nullopt;
    return ClientControl::unpack(seen);
  }
  void release(const ClientControl& control) const {
    // A new generation each time: else a reader could take two clients with equal controls for one.
    ClientControl next = control;
    ++next.generation;
    store(kControl + index_, next.pack());
  }
  /// Nothing while somebody owns the place. Acquires: what is read afterwards is at least as new.
  [[nodiscard]] std::optional<std::uint64_t> watch() const;
  /// True if nobody has changed the place since watch() gave `control`.
  [[nodiscard]] bool is_unchanged(std::uint64_t control) const;

  [[nodiscard]] std::uint64_t tag() const { return load(index_); }
  /// A bit for each place of the bucket that has this tag.
  static unsigned with_tag(std::uint64_t* bucket, std::uint64_t tag) {
    // Without branches, and without a loop that is not unrolled: where a client is can't be predicted.
    const auto bit = [&](std::size_t i) {
      return static_cast<unsigned>(Word(bucket[i]).load(std::memory_order_acquire) == tag) << i;
    };
    return bit(0) | bit(1) | bit(2) | bit(3);
  }
  void set_tag(std::uint64_t tag) const { store(index_, tag); }
  [[nodiscard]] TimeAndNumber last_and_port() const { return TimeAndNumber(load(kLast + index_)); }
  void set_last_and_port(TimeAndNumber value) const { store(kLast + index_, value.word()); }
  [[nodiscard]] std::uint64_t level() const { return load(kLevel + index_); }
  void set_level(std::uint64_t value) const { store(kLevel + index_, value); }
  [[nodiscard]] ClientAddress address() const { return {load(kAddress + 2 * index_), load(kAddress + 2 * index_ + 1)}; }
  void set_address(const ClientAddress& address) const;
  [[nodiscard]] TimeAndNumber first_and_scope() const { return TimeAndNumber(load(kFirst + index_)); }
  void set_first_and_scope(TimeAndNumber value) const { store(kFirst + index_, value.word()); }
  [[nodiscard]] std::int64_t kissed_ns() const { return static_cast<std::int64_t>(load(kKissed + index_)); }
  void set_kissed_ns(std::int64_t value) const { store(kKissed + index_, static_cast<std::uint64_t>(value)); }

 private:
  using Word = std::atomic_ref<std::uint64_t>;
  static constexpr std::size_t kControl = 4;
  static constexpr std::size_t kLast = 8;
  static constexpr std::size_t kLevel = 12;
  static constexpr std::size_t kAddress = 16;
  static constexpr std::size_t kFirst = 24;
  static constexpr std::size_t kKissed = 28;

  // Acquire and release rather than fences: the thread sanitizer understands these, and on x86 they cost nothing.
  [[nodiscard]] std::uint64_t load(std::size_t word) const {
    return Word(bucket_[word]).load(std::memory_order_acquire);
  }
  void store(std::size_t word, std::uint64_t value) const {
    Word(bucket_[word]).store(value, std::memory_order_release);
  }

  std::uint64_t* bucket_;
  std::size_t index_;
};

}  // namespace ntp::policy
