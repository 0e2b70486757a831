// SPDX-License-Identifier: BSD-2-Clause
//
// Who is told of events without asking (SETTRAP, the command trap): three places for an hour, and those of the configuration.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "control/answer_text.h"
#include "control/service.h"
#include "wire/control_packet.h"

namespace ntp::control {

inline constexpr std::size_t kTrapPlaces = 3;
inline constexpr double kTrapLife_s = 3600;

/// Who is told of events.
struct TrapView {
  Endpoint remote;
  std::uint16_t sequence = 0;  ///< of the next message
  double since_set_s = 0;      ///< last
  double since_first_set_s = 0;
  std::uint32_t resets = 0;
  bool is_configured = false;  ///< by the configuration or a proven request of mode 7: stays until it is cleared
  bool is_low_priority = false;
};

class Traps {
 public:
  /// Traps of the configuration stay until it changes; those that stay keep their numbers.
  void configure(const std::vector<Endpoint>& endpoints);

  struct Wish {
    Endpoint remote;
    std::uint8_t version = 4;
    bool is_low_priority = false;  ///< restrict lowpriotrap: gives way to others
    bool stays = false;            ///< until it is unset, not for an hour
  };
  /// Begins anew, or goes on for another hour. False: all places are taken.
  [[nodiscard]] bool set(const Wish& wish, MonoTime now);
  /// False: there was none.
  [[nodiscard]] bool unset(const Endpoint& remote, MonoTime now);

  [[nodiscard]] bool is_empty(MonoTime now) const;
  [[nodiscard]] std::vector<TrapView> list(MonoTime now) const;
  /// One message to each. `head`: status, association and leap. Gives how many datagrams there were.
  std::size_t report(const wire::ControlHeader& head, const AnswerText& text, MonoTime now, Replies& out);

 private:
  struct Trap {
    Endpoint remote;
    std::uint8_t version = 4;
    std::uint16_t sequence = 1;
    bool is_low_priority = false;
    MonoTime until = MonoTime::never();
    MonoTime set_at;  ///< last
    MonoTime first_set_at;
    std::uint32_t resets = 0;
  };
  [[nodiscard]] static TrapView view_of(const Trap& trap, MonoTime now);
  static std::size_t send(Trap& trap, wire::ControlHeader head, const AnswerText& text, Replies& out);

  std::vector<Trap> configured_;
  std::array<std::optional<Trap>, kTrapPlaces> places_;
};

}  // namespace ntp::control
