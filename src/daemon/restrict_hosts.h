// SPDX-License-Identifier: BSD-2-Clause
//
// The host names of restrict lines: looked up at start and at each reload, and again for as long as one has no address.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/model.h"
#include "daemon/access_rules.h"
#include "net/resolver.h"

namespace ntp::daemon {

/// A rule of a name is missing until the name has an address: that is said for each line. A name that had addresses keeps
/// them until a later look-up gives others.
class RestrictHosts {
 public:
  /// Of look-ups that are ours; the engine counts its tokens from 1.
  static constexpr std::uint64_t kTokenBit = std::uint64_t{1} << 63U;
  /// The first pause after a look-up that failed; it doubles up to the last.
  static constexpr double kFirstRetry_s = 2;
  static constexpr double kLastRetry_s = 1024;

  enum class Severity : std::uint8_t { notice, warning };
  struct Outcome {
    bool has_changed = false;  ///< addresses(): the rules have to be made anew
    Severity severity = Severity::notice;
    std::string message;  ///< for the log; may be empty
  };

  /// `submit` hands a query to the resolver; false: it has no room now.
  explicit RestrictHosts(std::function<bool(net::NameQuery)> submit) : submit_(std::move(submit)) {}

  /// The names of these lines, all to be looked up (again) from `now` on. Others are forgotten.
  void set_lines(std::span<const config::Restrict> lines, MonoTime now);
  /// Asks for what is due.
  void tick(MonoTime now);
  [[nodiscard]] MonoTime next_deadline() const;
  [[nodiscard]] static bool is_ours(std::uint64_t token) { return (token & kTokenBit) != 0; }
  /// The answer to one of our look-ups.
  Outcome take(const net::NameAnswer& answer, MonoTime now);

  [[nodiscard]] const HostAddresses& addresses() const { return addresses_; }

 private:
  struct Name {
    HostName host;
    bool restricts = false;   ///< a line takes something from it
    std::uint64_t token = 0;  ///< of the look-up under way; 0: none
    MonoTime due = MonoTime::never();
    double retry_s = kFirstRetry_s;
    bool is_missed = false;  ///< it was said that it has no address
  };

  Outcome failed(Name& name, std::string_view why);
  Outcome resolved(Name& name, std::vector<Address> addresses);

  std::function<bool(net::NameQuery)> submit_;
  std::vector<Name> names_;
  HostAddresses addresses_;
  std::uint64_t last_token_ = kTokenBit;
};

}  // namespace ntp::daemon
