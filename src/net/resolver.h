// SPDX-License-Identifier: BSD-2-Clause
//
// Name look-ups off the loop: a helper thread that starts at the first name that is no address.
//
// getaddrinfo() may hang for minutes and can't be cancelled. So the thread owns a share of the state and is left behind if
// it is stuck when the resolver goes away; it then touches nothing but that state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/address.h"

namespace ntp::net {

struct NameQuery {
  enum class Wanted : std::uint8_t { any, ipv4, ipv6 };
  std::uint64_t token = 0;
  std::string name;
  Wanted wanted = Wanted::any;
};

struct NameAnswer {
  std::uint64_t token = 0;
  std::vector<Address> addresses;  ///< in the order of RFC 6724, without duplicates
  std::string error;               ///< empty if there are addresses
  bool is_temporary = false;       ///< the same question may find an answer later
};

/// The address that `text` is, with a numeric or named scope ("fe80::1%eth0"); nothing if it has to be looked up.
[[nodiscard]] std::optional<Address> parse_numeric(const std::string& text);

class Resolver {
 public:
  static constexpr std::size_t kMaxQueued = 64;
  static constexpr std::size_t kMaxAddresses = 32;
  /// How long the destructor waits for a look-up under way before it leaves the thread behind.
  static constexpr double kLongestGoodbye_s = 0.5;

  /// `on_answer` is called from the helper thread (or from submit(), for a numeric address) when take_answers() has
  /// something; PollLoop::wake() is meant. It is not called any more once the destructor has begun.
  explicit Resolver(std::function<void()> on_answer);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  /// False if kMaxQueued queries wait already. Each accepted query gets one answer.
  [[nodiscard]] bool submit(NameQuery query);
  /// The answers since the last call.
  [[nodiscard]] std::vector<NameAnswer> take_answers();
  [[nodiscard]] bool has_thread() const { return thread_.joinable(); }

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);
  [[nodiscard]] bool start_thread();

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace ntp::net
