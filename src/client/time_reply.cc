// SPDX-License-Identifier: BSD-2-Clause
#include "client/time_reply.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "engine/association.h"
#include "engine/constants.h"
#include "engine/on_wire.h"
#include "wire/datagram.h"

namespace ntp::client {
namespace {

/// The delay of a real exchange may come out negative by the clocks' resolution and frequency error, and by the errors of our
/// stamps, not by more.
constexpr double kMaxNegativeDelay_s = 0.001;
/// A difference of two readings that is too small to see is still one.
constexpr double kLeastDelay_s = 1e-9;
/// A reply that took longer answers another question than ours.
constexpr double kLongestRoundTrip_s = 60.0;

bool is_kiss(const wire::Header& header) {
  return header.stratum == 0 && header.leap == wire::Leap::unsynchronized &&
         (header.refid == wire::kKissRate || header.refid == wire::kKissDeny || header.refid == wire::kKissRestrict);
}

bool has_our_mac(const TimeKey& key, const wire::Layout& layout, Bytes datagram, crypto::MacWorkspace& macs) {
  return layout.has_mac && layout.mac.key_id == key.key_id &&
         macs.verify(*key.key, datagram.first(layout.mac.offset), layout.mac.digest(datagram));
}

/// Nothing where the stamps can't be those of an exchange: legs wrap 68 years away from our clock, and then the delay comes
/// out beyond the round trip.
std::optional<TimeSample> measure_reply(const wire::Header& header, const LocalStamps& stamps) {
  if (header.receive.is_unknown() || header.transmit.is_unknown()) return std::nullopt;
  const auto measured = engine::measure({stamps.t1, header.receive, header.transmit, stamps.t4});
  const double round_trip_s = (stamps.t4 - stamps.t1).seconds();
  const double stamps_error_s = stamps.t1_error_s + stamps.t4_error_s;
  if (measured.delay_s < -kMaxNegativeDelay_s - stamps_error_s ||
      std::max(measured.delay_s, round_trip_s) > kLongestRoundTrip_s)
    return std::nullopt;
  // What a server may claim as precision: from a nanosecond to a second.
  const double precision_s = exp2_s(std::clamp<int>(header.precision_log2s, -30, 0));
  const double delay_s = std::max(measured.delay_s, kLeastDelay_s);
  const double error_s = precision_s + stamps_error_s + engine::kFrequencyTolerance * std::max(round_trip_s, 0.0);
  return TimeSample{
      .offset_s = measured.offset_s,
      .delay_s = delay_s,
      .root_distance_s = (header.root_delay.seconds() + delay_s) / 2 + header.root_dispersion.seconds() + error_s,
      .at = stamps.t4};
}

/// Of a header that answers us and is no kiss: whether it may be used.
std::optional<TimeFault> fault_of(const wire::Header& header, bool has_sample) {
  const std::uint32_t tests = engine::test_packet(header);
  if ((tests & (engine::kPacketStratum | engine::kPacketUnsync)) != 0) return TimeFault::unsynchronized;
  if (tests != 0 || !has_sample) return TimeFault::unfit;
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<std::byte>> encode(const TimeRequest& request, crypto::MacWorkspace& macs) {
  NTP_ASSERT(!request.cookie.is_unknown());
  wire::Header header;
  header.version = request.version;
  header.mode = wire::Mode::client;
  header.transmit = request.cookie;
  std::vector<std::byte> datagram(wire::kHeaderLength);
  wire::encode_header(header, datagram);
  if (request.key.key_id == 0) return datagram;

  crypto::MacWorkspace::Digest digest{};
  const std::size_t length = macs.sign(*request.key.key, datagram, digest);
  if (length == 0) return std::nullopt;
  datagram.resize(wire::kHeaderLength + sizeof request.key.key_id + length);
  store_big_endian(MutableBytes(datagram), wire::kHeaderLength, request.key.key_id);
  std::copy_n(digest.begin(), length, datagram.end() - static_cast<std::ptrdiff_t>(length));
  return datagram;
}

TimeAnswer judge_time_reply(const TimeRequest& request, Bytes datagram, const LocalStamps& stamps,
                            crypto::MacWorkspace& macs) {
  const auto header = wire::decode_header(datagram);
  const auto layout = wire::decode_layout(datagram);
  if (!header || !layout || header->mode != wire::Mode::server || header->version == 0 ||
      header->version > wire::kVersion)
    return {.fault = TimeFault::malformed};

  const bool answers_us = header->origin == request.cookie;
  const bool is_keyed = request.key.key_id != 0;
  if (!answers_us) return {.fault = TimeFault::bogus};
  if (layout->is_crypto_nak()) return {.fault = is_keyed ? TimeFault::crypto_nak : TimeFault::bogus, .header = *header};
  if (is_keyed && !has_our_mac(request.key, *layout, datagram, macs)) return {.fault = TimeFault::bad_mac};

  if (is_kiss(*header)) return {.fault = TimeFault::kiss, .header = *header};
  TimeAnswer answer{.header = *header, .t1 = stamps.t1, .sample = measure_reply(*header, stamps)};
  answer.fault = fault_of(*header, answer.sample.has_value());
  return answer;
}

TimeAnswer judge_broadcast(const TimeKey& key, Bytes datagram, const LocalStamps& stamps, crypto::MacWorkspace& macs) {
  const auto header = wire::decode_header(datagram);
  const auto layout = wire::decode_layout(datagram);
  if (!header || !layout || header->mode != wire::Mode::broadcast || header->version == 0 ||
      header->version > wire::kVersion)
    return {.fault = TimeFault::malformed};
  if (key.key_id != 0 && !has_our_mac(key, *layout, datagram, macs)) return {.fault = TimeFault::bad_mac};

  TimeAnswer answer{.header = *header};
  // A broadcast has no receive stamp (RFC 5905 section 8); the packet tests want one.
  wire::Header tested = *header;
  tested.receive = tested.transmit;
  if (!header->transmit.is_unknown()) {
    const double precision_s = exp2_s(std::clamp<int>(header->precision_log2s, -30, 0));
    answer.sample = TimeSample{.offset_s = (header->transmit - stamps.t4).seconds() + kBroadcastDelay_s / 2,
                               .delay_s = kBroadcastDelay_s,
                               .root_distance_s = header->root_delay.seconds() / 2 + kBroadcastDelay_s +
                                                  header->root_dispersion.seconds() + precision_s + stamps.t4_error_s,
                               .at = stamps.t4};
  }
  answer.fault = fault_of(tested, answer.sample.has_value());
  return answer;
}

std::string to_text(const TimeAnswer& answer) {
  if (!answer.fault) return "usable";
  switch (*answer.fault) {
    case TimeFault::malformed:
      return "what came is no reply of a time server";
    case TimeFault::bogus:
      return "what came answers no request of ours";
    case TimeFault::bad_mac:
      return "what came is not authenticated with our key";
    case TimeFault::crypto_nak:
      return "the server doesn't accept our key (crypto-NAK): it has another one of this number, or doesn't trust it";
    case TimeFault::kiss: {
      const std::string_view wish = answer.header.refid == wire::kKissRate ? "we ask too often" : "it denies access";
      return fmt::format("the server says that {} (kiss code {})", wish, wire::to_text(answer.header.refid, 0));
    }
    case TimeFault::unsynchronized: {
      if (answer.header.stratum != 0) return "the server says that its clock is not synchronised";
      return fmt::format("the server says that its clock is not synchronised ({})",
                         wire::to_text(answer.header.refid, 0));
    }
    case TimeFault::unfit:
      return "the server's reply makes no sense: its time stamps are impossible, or it says that it may be wrong by 16 "
             "s";
    case TimeFault::timeout:
      return "no answer";
    case TimeFault::refused:
      return "no time server listens there (connection refused)";
    case TimeFault::unreachable:
      return "unreachable";
  }
  return "";
}

}  // namespace ntp::client
