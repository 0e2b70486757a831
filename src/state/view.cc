// SPDX-License-Identifier: BSD-2-Clause
#include "state/view.h"

#include <array>

namespace ntp::state {

const char* to_text(DisciplineState state) {
  constexpr std::array kNames = {"NSET", "FSET", "SPIK", "FREQ", "SYNC"};
  return kNames.at(static_cast<std::size_t>(state));
}

const char* to_text(Selection selection) {
  constexpr std::array kNames = {"reject",    "falsetick", "excess",   "outlier",
                                 "candidate", "backup",    "sys_peer", "pps_peer"};
  return kNames.at(static_cast<std::size_t>(selection));
}

const char* to_text(StampSource source) {
  constexpr std::array kNames = {"user", "kernel", "hardware"};
  return kNames.at(static_cast<std::size_t>(source));
}

char tally(Selection selection) {
  constexpr std::array kCharacters = {' ', 'x', '.', '-', '+', '#', '*', 'o'};
  return kCharacters.at(static_cast<std::size_t>(selection));
}

}  // namespace ntp::state
