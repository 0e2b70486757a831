// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/reading_advice.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <grp.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ntp::daemon {
namespace {

/// The name of the group that this process runs as, or its number where nobody knows it (in a jail, say).
std::string group_name() {
  constexpr std::size_t kRoom = 16384;
  const gid_t id = getegid();
  std::vector<char> room(kRoom);
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(id, &entry, room.data(), room.size(), &found) == 0 && found != nullptr) return found->gr_name;
  return fmt::format("{}", id);
}

}  // namespace

std::string reading_advice(const std::string& file) {
  return fmt::format("ntpd runs as group {0} now and must be allowed to read it: chgrp {0} {1} && chmod g+r {1}",
                     group_name(), file);
}

std::string reading_advice(const std::string& error, const std::string& file) {
  if (error.find(std::strerror(EACCES)) == std::string::npos) return "";
  return "; " + reading_advice(file);
}

}  // namespace ntp::daemon
