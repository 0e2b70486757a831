// SPDX-License-Identifier: BSD-2-Clause
//
// The simulator's only contact with a real computer: whole files in, lines of text out.
#pragma once

#include <expected>
#include <fstream>
#include <string>

#include "sim/trace.h"

namespace ntp::sim {

/// The contents of a file, or why there are none. A file of more than a megabyte is no scenario.
std::expected<std::string, std::string> read_file(const std::string& path);

/// Lines into a file, from its start.
class FileTrace final : public Trace {
 public:
  explicit FileTrace(const std::string& path) : stream_(path) {}

  void write(std::string_view line) override { stream_ << line; }
  /// False if the file could not be opened or not everything could be written; everything is on its way afterwards.
  [[nodiscard]] bool finish() { return static_cast<bool>(stream_.flush()); }
  [[nodiscard]] bool is_open() const { return stream_.is_open(); }

 private:
  std::ofstream stream_;
};

}  // namespace ntp::sim
