// SPDX-License-Identifier: BSD-2-Clause
//
// What ntpq --watch shows, without a terminal and without a server: samples and keys go in, layouts read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ring.h"
#include "tools/ntpq/watch_sample.h"

namespace ntp::ntpq {

inline constexpr std::size_t kOffsetHistory = 20;

struct WatchedSource {
  ListedSource listed;
  SourceSample sample;  ///< of the same association; empty while nothing has come
  double sampled_s = 0;
  std::string why;
  Ring<double, kOffsetHistory> offsets_ms;  ///< one a measurement, oldest first
};

struct WatchTrouble {
  std::string text;
  Moment since;
};

enum class WatchPage : std::uint8_t { sources, detail, clients, help };

enum class WatchKey : std::uint8_t {
  none,
  up,
  down,
  page_up,
  page_down,
  first,
  last,
  detail,
  clients,
  sources,
  help,
  back,
  names,
  wide,
  pause,
  faster,
  slower,
  quit,
};

/// What the model wants to know next.
struct WatchWishes {
  double interval_s = 2;
  bool is_paused = false;
  bool wants_clients = true;
  bool wants_names = true;
  std::uint16_t selected = 0;  ///< association whose reason is told; 0: none

  friend bool operator==(const WatchWishes&, const WatchWishes&) = default;
};

class WatchModel {
 public:
  /// `server`: as the user calls it. `interval_s`: the one of the steps that is nearest is taken.
  explicit WatchModel(std::string server, double interval_s = 2, bool shows_names = true);

  void take(const Sample& sample, const Moment& now);
  void press(WatchKey key);
  /// How far the page that is shown can scroll, and how many lines a page has: from the layout.
  void set_extent(std::size_t most_scroll, std::size_t page_lines);

  [[nodiscard]] const std::string& server() const { return server_; }
  [[nodiscard]] const std::optional<ClockSample>& clock() const { return clock_; }
  /// In the server's order.
  [[nodiscard]] const std::vector<WatchedSource>& sources() const { return sources_; }
  [[nodiscard]] const std::optional<ClientsSample>& clients() const { return clients_; }
  [[nodiscard]] const std::string& clients_refused() const { return clients_refused_; }
  [[nodiscard]] double clients_sampled_s() const { return clients_sampled_s_; }
  /// Set while the server doesn't answer.
  [[nodiscard]] const std::optional<WatchTrouble>& trouble() const { return trouble_; }
  /// When the last answer came.
  [[nodiscard]] const std::optional<Moment>& heard_at() const { return heard_at_; }
  /// The name of an address where names are shown and one is known, else the address.
  [[nodiscard]] std::string called(const std::string& address) const;

  [[nodiscard]] WatchPage page() const { return page_; }
  [[nodiscard]] std::size_t scroll() const { return scroll_; }
  /// Index of the selected source; nothing where there is none.
  [[nodiscard]] std::optional<std::size_t> selected() const;
  [[nodiscard]] bool is_wide() const { return is_wide_; }
  [[nodiscard]] bool has_quit() const { return has_quit_; }
  [[nodiscard]] WatchWishes wishes() const;

 private:
  void take_list(const std::vector<ListedSource>& list);
  void take_source(const SourceSample& sample, const Moment& now);
  WatchedSource* find(std::uint16_t association_id);
  void move(WatchKey key);
  void scroll_by(WatchKey key);
  void show(WatchPage page);
  void change_interval(int steps);

  std::string server_;
  std::optional<ClockSample> clock_;
  std::vector<WatchedSource> sources_;
  std::optional<ClientsSample> clients_;
  std::string clients_refused_;
  double clients_sampled_s_ = 0;
  std::optional<WatchTrouble> trouble_;
  std::optional<Moment> heard_at_;
  std::map<std::string, std::string> names_;

  WatchPage page_ = WatchPage::sources;
  WatchPage page_before_help_ = WatchPage::sources;
  std::size_t scroll_ = 0;
  std::size_t most_scroll_ = 0;
  std::size_t page_lines_ = 10;
  std::uint16_t selected_id_ = 0;
  std::size_t interval_index_ = 0;
  bool shows_names_ = true;
  bool is_wide_ = false;
  bool is_paused_ = false;
  bool has_quit_ = false;
};

}  // namespace ntp::ntpq
