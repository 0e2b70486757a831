// SPDX-License-Identifier: BSD-2-Clause
//
// The list of clients of a server (READ_MRU, opcode 10): fetched in parts, oldest first, until the server says that this is
// all. Each part begins behind the newest entries that are known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "client/control_session.h"

namespace ntp::ntpq {

struct ListedClient {
  std::string address;  ///< as the server writes it, without port
  std::optional<Address> parsed;
  std::uint16_t port = 0;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::uint16_t restrictions = 0;
  std::uint8_t mode = 0;
  std::uint8_t version = 0;
};

/// Seconds between two packets, on average.
[[nodiscard]] double average_interval_s(const ListedClient& client);

struct ClientListOptions {
  std::string filters;  ///< ", mincount=2": what the server picks by
  std::size_t fragments = 32;
  std::size_t rows = 0;  ///< a part; 0: as many as there is room for
};

inline constexpr std::size_t kMaxListedClients = 2'000'000;
/// However many rows still come: after so long a list isn't asked for any further.
inline constexpr double kLongestFetch_s = 300;
/// Most answers in a row that bring next to nothing, though there is room for more.
inline constexpr int kMostPoorAnswers = 100;
/// Most datagrams that one part is asked for: what fits into the longest answer.
inline constexpr std::size_t kMostFragments = 128;

class ClientList {
 public:
  enum class End : std::uint8_t { complete, interrupted, failed };
  using Ask =
      std::function<std::expected<client::ControlAnswer, client::ControlFailure>(const client::ControlRequest&)>;

  explicit ClientList(ClientListOptions options) : options_(std::move(options)), fragments_(options_.fragments) {}

  /// Asks until all is there. `is_interrupted` and the clock `uptime_s` are looked at between parts.
  End fetch(const Ask& ask, const std::function<bool()>& is_interrupted, const std::function<double()>& uptime_s);

  [[nodiscard]] const std::vector<ListedClient>& clients() const { return clients_; }
  /// How often a client came again while the list was fetched.
  [[nodiscard]] std::size_t updates() const { return updates_; }
  /// The server's clock at the end of the list; the newest client's stamp if it didn't say.
  [[nodiscard]] Timestamp now() const;
  /// Of End::failed.
  [[nodiscard]] const client::ControlFailure& failure() const { return failure_; }
  /// What the last answer held.
  [[nodiscard]] const std::string& last_answer() const { return last_answer_; }

 private:
  enum class Step : std::uint8_t { go_on, complete, failed };
  bool renew_nonce(const Ask& ask);
  [[nodiscard]] std::string request_text() const;
  Step after_failure(const Ask& ask, const client::ControlFailure& failure);
  Step take(const std::string& data);
  bool add(ListedClient client);
  /// True if an answer with so many news holds far less than there was room for.
  [[nodiscard]] bool is_poor(std::size_t news) const;

  ClientListOptions options_;
  std::size_t fragments_;
  std::size_t skipped_ = 0;  ///< of the newest entries, which the server no longer has as we know them
  int failures_ = 0;         ///< in a row
  int poor_answers_ = 0;     ///< in a row
  bool is_growing_ = true;
  std::string nonce_;
  std::string last_answer_;
  std::vector<ListedClient> clients_;
  std::unordered_map<std::string, std::size_t> by_place_;
  std::vector<std::size_t> newest_;  ///< in the order in which they came, the newest last
  std::size_t updates_ = 0;
  std::optional<Timestamp> now_;
  client::ControlFailure failure_;
};

/// "lstint", "-avgint", "addr", "count"; false if there is no such order.
[[nodiscard]] bool sort_clients(std::vector<ListedClient>& clients, std::string_view order);

}  // namespace ntp::ntpq
