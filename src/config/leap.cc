// SPDX-License-Identifier: BSD-2-Clause
//
// leapfile and leapsmearinterval.
#include <array>
#include <utility>

#include "config/handlers.h"

namespace ntp::config {
namespace {

constexpr double kLongestSmear_s = 604800;

}  // namespace

Handled handle_leapfile(Arguments& arguments, Config& config) {
  const auto file = arguments.take("the name of a file");
  if (!file) return std::unexpected(file.error());
  if ((*file)->text.empty()) return std::unexpected(Arguments::wrong(**file, "leapfile: expected the name of a file"));
  LeapFile leap_file{.path = std::string((*file)->text)};
  if (!arguments.at_end()) {
    static constexpr auto kWords = std::to_array<std::string_view>({"checkhash", "ignorehash"});
    leap_file.checks_hash = !arguments.take_word("ignorehash");
    if (leap_file.checks_hash && !arguments.take_word("checkhash"))
      return std::unexpected(
          Arguments::wrong_word(*arguments.peek(), "leapfile", kWords, "checkhash or ignorehash after the file"));
  }
  if (auto end = arguments.finish(); !end) return end;
  config.leap_file = std::move(leap_file);
  return {};
}

Handled handle_leapsmearinterval(Arguments& arguments, Config& config) {
  const auto interval = arguments.take_real("a time in seconds", 0, kLongestSmear_s);
  if (!interval) return std::unexpected(interval.error());
  if (auto end = arguments.finish(); !end) return end;
  config.leap_smear_interval_s = *interval;
  return {};
}

}  // namespace ntp::config
