// SPDX-License-Identifier: BSD-2-Clause
//
// The configured lines and the associations that come of them: names are looked up, pools spawn, dead addresses give way to
// others of the same name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/association.h"
#include "engine/events.h"
#include "engine/settings.h"
#include "engine/source_changes.h"

namespace ntp::engine {

class Sources {
 public:
  explicit Sources(const Settings& settings);

  /// Mobilises what has an address; asks for the rest.
  void start(const Now& now, Effects& out);
  /// The lines of `settings` take the place of those in force. A line of the same kind, name, family and port keeps its
  /// associations and samples, other options take effect in place; only another key makes it start anew, also one of the
  /// same id: `old_keys` were in force until now.
  SourceChanges reconfigure(const Now& now, const Settings& settings, const policy::KeyRing* old_keys, Effects& out);
  /// Sends look-ups that are due.
  void tick(const Now& now, Effects& out);
  void name_resolved(const Now& now, const NameResolved& event, Effects& out);
  /// The network may be another one now: look-ups that failed are tried at once, every socket is opened anew.
  void network_changed(const Now& now, Effects& out);
  /// The source has not answered for a whole burst or longer: another address of its name, or a fresh port.
  void replace_unreachable(const Now& now, Association& association, Effects& out);
  /// Tries again to open a socket where that failed: there may be a route by now.
  void ensure_endpoint(Association& association, Effects& out);
  /// Answers to what was asked before the clock moved would measure nothing.
  void forget_requests();
  /// Samples of all sources are void; all are asked again, quickly.
  void restart_all(const Now& now, Effects& out);

  /// What is counted of the sources at this address (port 0: any), or of all, counts from 0 again; false: there is none.
  bool reset_counters(const std::optional<Endpoint>& remote);

  /// Associations that are gone or stand for another host since the last call.
  [[nodiscard]] std::vector<AssociationId> take_forgotten();
  /// Associations that were removed since the last call, and what they stood for.
  struct Departed {
    AssociationId id = 0;
    Endpoint remote;
  };
  [[nodiscard]] std::vector<Departed> take_departed();
  [[nodiscard]] Associations associations() const { return associations_; }
  [[nodiscard]] Association* find(EndpointId endpoint);
  [[nodiscard]] Association* find_by_request(Token token);
  /// True if the source's name has addresses that were not tried yet.
  [[nodiscard]] bool has_other_address(const Association& association) const;
  /// Of the hosts that there are associations with.
  [[nodiscard]] std::vector<Address> addresses() const;
  [[nodiscard]] bool knows(const Endpoint& remote) const;
  [[nodiscard]] MonoTime deadline() const;
  /// A name that has no address, for people; empty if there is none.
  [[nodiscard]] std::string unresolved_name() const;
  /// How many lines have no association yet, because their name has no address.
  [[nodiscard]] std::size_t unresolved_lines() const;
  /// How many lines name a host (not the local clock).
  [[nodiscard]] std::size_t network_lines() const;

 private:
  /// One line of the configuration.
  struct Line {
    SourceSettings settings;
    Token token = 0;  ///< of the look-up under way; 0: none
    MonoTime look_up_at = MonoTime::never();
    double back_off_s = 0;
    std::vector<Address> addresses;  ///< of the last look-up
    std::size_t next_address = 0;
    bool has_failed = false;
  };
  /// The keys before and after a reload.
  struct KeyChange {
    const policy::KeyRing* before;
    const policy::KeyRing* after;
  };
  std::vector<std::optional<std::size_t>> take_lines(const Settings& settings, const KeyChange& keys,
                                                     SourceChanges& changes);
  void apply(const Now& now, Association& association, const SourceSettings& settings, Effects& out);
  void start_anew(const Now& now, Association& association, Effects& out);
  void adopt_or_mobilise(const Now& now, std::size_t index, Effects& out);
  void look_up(Line& line, Effects& out);
  void look_up_anew(Line& line, Effects& out);
  void schedule_retry(const Now& now, Line& line);
  Association& mobilise(const Now& now, std::size_t index, const Address& address, Effects& out);
  void mobilise_unused(const Now& now, std::size_t index, Effects& out);
  [[nodiscard]] AssociationId free_id();
  void demobilise(const Now& now, Association& association, Effects& out);
  void reopen(Association& association, Effects& out);
  void move_to_next_address(const Now& now, Line& line, Association& association, Effects& out);
  void drop_unlisted(const Now& now, std::size_t index, Effects& out);
  [[nodiscard]] bool has_reachable(const Line& line) const;
  void fill_pool(const Now& now, std::size_t index, Effects& out);
  [[nodiscard]] bool is_in_use(const Address& address, std::uint16_t port) const;
  [[nodiscard]] Association* find_by_line(std::size_t line);
  [[nodiscard]] std::size_t count_of(std::size_t line) const;

  std::vector<Line> lines_;
  std::vector<std::unique_ptr<Association>> associations_;
  std::vector<AssociationId> forgotten_;
  std::vector<Departed> departed_;
  int max_clock_;
  StartBurst start_burst_;
  Token next_token_ = 1;
  AssociationId next_id_ = 1;
  EndpointId next_endpoint_ = 1;
};

}  // namespace ntp::engine
