// SPDX-License-Identifier: BSD-2-Clause
#include "client/private_session.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/format.h>

namespace ntp::client {
namespace {

using wire::Implementation;
using wire::PrivateError;

constexpr std::size_t kStampLength = 8;
constexpr std::size_t kKeyIdLength = 4;
/// Digests of this length stand at a fixed place, longer ones behind the items.
constexpr std::size_t kFixedDigest = 16;

std::string told_text(std::uint8_t code) {
  switch (static_cast<PrivateError>(code)) {
    case PrivateError::none:
      break;
    case PrivateError::implementation:
      return "***Server implementation incompatible with our own";
    case PrivateError::request:
      return "***Server doesn't implement this request";
    case PrivateError::format:
      return "***Server reports a format error in the received packet (shouldn't happen)";
    case PrivateError::no_data:
      return "***Server reports data not found";
    case PrivateError::authentication:
      return "***Permission denied";
  }
  return fmt::format("***Server returned unknown error code {}", code);
}

PrivateFailure failure_of(const TransportFailure& failure, bool has_any) {
  switch (failure.fault) {
    case TransportFault::nothing:
      return {.fault = has_any ? PrivateFault::incomplete : PrivateFault::timeout};
    case TransportFault::refused:
      return {.fault = PrivateFault::refused, .detail = failure.detail};
    case TransportFault::unreachable:
      return {.fault = PrivateFault::unreachable, .detail = failure.detail};
    case TransportFault::interrupted:
      return {.fault = PrivateFault::interrupted};
  }
  return {.fault = PrivateFault::unreachable, .detail = failure.detail};
}

bool is_told(const PrivateFailure& failure, PrivateError code) {
  return failure.fault == PrivateFault::told && failure.code == static_cast<std::uint8_t>(code);
}

}  // namespace

std::string to_text(const PrivateFailure& failure) {
  switch (failure.fault) {
    case PrivateFault::timeout:
      return "***Request timed out";
    case PrivateFault::incomplete:
      return "***Response from server was incomplete";
    case PrivateFault::refused:
      return "***Connection refused: nobody listens on that port";
    case PrivateFault::unreachable:
      return "***" + (failure.detail.empty() ? std::string("The network can't reach the server") : failure.detail);
    case PrivateFault::interrupted:
      return "***Interrupted";
    case PrivateFault::told:
      return told_text(failure.code);
    case PrivateFault::malformed:
      return "***Response from server makes no sense: " + failure.detail;
    case PrivateFault::no_key:
      return "***Invalid key identifier";
  }
  return "***";
}

std::size_t most_items(wire::PrivateCode code) {
  const auto operation = wire::find_private_operation(static_cast<std::uint8_t>(code)).value();
  return operation.request.current == 0 ? 0 : wire::kMaxPrivateRequestData / operation.request.current;
}

PrivateSession::PrivateSession(std::unique_ptr<ControlTransport> transport, PrivateOptions options,
                               std::function<void(const std::string&)> notice)
    : transport_(std::move(transport)), options_(std::move(options)), notice_(std::move(notice)) {}

std::expected<PrivateSession, std::string> PrivateSession::open(const Endpoint& server, PrivateOptions options,
                                                                std::function<void(const std::string&)> notice,
                                                                const volatile std::sig_atomic_t* interrupt) {
  auto transport = open_udp_transport(server, interrupt);
  if (!transport) return std::unexpected(transport.error());
  return PrivateSession(std::move(*transport), std::move(options), std::move(notice));
}

Timestamp PrivateSession::now() const {
  if (options_.clock) return options_.clock();
  constexpr std::int64_t kUnixEpoch = 2'208'988'800;  // in seconds since 1900
  timespec read{};
  ::clock_gettime(CLOCK_REALTIME, &read);
  return Timestamp::from_parts(static_cast<std::uint32_t>(read.tv_sec + kUnixEpoch), 0) +
         Span::from_nanoseconds(read.tv_nsec);
}

std::expected<std::vector<std::byte>, PrivateFailure> PrivateSession::encode(const PrivateRequest& request) {
  const std::vector<std::byte>& items = is_old_ ? request.old_items : request.items;
  const wire::PrivateHeader header{
      .version = options_.version,
      .is_authenticated = request.is_proven,
      .implementation = static_cast<std::uint8_t>(is_old_ ? Implementation::old : Implementation::current),
      .code = static_cast<std::uint8_t>(request.code),
      .item_count = static_cast<std::uint16_t>(request.count),
      .item_length = static_cast<std::uint16_t>(request.count == 0 ? 0 : items.size() / request.count)};
  std::vector<std::byte> datagram(wire::kPrivateRequestLength);
  wire::encode_private_header(header, datagram);
  std::ranges::copy(items, datagram.begin() + wire::kPrivateHeaderLength);
  if (!request.is_proven) return datagram;

  if (!credentials_ || !credentials_->key || credentials_->key_id == 0)
    return std::unexpected(PrivateFailure{.fault = PrivateFault::no_key});
  const crypto::MacKey& key = *credentials_->key;
  const std::size_t stamp_at = key.digest_length() == kFixedDigest
                                   ? wire::kPrivateHeaderLength + wire::kMaxPrivateRequestData
                                   : wire::kPrivateHeaderLength + items.size();
  const std::size_t key_at = stamp_at + kStampLength;
  datagram.resize(key_at + kKeyIdLength);
  store_big_endian(datagram, stamp_at, now().bits());
  store_big_endian(datagram, key_at, credentials_->key_id);
  crypto::MacWorkspace::Digest digest{};
  const std::size_t length = mac_.sign(key, Bytes(datagram).first(key_at), digest);
  datagram.insert(datagram.end(), digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(length));
  return datagram;
}

/// An answer that came too late would be taken for the next one: nothing in it says which question it belongs to.
void PrivateSession::drop_late_answers() {
  for (int i = 0; i < kMaxPrivateDatagrams; ++i)
    if (!transport_->receive(0)) return;
}

/// Our own server tells strangers one datagram of a list, with the mark that there is more.
PrivateItems PrivateSession::first_alone(PrivateItems items) const {
  if (notice_)
    notice_(fmt::format("***Warning only the first {} came (a server tells strangers one datagram alone)",
                        items.count == 1 ? "item" : fmt::format("{} items", items.count)));
  return items;
}

std::expected<PrivateItems, PrivateFailure> PrivateSession::collect(const PrivateRequest& request, Bytes datagram) {
  if (const auto failed = transport_->send(datagram)) return std::unexpected(failure_of(*failed, false));
  // A question is sent a second time in the middle of the wait; a change never is, for it would be a change of its own.
  bool may_repeat = !request.is_proven;
  PrivateAssembly assembly(load_big_endian<std::uint8_t>(datagram, 2), static_cast<std::uint8_t>(request.code));
  double deadline_s = transport_->now_s() + options_.timeout_s / (may_repeat ? 2 : 1);
  for (int looked_at = 0; looked_at < kMaxPrivateDatagrams;) {
    const auto received = transport_->receive(std::max(deadline_s - transport_->now_s(), 0.0));
    if (!received && received.error().fault == TransportFault::nothing && may_repeat && !assembly.has_any()) {
      may_repeat = false;
      if (const auto failed = transport_->send(datagram)) return std::unexpected(failure_of(*failed, false));
      deadline_s = transport_->now_s() + options_.timeout_s / 2;
      continue;
    }
    if (!received && received.error().fault == TransportFault::nothing && assembly.has_first_alone())
      return first_alone(assembly.take());
    if (!received) return std::unexpected(failure_of(received.error(), assembly.has_any()));
    ++looked_at;
    switch (assembly.add(*received)) {
      case PrivateAssembly::Added::ignored:
        break;
      case PrivateAssembly::Added::taken:
        deadline_s = transport_->now_s() + options_.later_timeout_s;
        break;
      case PrivateAssembly::Added::complete:
        if (assembly.error())
          return std::unexpected(PrivateFailure{.fault = PrivateFault::told, .code = *assembly.error()});
        return assembly.take();
      case PrivateAssembly::Added::refused:
        return std::unexpected(
            PrivateFailure{.fault = PrivateFault::malformed, .detail = "its datagrams contradict each other"});
    }
  }
  return std::unexpected(PrivateFailure{.fault = PrivateFault::malformed,
                                        .detail = fmt::format("more than {} datagrams", kMaxPrivateDatagrams)});
}

std::expected<PrivateItems, PrivateFailure> PrivateSession::ask_once(const PrivateRequest& request) {
  const auto datagram = encode(request);
  if (!datagram) return std::unexpected(datagram.error());
  drop_late_answers();
  return collect(request, *datagram);
}

std::expected<PrivateItems, PrivateFailure> PrivateSession::ask(const PrivateRequest& request) {
  auto answer = ask_once(request);
  if (answer || is_old_) return answer;
  const bool is_format = is_told(answer.error(), PrivateError::format);
  if (!is_format && !is_told(answer.error(), PrivateError::implementation)) return answer;
  if (is_format && notice_) notice_("***Warning changing to older implementation");
  is_old_ = true;
  return request.may_ask_again ? ask_once(request) : answer;
}

}  // namespace ntp::client
