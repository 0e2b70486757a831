// SPDX-License-Identifier: BSD-2-Clause
//
// Answers mode 6 (RFC 9327, and the reference implementation's own operations).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "control/budget.h"
#include "control/facts.h"
#include "control/mru.h"
#include "control/nonce.h"
#include "control/rendered_answers.h"
#include "control/reply.h"
#include "control/request.h"
#include "control/service.h"
#include "control/traps.h"
#include "control/write_memory.h"
#include "crypto/mac.h"
#include "state/host_view.h"

namespace ntp::control {

/// Reads and judges a request, lets the operation's own file make the answer, and sees to it that nobody gets more than is
/// due.
class ControlService {
 public:
  struct World {
    Facts& facts;
    Commands& commands;
    Random& random;
    Budget& budget;
  };
  /// `options` outlives the service; configure() tells when it has changed.
  ControlService(World world, const ServiceOptions& options);

  void configure();
  void answer(const Query& query, const Instant& now, Replies& out);
  void report(std::uint16_t association_id, const Instant& now, Replies& out);

  [[nodiscard]] state::ControlCounts counts(MonoTime now) const;
  void reset_counts(MonoTime now);
  [[nodiscard]] Traps& traps() { return traps_; }
  [[nodiscard]] const Traps& traps() const { return traps_; }

 private:
  /// What a reply is about to need; a request that failed here has been counted.
  [[nodiscard]] bool is_request(const wire::ControlHeader& header);
  void answer_whole(const Request& request, ReplyWriter& writer);
  void answer_part(const Request& request, ReplyWriter& writer);
  /// False: the allowance of who asks is used up.
  [[nodiscard]] bool take_from_budget(const Request& request, std::size_t octets);
  /// False: there is no answer at all.
  [[nodiscard]] bool make_answer(const Request& request);
  [[nodiscard]] bool make_list_of_clients(const Request& request);
  void make_ordered_list(const Request& request);
  void read_status(const Request& request);
  void read_variables(const Request& request);
  void read_clock(const Request& request);
  void set_trap(const Request& request);
  void unset_trap(const Request& request);
  void write(const Request& request);
  void carry_out(const Request& request, std::string_view text);
  [[nodiscard]] bool may_write(const Request& request, std::string_view nonce) const;

  World world_;
  const ServiceOptions& options_;
  crypto::MacWorkspace macs_;
  NonceMaker nonces_;
  Traps traps_;
  MruList clients_;
  WriteMemory writes_;
  RenderedAnswers rendered_;
  Answer answer_;  ///< its memory is used again
  state::ControlCounts counts_;
  MonoTime counting_since_;
};

}  // namespace ntp::control
