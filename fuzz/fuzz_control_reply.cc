// SPDX-License-Identifier: BSD-2-Clause
//
// Fuzz target: what a control session makes of a hostile server. The input is a list of datagrams (an octet for the length
// each, times four) that are sent back for whatever is asked, with the question's numbers put in, so that they are looked at.
// An answer is bounded, comes in bounded steps, and its variables are bounded and printable.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "client/control_session.h"
#include "client/credentials.h"
#include "client/session_test_kit.h"
#include "client/variables.h"

namespace {

using namespace ntp;
using client::test::Octets;

std::vector<Octets> split(Bytes input) {
  std::vector<Octets> out;
  while (!input.empty()) {
    const std::size_t length = std::min(std::to_integer<std::size_t>(input[0]) * 4, input.size() - 1);
    const Bytes datagram = input.subspan(1, length);
    out.emplace_back(datagram.begin(), datagram.end());
    input = input.subspan(1 + length);
  }
  return out;
}

/// Sequence, association and opcode of the question, or few datagrams would be more than junk.
Octets addressed(Octets datagram, const client::test::Request& request) {
  if (datagram.size() < wire::kControlHeaderLength) return datagram;
  datagram[0] = std::byte{0x16};
  datagram[1] = (datagram[1] & std::byte{0xe0}) | request.datagram[1] | std::byte{0x80};
  std::copy_n(request.datagram.begin() + 2, 2, datagram.begin() + 2);
  std::copy_n(request.datagram.begin() + 6, 2, datagram.begin() + 6);
  return datagram;
}

void ask(const std::vector<Octets>& datagrams, const client::ControlRequest& request, const Endpoint& server) {
  int asked = 0;
  const auto answering = [&](const client::test::Request& question) {
    ++asked;
    std::vector<Octets> out;
    for (const Octets& datagram : datagrams) out.push_back(addressed(datagram, question));
    return out;
  };
  client::ControlSession session(std::make_unique<client::test::FakeTransport>(answering), server, {});
  static const auto key = client::key_of_password(1, "MD5", "secret");
  session.set_credentials(*key);
  const auto answer = session.ask(request);
  NTP_ASSERT(asked <= 2 * client::kMaxControlDatagrams + 8);
  if (!answer) {
    NTP_ASSERT(!client::to_text(answer.error()).empty());
    return;
  }
  NTP_ASSERT(answer->data.size() <= client::kMaxControlAnswer);
  const auto variables = client::parse_variables(answer->data);
  NTP_ASSERT(variables.size() <= client::kMaxVariables);
  for (const client::Variable& variable : variables)
    for (const char c : client::printable(variable.name + variable.value))
      NTP_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::vector<Octets> datagrams = split(std::as_bytes(std::span(octets, size)));
  constexpr Endpoint kNear{.address = Address::v4(0x7f000001), .port = 123};
  constexpr Endpoint kFar{.address = Address::v4(0xc0000201), .port = 123};
  ask(datagrams, {}, kNear);
  ask(datagrams, {}, kFar);
  ask(datagrams, {.opcode = wire::ControlOpcode::configure, .data = "a", .is_proven = true}, kFar);
  return 0;
}
