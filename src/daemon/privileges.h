// SPDX-License-Identifier: BSD-2-Clause
//
// From root to a user who may do two things: set the clock and bind port 123.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include <sys/types.h>

namespace ntp::daemon {

struct Account {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
};

/// The account of "-u USER[:GROUP]", else ntp, else ntpsec. Nothing where there is nothing to drop (not root). An error if
/// root would be kept without "-u root".
std::expected<std::optional<Account>, std::string> choose_account(const std::optional<std::string>& option);

/// chroot, for -i.
std::expected<void, std::string> change_root(const std::string& folder);

/// Becomes `account`, keeping CAP_NET_BIND_SERVICE and, if it is there, CAP_SYS_TIME. Nothing can be regained afterwards.
std::expected<void, std::string> drop_privileges(const Account& account);

/// True if this process may set the clock.
bool may_set_clock();

}  // namespace ntp::daemon
