// SPDX-License-Identifier: BSD-2-Clause
//
// The list of clients (READ_MRU): told a page at a time, oldest first, to who goes on from where it stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "control/facts.h"
#include "control/nonce.h"
#include "control/reply.h"
#include "control/request.h"
#include "policy/client_table.h"

namespace ntp::control {

/// Most datagrams and rows of one answer.
inline constexpr std::size_t kMostMruFragments = 128;
inline constexpr std::size_t kMostMruRows = 256;

/// What a request for clients says.
struct MruRequest {
  std::string_view nonce;
  std::size_t fragments = 0;  ///< 0: not given
  std::size_t rows = 0;       ///< 0: not given
  policy::ClientFilter filter;
  /// The newest client that the asker has.
  std::optional<Endpoint> after_remote;
  std::optional<Timestamp> after_last;
  bool asks_what_is_not_kept = false;  ///< local addresses, scores, drops
};
MruRequest read_mru_request(std::string_view data);

/// Keeps some thousand clients between requests: a list of a hundred thousand takes some passes over the table, not
/// hundreds.
class MruList {
 public:
  /// False: there is no answer, for the nonce is missing or wrong, or the table was read too often lately.
  [[nodiscard]] bool answer(const Request& request, Facts& facts, const NonceMaker& nonces, Answer& out);
  /// Passes over the table so far.
  [[nodiscard]] std::uint64_t pages_read() const { return pages_read_; }

 private:
  /// How the table's times become time stamps: fixed while somebody reads, so that a client's stamp stays what it was.
  struct Anchor {
    MonoTime mono;
    Timestamp real;
    MonoTime used;
    bool is_set = false;
  };
  void settle_anchor(const Instant& now);
  [[nodiscard]] Timestamp stamp(MonoTime at) const;
  [[nodiscard]] MonoTime time(Timestamp stamp) const;
  void read_page(const policy::ClientTable& clients, Facts& facts, const std::optional<policy::ClientCursor>& after,
                 const policy::ClientFilter& filter, MonoTime now);
  [[nodiscard]] bool page_holds(const std::optional<policy::ClientCursor>& after, const policy::ClientFilter& filter,
                                MonoTime now) const;
  /// Takes the cost of a pass over so many places, if there is room for it.
  [[nodiscard]] bool may_read(std::size_t places, MonoTime now);
  [[nodiscard]] bool seek(const policy::ClientTable& clients, Facts& facts,
                          const std::optional<policy::ClientCursor>& after, const policy::ClientFilter& filter,
                          MonoTime now);
  void put_row(const policy::DatedClient& client, std::size_t row, AnswerText& out) const;

  Anchor anchor_;
  std::vector<policy::DatedClient> page_;
  std::optional<policy::ClientCursor> page_after_;
  policy::ClientFilter page_filter_;
  MonoTime page_read_;
  bool has_page_ = false;
  bool page_is_last_ = false;  ///< there was nothing newer
  double places_left_ = 0;     ///< of the table that may be passed over
  std::optional<MonoTime> places_at_;
  std::uint64_t pages_read_ = 0;
};

}  // namespace ntp::control
