// SPDX-License-Identifier: BSD-2-Clause
//
// A run as text: one line for each event that goes into a node's engine and each effect that comes out, with its true time.
// The same seed gives the same octets.
#pragma once

#include <string>
#include <string_view>

#include "engine/events.h"
#include "sim/true_time.h"

namespace ntp::sim {

/// Where the lines go. Each is complete, with its line feed.
class Trace {
 public:
  Trace() = default;
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  virtual ~Trace() = default;

  virtual void write(std::string_view line) = 0;
};

class StringTrace final : public Trace {
 public:
  void write(std::string_view line) override { text_ += line; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Seconds since the start of the run, all ten decimals that a unit needs.
std::string time_text(TrueTime at);
std::string describe(const engine::Input& input);
std::string describe(const engine::Effect& effect);

}  // namespace ntp::sim
