// SPDX-License-Identifier: BSD-2-Clause
#include "control/reply.h"

#include <algorithm>

#include "base/assert.h"

namespace ntp::control {
namespace {

constexpr std::size_t kKeyIdLength = 4;
constexpr std::size_t kWord = 4;

constexpr std::size_t rounded_up(std::size_t length, std::size_t to) { return (length + to - 1) / to * to; }

void copy_text(std::string_view text, MutableBytes out) {
  std::transform(text.begin(), text.end(), out.begin(), [](char c) { return static_cast<std::byte>(c); });
}

}  // namespace

void put_datagram(const Endpoint& to, const wire::ControlHeader& header, std::string_view data, Replies& out) {
  const MutableBytes datagram = out.add(to, rounded_up(wire::kControlHeaderLength + data.size(), kWord));
  wire::encode_control_header(header, datagram);
  copy_text(data, datagram.subspan(wire::kControlHeaderLength));
}

/// A MAC that was wrong is answered with a key number of zero and no digest.
std::size_t ReplyWriter::mac_length() const {
  if (!request_.has_mac) return 0;
  return kKeyIdLength + (request_.key != nullptr ? request_.key->mac.digest_length() : 0);
}

/// The MAC of a message with data begins at a multiple of 8; that of an error stands right behind the header.
std::size_t ReplyWriter::datagram_length(std::size_t count) const {
  const std::size_t length = rounded_up(wire::kControlHeaderLength + count, kWord);
  return request_.has_mac ? rounded_up(length, wire::kControlMacAlignment) + mac_length() : length;
}

wire::ControlHeader ReplyWriter::header() const {
  wire::ControlHeader header = request_.header;
  header.leap = leap_;
  header.is_response = true;
  header.status = 0;
  header.offset = 0;
  header.count = 0;
  return header;
}

void ReplyWriter::put(const wire::ControlHeader& header, std::string_view data) {
  const std::size_t length = header.is_error ? wire::kControlHeaderLength + mac_length() : datagram_length(data.size());
  const MutableBytes datagram = out_.add(request_.query.remote, length);
  wire::encode_control_header(header, datagram);
  copy_text(data, datagram.subspan(wire::kControlHeaderLength));
  if (!request_.has_mac || request_.key == nullptr) return;
  const std::size_t mac = length - mac_length();
  crypto::MacWorkspace::Digest digest{};
  const std::size_t digest_length = macs_.sign(request_.key->mac, datagram.first(mac), digest);
  store_big_endian(datagram, mac, request_.key->id);
  NTP_ASSERT(digest_length <= length - mac - kKeyIdLength);
  std::copy_n(digest.begin(), digest_length, datagram.subspan(mac + kKeyIdLength).begin());
}

void ReplyWriter::error(wire::ControlError why) {
  wire::ControlHeader header = this->header();
  header.is_error = true;
  header.status = static_cast<std::uint16_t>(static_cast<unsigned>(why) << 8U);
  put(header, {});
}

std::size_t ReplyWriter::length_of_all(const Answer& answer) const {
  if (answer.error) return wire::kControlHeaderLength + mac_length();
  std::size_t length = 0;
  for (std::size_t i = 0; i < answer.text.fragment_count(); ++i)
    length += datagram_length(answer.text.fragment(i).length);
  return length;
}

void ReplyWriter::all(const Answer& answer) {
  if (answer.error) {
    error(*answer.error);
    return;
  }
  wire::ControlHeader header = this->header();
  header.status = answer.status;
  for (std::size_t i = 0; i < answer.text.fragment_count(); ++i) {
    const Fragment fragment = answer.text.fragment(i);
    header.offset = static_cast<std::uint16_t>(fragment.offset);
    header.count = static_cast<std::uint16_t>(fragment.length);
    header.has_more = fragment.has_more;
    put(header, answer.text.text().substr(fragment.offset, fragment.length));
  }
}

bool ReplyWriter::part(std::string_view text, std::uint16_t status, std::size_t offset) {
  if (offset > text.size()) {
    error(wire::ControlError::bad_value);
    return true;
  }
  const std::size_t length = request_.query.payload.size();
  std::size_t room = kMostStrangerData;
  while (room > 0 && datagram_length(room) > length) room -= kWord;
  const std::size_t count = std::min(room, text.size() - offset);
  if (count == 0 && (offset < text.size() || datagram_length(0) > length)) return false;
  wire::ControlHeader header = this->header();
  header.status = status;
  header.offset = static_cast<std::uint16_t>(offset);
  header.count = static_cast<std::uint16_t>(count);
  header.has_more = offset + count < text.size();
  put(header, text.substr(offset, count));
  return true;
}

}  // namespace ntp::control
