// SPDX-License-Identifier: BSD-2-Clause
//
// Four time stamps become an offset and a delay (RFC 5905 section 8).
#pragma once

#include "base/time.h"
#include "base/wide.h"

namespace ntp::engine {

/// The stamps of one request and its reply.
struct Exchange {
  Timestamp t1;  ///< request left the client, client's clock
  Timestamp t2;  ///< request reached the server, server's clock
  Timestamp t3;  ///< reply left the server, server's clock
  Timestamp t4;  ///< reply reached the client, client's clock

  friend bool operator==(const Exchange&, const Exchange&) = default;
};

struct Measurement {
  double offset_s = 0;  ///< > 0: the server's clock is ahead of ours
  double delay_s = 0;   ///< round trip without the server's part; slightly negative on fast links
};

/// Exact until the last step: each leg is a Span, the legs are combined in 128 bits, only the result becomes a double.
constexpr Measurement measure(const Exchange& x) {
  const Int128 outbound = (x.t2 - x.t1).units();
  const Int128 inbound = (x.t3 - x.t4).units();
  return {.offset_s = static_cast<double>(outbound + inbound) / (2 * kTwo32),
          .delay_s = static_cast<double>(outbound - inbound) / kTwo32};
}

}  // namespace ntp::engine
