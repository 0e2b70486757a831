// SPDX-License-Identifier: BSD-2-Clause
#include "net/system_random.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/assert.h"
#include "net/descriptor.h"

namespace ntp::net {
namespace {

/// What getrandom() did not fill.
MutableBytes fill_from_getrandom(MutableBytes out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return out;
}

MutableBytes fill_from_device(MutableBytes out) {
  const Descriptor device(::open("/dev/urandom", O_RDONLY | O_CLOEXEC));
  while (device.is_open() && !out.empty()) {
    const ssize_t got = ::read(device.get(), out.data(), out.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return out;
}

}  // namespace

void fill_random(MutableBytes out) {
  MutableBytes rest = fill_from_getrandom(out);
  if (!rest.empty()) rest = fill_from_device(rest);
  const bool has_randomness = rest.empty();
  NTP_ASSERT(has_randomness);
}

SystemRandom::~SystemRandom() { ::explicit_bzero(block_.data(), block_.size()); }

std::uint64_t SystemRandom::next64() {
  if (used_ + sizeof(std::uint64_t) > block_.size()) {
    fill_random(block_);
    used_ = 0;
  }
  std::uint64_t value = 0;
  std::memcpy(&value, block_.data() + used_, sizeof value);
  ::explicit_bzero(block_.data() + used_, sizeof value);
  used_ += sizeof value;
  return value;
}

}  // namespace ntp::net
