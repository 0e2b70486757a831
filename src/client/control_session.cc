// SPDX-License-Identifier: BSD-2-Clause
#include "client/control_session.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "client/variables.h"
#include "net/system_random.h"

namespace ntp::client {
namespace {

using wire::ControlHeader;
using wire::ControlOpcode;

constexpr std::size_t kKeyIdLength = 4;

/// Changes, and the lists that are for the key's owner alone.
bool may_need_nonce(ControlOpcode opcode) {
  return opcode == ControlOpcode::write_variables || opcode == ControlOpcode::write_clock ||
         opcode == ControlOpcode::configure || opcode == ControlOpcode::save_configuration ||
         opcode == ControlOpcode::read_ordered_list;
}

/// Requests whose data a server reads as a list, so that blanks at its end mean nothing.
bool is_list(ControlOpcode opcode) {
  return opcode == ControlOpcode::read_status || opcode == ControlOpcode::read_variables ||
         opcode == ControlOpcode::read_clock || opcode == ControlOpcode::request_nonce;
}

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

const char* words_of(wire::ControlError code) {
  switch (code) {
    case wire::ControlError::unspecified:
      return "***Server returned an unspecified error";
    case wire::ControlError::permission:
      return "***Server disallowed request (authentication?)";
    case wire::ControlError::bad_format:
      return "***Server reports a bad format request packet";
    case wire::ControlError::bad_opcode:
      return "***Server reports a bad opcode in request";
    case wire::ControlError::unknown_association:
      return nullptr;
    case wire::ControlError::unknown_variable:
      return "***A request variable unknown to the server";
    case wire::ControlError::bad_value:
      return "***Server indicates a request variable was bad";
    case wire::ControlError::restricted:
      return "***Server refuses us by its access list";
  }
  return nullptr;
}

std::string told_text(const ControlFailure& failure) {
  if (failure.code == wire::ControlError::unknown_association)
    return fmt::format("***Association ID {} unknown to server", failure.association_id);
  const char* words = words_of(failure.code);
  return words != nullptr ? words
                          : fmt::format("***Server returned unknown error code {}", static_cast<int>(failure.code));
}

}  // namespace

std::string to_text(const ControlFailure& failure) {
  switch (failure.fault) {
    case ControlFault::timeout:
      return "***Request timed out";
    case ControlFault::incomplete:
      return "***Response from server was incomplete";
    case ControlFault::refused:
      return "***Connection refused: nobody listens on that port";
    case ControlFault::unreachable:
      return "***" + (failure.detail.empty() ? std::string("The network can't reach the server") : failure.detail);
    case ControlFault::told:
      return told_text(failure);
    case ControlFault::malformed:
      return "***Response from server makes no sense: " + failure.detail;
    case ControlFault::no_key:
      return "***Request needs a key: give keyid and passwd, or -a and -k";
    case ControlFault::interrupted:
      return "***Interrupted";
  }
  return "***Unknown error";
}

class ControlSession::Impl {
 public:
  Impl(std::unique_ptr<ControlTransport> carrier, const Endpoint& endpoint, const ControlOptions& chosen)
      : server(endpoint), options(chosen), transport(std::move(carrier)) {
    std::array<std::byte, 2> start{};
    net::fill_random(start);
    sequence = load_big_endian<std::uint16_t>(start, 0);
  }

  std::expected<ControlAnswer, ControlFailure> ask(const ControlRequest& request) {
    if (request.is_proven && !credentials)
      return std::unexpected(ControlFailure{.fault = ControlFault::no_key, .association_id = request.association_id});
    give_up_at = transport->now_s() + options.timeout_s * std::max(kMaxControlWaits, options.retries + 1.0);
    auto answer = ask_patiently(request);
    const bool may_lack_nonce = !answer && request.is_proven && may_need_nonce(request.opcode) &&
                                answer.error().fault == ControlFault::told &&
                                answer.error().code == wire::ControlError::permission && !server.address.is_loopback();
    return may_lack_nonce ? ask_with_nonce(request, std::move(answer)) : answer;
  }

  Endpoint server;
  ControlOptions options;
  std::optional<Credentials> credentials;

 private:
  /// What is known of one answer while its fragments come.
  struct Collection {
    Fragments fragments;
    std::optional<ControlHeader> first;
    std::size_t asked_from = 0;
    int resent = 0;
    int datagrams = 0;
  };
  enum class Step : std::uint8_t { wait, ask_on, complete };

  std::expected<ControlAnswer, ControlFailure> ask_patiently(const ControlRequest& request) {
    auto answer = ask_once(request);
    for (int left = options.retries; left > 0 && !answer; --left) {
      const ControlFault fault = answer.error().fault;
      if (fault != ControlFault::timeout && fault != ControlFault::incomplete) break;
      if (transport->now_s() >= give_up_at) break;
      answer = ask_once(request);
    }
    return answer;
  }

  std::expected<ControlAnswer, ControlFailure> ask_with_nonce(const ControlRequest& request,
                                                              std::expected<ControlAnswer, ControlFailure> refused) {
    const auto reply = ask_patiently({.opcode = ControlOpcode::request_nonce});
    if (!reply) return refused;
    const auto nonce = find_value(parse_variables(reply->data), "nonce");
    if (!nonce || nonce->empty() || nonce->find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
      return refused;
    const std::string data = "#nonce=" + *nonce + "\n" + std::string(request.data);
    ControlRequest again = request;
    again.data = data;
    return ask_patiently(again);
  }

  std::expected<ControlAnswer, ControlFailure> ask_once(const ControlRequest& request) {
    Collection collection;
    if (auto failure = send(request, 0)) return std::unexpected(*failure);
    double deadline = transport->now_s() + options.timeout_s;
    for (;;) {
      const double until = std::min(deadline, give_up_at);
      const auto datagram = transport->receive(std::max(0.0, until - transport->now_s()));
      if (!datagram) {
        auto failure = after_silence(request, collection, datagram.error());
        if (failure) return std::unexpected(*failure);
        deadline = transport->now_s() + options.timeout_s;
        continue;
      }
      if (++collection.datagrams > kMaxControlDatagrams)
        return std::unexpected(fault(request, ControlFault::malformed, "more than 1024 datagrams"));
      const auto header = judge(request, *datagram);
      if (!header) {
        // Not ours: it neither counts as an answer nor prolongs the wait.
        if (transport->now_s() < until) continue;
        return std::unexpected(silence_of(request, collection));
      }
      if (header->is_error) return std::unexpected(told(request, *header));
      const auto step = collect(request, collection, *header, *datagram);
      if (!step) return std::unexpected(step.error());
      if (*step == Step::complete)
        return ControlAnswer{.header = *collection.first, .data = collection.fragments.take()};
      if (*step == Step::ask_on) {
        if (auto failure = send(request, collection.asked_from)) return std::unexpected(*failure);
      }
      deadline = transport->now_s() + (*step == Step::ask_on ? options.timeout_s : options.timeout_s / 2);
    }
  }

  /// Nothing if waiting goes on.
  std::optional<ControlFailure> after_silence(const ControlRequest& request, Collection& collection,
                                              const TransportFailure& failure) {
    switch (failure.fault) {
      case TransportFault::refused:
        return fault(request, ControlFault::refused, failure.detail);
      case TransportFault::unreachable:
        return fault(request, ControlFault::unreachable, failure.detail);
      case TransportFault::interrupted:
        return fault(request, ControlFault::interrupted, {});
      case TransportFault::nothing:
        break;
    }
    // A part that was asked for by its offset may be lost alone; what came before it stays good.
    const bool asks_again =
        collection.asked_from > 0 && collection.resent < options.retries && transport->now_s() < give_up_at;
    if (!asks_again) return silence_of(request, collection);
    ++collection.resent;
    return send(request, collection.asked_from);
  }

  static ControlFailure silence_of(const ControlRequest& request, const Collection& collection) {
    return fault(request, collection.fragments.has_any() ? ControlFault::incomplete : ControlFault::timeout, {});
  }

  static ControlFailure fault(const ControlRequest& request, ControlFault what, std::string detail) {
    return {.fault = what, .association_id = request.association_id, .detail = std::move(detail)};
  }

  static ControlFailure told(const ControlRequest& request, const ControlHeader& header) {
    return {.fault = ControlFault::told,
            .code = static_cast<wire::ControlError>(header.status >> 8U),
            .association_id = request.association_id};
  }

  /// The header of an answer to what was asked last; nothing for anything else.
  std::optional<ControlHeader> judge(const ControlRequest& request, Bytes datagram) {
    const auto header = wire::decode_control_header(datagram);
    if (!header || (std::to_integer<unsigned>(datagram[0]) & 7U) != static_cast<unsigned>(wire::Mode::control))
      return std::nullopt;
    if (!header->is_response || header->opcode != static_cast<std::uint8_t>(request.opcode) ||
        header->sequence != sequence || header->association_id != request.association_id)
      return std::nullopt;
    if (header->count > datagram.size() - wire::kControlHeaderLength) return std::nullopt;
    if (request.is_proven && !is_authentic(*header, datagram)) return std::nullopt;
    return *header;
  }

  /// False if there is a MAC of our key that is wrong. Servers also answer without one, or with a key id alone.
  bool is_authentic(const ControlHeader& header, Bytes datagram) {
    const std::size_t digest_length = credentials->key->digest_length();
    const std::size_t end = wire::kControlHeaderLength + header.count;
    for (const std::size_t alignment : {std::size_t{8}, std::size_t{4}}) {
      const std::size_t at = (end + alignment - 1) / alignment * alignment;
      if (datagram.size() != at + kKeyIdLength + digest_length) continue;
      if (load_big_endian<std::uint32_t>(datagram, at) != credentials->key_id) return false;
      return workspace.verify(*credentials->key, datagram.first(at), datagram.subspan(at + kKeyIdLength));
    }
    return true;
  }

  std::expected<Step, ControlFailure> collect(const ControlRequest& request, Collection& collection,
                                              const ControlHeader& header, Bytes datagram) {
    const std::string_view data = text_of(datagram.subspan(wire::kControlHeaderLength, header.count));
    if (data.size() > wire::kMaxControlData)
      return std::unexpected(fault(request, ControlFault::malformed, "a fragment is too long"));
    const auto added = collection.fragments.add(header.offset, data, header.has_more);
    if (added == Fragments::Added::refused)
      return std::unexpected(fault(request, ControlFault::malformed, "its parts contradict each other"));
    if (!collection.first) collection.first = header;
    if (collection.fragments.is_complete()) return Step::complete;
    // A server that sends all fragments fills them up, or leaves an octet or two. One that answers strangers with a single
    // datagram cuts at a multiple of four, sends no more by itself, and is asked for the rest by offset.
    const bool is_cut = header.has_more && is_padded(request) && data.size() <= kPaddedData && data.size() % 4 == 0 &&
                        header.offset == collection.asked_from;
    if (!is_cut) return Step::wait;
    const std::size_t have = collection.fragments.length_from_start();
    if (have <= collection.asked_from)
      return std::unexpected(fault(request, ControlFault::malformed, "it says that there is more, and gives nothing"));
    if (have > 0xffff) return std::unexpected(fault(request, ControlFault::malformed, "it is too long"));
    collection.asked_from = have;
    collection.resent = 0;
    return Step::ask_on;
  }

  /// True for what a stranger may ask.
  [[nodiscard]] bool is_padded(const ControlRequest& request) const {
    return options.pads && !request.is_proven && is_list(request.opcode) && !server.address.is_loopback();
  }

  /// Sends the request for the data from `offset` on, under a number of its own.
  std::optional<ControlFailure> send(const ControlRequest& request, std::size_t offset) {
    std::string data(request.data);
    if (is_padded(request) && data.size() < kPaddedData) data.resize(kPaddedData, ' ');
    if (data.size() > wire::kMaxControlData)
      return fault(request, ControlFault::malformed, fmt::format("a request of {} octets is too long", data.size()));

    // Servers refuse what isn't a multiple of four octets.
    std::vector<std::byte> datagram((wire::kControlHeaderLength + data.size() + 3) / 4 * 4);
    ++sequence;
    wire::encode_control_header({.version = options.version,
                                 .opcode = static_cast<std::uint8_t>(request.opcode),
                                 .sequence = sequence,
                                 .association_id = request.association_id,
                                 .offset = static_cast<std::uint16_t>(offset),
                                 .count = static_cast<std::uint16_t>(data.size())},
                                datagram);
    std::ranges::copy(std::as_bytes(std::span(data)), datagram.begin() + wire::kControlHeaderLength);
    // Servers refuse what is no multiple of four octets.
    datagram.resize((datagram.size() + 3) / 4 * 4);
    if (request.is_proven) append_mac(datagram);
    const auto failure = transport->send(datagram);
    if (!failure) return std::nullopt;
    const bool is_refused = failure->fault == TransportFault::refused;
    return fault(request, is_refused ? ControlFault::refused : ControlFault::unreachable, failure->detail);
  }

  void append_mac(std::vector<std::byte>& datagram) {
    const std::size_t length = datagram.size();
    datagram.resize((length + wire::kControlMacAlignment - 1) / wire::kControlMacAlignment *
                    wire::kControlMacAlignment);
    crypto::MacWorkspace::Digest digest{};
    const std::size_t digest_length = workspace.sign(*credentials->key, datagram, digest);
    const std::size_t at = datagram.size();
    datagram.resize(at + kKeyIdLength + digest_length);
    store_big_endian(MutableBytes(datagram), at, credentials->key_id);
    std::copy_n(digest.begin(), digest_length, datagram.begin() + static_cast<std::ptrdiff_t>(at + kKeyIdLength));
  }

  std::unique_ptr<ControlTransport> transport;
  crypto::MacWorkspace workspace;
  std::uint16_t sequence = 0;
  double give_up_at = 0;  ///< on what is asked now
};

std::expected<ControlSession, std::string> ControlSession::open(const Endpoint& server, const ControlOptions& options,
                                                                const volatile std::sig_atomic_t* interrupt) {
  auto transport = open_udp_transport(server, interrupt);
  if (!transport) return std::unexpected(transport.error());
  return ControlSession(std::move(*transport), server, options);
}

ControlSession::ControlSession(std::unique_ptr<ControlTransport> transport, const Endpoint& server,
                               const ControlOptions& options)
    : impl_(std::make_unique<Impl>(std::move(transport), server, options)) {}
ControlSession::ControlSession(ControlSession&&) noexcept = default;
ControlSession& ControlSession::operator=(ControlSession&&) noexcept = default;
ControlSession::~ControlSession() = default;

std::expected<ControlAnswer, ControlFailure> ControlSession::ask(const ControlRequest& request) {
  return impl_->ask(request);
}
void ControlSession::set_options(const ControlOptions& options) { impl_->options = options; }
void ControlSession::set_credentials(std::optional<Credentials> credentials) {
  impl_->credentials = std::move(credentials);
}
const Endpoint& ControlSession::server() const { return impl_->server; }

}  // namespace ntp::client
