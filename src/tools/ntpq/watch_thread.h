// SPDX-License-Identifier: BSD-2-Clause
//
// Asks the server of ntpq --watch in a thread of its own, so that keys and the screen never wait for an answer or a name.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "client/control_session.h"
#include "tools/ntpq/watch_model.h"

namespace ntp::ntpq {

struct WatchedServer {
  Endpoint endpoint;
  client::ControlOptions options;
  std::optional<client::Credentials> credentials;  ///< all requests are proven with them
};

/// The clocks now.
[[nodiscard]] Moment moment_now();

class WatchThread {
 public:
  /// An error says what the system refused. Signals of the process are left to the other threads.
  static std::expected<std::unique_ptr<WatchThread>, std::string> start(const WatchedServer& server,
                                                                        const WatchWishes& wishes);
  WatchThread(const WatchThread&) = delete;
  WatchThread& operator=(const WatchThread&) = delete;
  /// Ends a question that is under way within a second or so.
  ~WatchThread();

  /// Readable while there are samples.
  [[nodiscard]] int fd() const;
  [[nodiscard]] std::vector<std::pair<Sample, Moment>> take();
  void set_wishes(const WatchWishes& wishes);

 private:
  class Impl;
  explicit WatchThread(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ntp::ntpq
