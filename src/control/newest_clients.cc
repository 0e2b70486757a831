// SPDX-License-Identifier: BSD-2-Clause
#include "control/newest_clients.h"

#include <cstddef>

namespace ntp::control {
namespace {

/// The reference implementation's own limit.
constexpr std::size_t kMost = 600;
constexpr double kKept_s = 1;

}  // namespace

void NewestClients::read(const policy::ClientTable& table, const policy::ListedClients& listed, MonoTime now) {
  clients_ = table.newest(now, listed, kMost);
  read_ = now;
  is_read_ = true;
}

void NewestClients::read_rarely(const policy::ClientTable& table, const policy::ListedClients& listed, MonoTime now) {
  if (!is_read_ || now - read_ >= kKept_s) read(table, listed, now);
}

}  // namespace ntp::control
