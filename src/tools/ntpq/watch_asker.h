// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpq --watch asks a server, and in which order. Knows no thread and no terminal: one round after the other, in small
// steps, each of which tells what it learned.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "client/variables.h"
#include "tools/ntpq/explain.h"
#include "tools/ntpq/watch_model.h"

namespace ntp::ntpq {

struct WatchAskerDoor {
  Ask ask;
  std::function<void(Sample)> tell;
  std::function<double()> now_s;        ///< a clock that only goes forward
  std::function<WatchWishes()> wishes;  ///< of this moment
  std::function<bool()> has_stopped;    ///< looked at between two questions
};

class WatchAsker {
 public:
  explicit WatchAsker(WatchAskerDoor door) : door_(std::move(door)) {}

  /// The clock, the list of sources, each source, the selected one's reason, the clients.
  void run_round();
  /// The reason of the selected source alone: when another one is selected.
  void tell_reason();
  /// Addresses that the last round showed: for names.
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  /// What a server told of itself: what it doesn't know needn't be asked for again.
  enum class Knowledge : std::uint8_t { not_asked, has, has_not };

  bool ask_clock();
  bool ask_list();
  bool ask_source(const ListedSource& listed);
  void ask_clients();
  /// A variable by name; nothing if the server doesn't have it.
  std::optional<std::string> ask_words(std::uint16_t association_id, Knowledge& knowledge);
  [[nodiscard]] std::optional<Timestamp> server_now() const;

  struct Known {
    ListedSource listed;
    std::vector<client::Variable> variables;
  };

  WatchAskerDoor door_;
  Knowledge clock_why_ = Knowledge::not_asked;
  Knowledge source_why_ = Knowledge::not_asked;
  std::vector<client::Variable> clock_;
  std::vector<Known> sources_;
  std::optional<Timestamp> server_time_;
  double server_time_at_s_ = 0;
  std::uint16_t told_reason_of_ = 0;
  std::optional<double> clients_refused_s_;
  std::vector<std::string> addresses_;
};

}  // namespace ntp::ntpq
