// SPDX-License-Identifier: BSD-2-Clause
#include "sim/files.h"

#include <cstddef>
#include <iterator>

#include <fmt/format.h>

namespace ntp::sim {
namespace {

constexpr std::size_t kMaxFileLength = 1U << 20U;

}  // namespace

std::expected<std::string, std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::unexpected(fmt::format("{}: cannot be opened", path));
  std::string text(kMaxFileLength + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return std::unexpected(fmt::format("{}: cannot be read", path));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.empty()) return std::unexpected(fmt::format("{}: is empty or no file", path));
  if (text.size() > kMaxFileLength)
    return std::unexpected(fmt::format("{}: is larger than {} octets", path, kMaxFileLength));
  return text;
}

}  // namespace ntp::sim
