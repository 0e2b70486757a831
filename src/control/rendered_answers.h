// SPDX-License-Identifier: BSD-2-Clause
//
// The last answers to strangers, who fetch them in parts: so that the parts fit together, and that a flood of one question costs
// one answer a second.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "control/request.h"

namespace ntp::control {

class RenderedAnswers {
 public:
  struct Entry {
    std::uint8_t opcode = 0;
    std::uint16_t association_id = 0;
    std::string data;  ///< of the request, without the padding at its end
    std::string text;
    std::uint16_t status = 0;
    MonoTime at;
    bool is_used = false;
  };
  /// The answer to the same question, at most a second old; null: there is none.
  [[nodiscard]] const Entry* find(const Request& request);
  /// In place of the oldest one of its kind: questions by names push out none of those that name nothing, which all tools ask.
  const Entry& add(const Request& request, std::string_view text, std::uint16_t status);
  void clear();

 private:
  [[nodiscard]] std::span<Entry> places(std::string_view data) {
    return data.empty() ? std::span<Entry>(without_names_) : std::span<Entry>(with_names_);
  }

  std::array<Entry, 16> with_names_;
  std::array<Entry, 32> without_names_;
};

}  // namespace ntp::control
