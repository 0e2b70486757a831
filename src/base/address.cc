// SPDX-License-Identifier: BSD-2-Clause
#include "base/address.h"

#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/format.h>

namespace ntp {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text, int base, std::uint32_t limit) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc() || stop != end || value > limit) return std::nullopt;
  return value;
}

/// Four decimal octets without leading zeros (some read those as octal: refused, as inet_pton does).
std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view octet = text.substr(0, dot);
    if (octet.size() > 3 || (octet.size() > 1 && octet.front() == '0')) return std::nullopt;
    const auto number = parse_number(octet, 10, 255);
    if (!number) return std::nullopt;
    value = (value << 8U) | *number;
    text.remove_prefix(std::min(text.size(), dot + 1));
  }
  return value;
}

/// The groups of one side of "::"; a dotted quad may be the last. Returns the number of octets written, or nothing.
std::optional<std::size_t> parse_groups(std::string_view text, std::span<std::uint8_t> out) {
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, colon);
    if (group.find('.') != std::string_view::npos) {
      const auto quad = parse_v4(group);
      if (!quad || colon != text.size() || out.size() - used < 4) return std::nullopt;
      for (std::size_t i = 0; i < 4; ++i) out[used + i] = static_cast<std::uint8_t>(*quad >> (24U - 8U * i));
      return used + 4;
    }
    const auto value = group.size() <= 4 ? parse_number(group, 16, 0xffff) : std::nullopt;
    if (!value || out.size() - used < 2) return std::nullopt;
    out[used] = static_cast<std::uint8_t>(*value >> 8U);
    out[used + 1] = static_cast<std::uint8_t>(*value);
    used += 2;
    if (colon == text.size()) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // "1:" ends in the middle
  }
  return used;
}

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
  std::array<std::uint8_t, 16> octets{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto used = parse_groups(text, octets);
    if (used != octets.size()) return std::nullopt;
    return octets;
  }
  std::array<std::uint8_t, 16> tail{};
  const std::string_view left = text.substr(0, gap);
  if (left.find('.') != std::string_view::npos) return std::nullopt;
  const auto head_used = parse_groups(left, octets);
  const auto tail_used = parse_groups(text.substr(gap + 2), tail);
  // "::" stands for at least one group of zeros.
  if (!head_used || !tail_used || *head_used + *tail_used > octets.size() - 2) return std::nullopt;
  std::copy_n(tail.begin(), *tail_used, octets.end() - static_cast<std::ptrdiff_t>(*tail_used));
  return octets;
}

struct Run {
  std::size_t start = 0;
  std::size_t length = 0;
};

/// The longest run of zero groups, the first one of equals; runs of one group are not shortened (RFC 5952 section 4.2).
Run longest_zero_run(std::span<const std::uint16_t, 8> groups) {
  Run best;
  Run current;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] != 0) {
      current = {i + 1, 0};
      continue;
    }
    ++current.length;
    if (current.length > best.length) best = current;
  }
  return best.length >= 2 ? best : Run{};
}

std::string text_v6(const std::array<std::uint8_t, 16>& octets) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<std::uint16_t>((unsigned{octets[2 * i]} << 8U) | octets[2 * i + 1]);
  const bool v4_mapped =
      std::all_of(groups.begin(), groups.begin() + 5, [](auto g) { return g == 0; }) && groups[5] == 0xffff;
  if (v4_mapped) return fmt::format("::ffff:{}.{}.{}.{}", octets[12], octets[13], octets[14], octets[15]);

  const Run run = longest_zero_run(groups);
  std::string out;
  for (std::size_t i = 0; i < 8;) {
    if (run.length > 0 && i == run.start) {
      out += "::";
      i += run.length;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += fmt::format("{:x}", groups[i]);
    ++i;
  }
  return out;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto value = parse_v4(text);
    return value ? std::optional(v4(*value)) : std::nullopt;
  }
  std::uint32_t scope = 0;
  if (const std::size_t percent = text.find('%'); percent != std::string_view::npos) {
    const auto number = parse_number(text.substr(percent + 1), 10, 0xffffffffU);
    if (!number) return std::nullopt;
    scope = *number;
    text = text.substr(0, percent);
  }
  const auto octets = parse_v6(text);
  return octets ? std::optional(v6(*octets, scope)) : std::nullopt;
}

bool Address::is_loopback() const {
  if (is_v4()) return octets_[0] == 127;
  return *this == v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, scope_);
}

bool Address::is_unspecified() const {
  return std::all_of(octets_.begin(), octets_.end(), [](std::uint8_t o) { return o == 0; });
}

bool Address::is_multicast() const { return is_v4() ? (octets_[0] & 0xf0U) == 0xe0U : octets_[0] == 0xff; }

std::string Address::text() const {
  if (is_v4()) return fmt::format("{}.{}.{}.{}", octets_[0], octets_[1], octets_[2], octets_[3]);
  const std::string plain = text_v6(octets_);
  return scope_ == 0 ? plain : fmt::format("{}%{}", plain, scope_);
}

std::string Endpoint::text() const {
  return address.is_v4() ? fmt::format("{}:{}", address.text(), port) : fmt::format("[{}]:{}", address.text(), port);
}

}  // namespace ntp
