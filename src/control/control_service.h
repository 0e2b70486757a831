// SPDX-License-Identifier: BSD-2-Clause
//
// Answers mode 6 (RFC 9327, and the reference implementation's own operations).
#pragma once

#include <cstdint>

#include "base/random.h"
#include "control/facts.h"
#include "control/service.h"
#include "state/host_view.h"

namespace ntp::control {

class ControlService {
 public:
  struct World {
    Facts& facts;
    Commands& commands;
    Random& random;
  };
  /// `options` outlives the service; configure() tells when it has changed.
  ControlService(World world, const ServiceOptions& options);

  void configure(const ServiceOptions& options);
  void answer(const Query& query, const Instant& now, Replies& out);
  void report(std::uint16_t association_id, std::uint8_t event_code, const Instant& now, Replies& out);

  [[nodiscard]] state::ControlCounts counts(MonoTime now) const;
  void reset_counts(MonoTime now);

 private:
  World world_;
  state::ControlCounts counts_;
  MonoTime counting_since_;
};

}  // namespace ntp::control
