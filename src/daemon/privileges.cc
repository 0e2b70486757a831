// SPDX-License-Identifier: BSD-2-Clause
#include "daemon/privileges.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ntp::daemon {
namespace {

struct CapabilitiesCloser {
  void operator()(cap_t capabilities) const { cap_free(capabilities); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, CapabilitiesCloser>;

std::unexpected<std::string> failed(const char* what) {
  return std::unexpected(fmt::format("{}: {}", what, std::strerror(errno)));
}

std::expected<Account, std::string> account_of(const std::string& word) {
  const std::size_t colon = word.find(':');
  const std::string user = word.substr(0, colon);
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) return std::unexpected(fmt::format("there is no user '{}'", user));
  Account account{user, entry->pw_uid, entry->pw_gid};
  if (colon == std::string::npos) return account;
  const std::string group = word.substr(colon + 1);
  const ::group* group_entry = getgrnam(group.c_str());
  if (group_entry == nullptr) return std::unexpected(fmt::format("there is no group '{}'", group));
  account.group = group_entry->gr_gid;
  return account;
}

bool is_permitted(cap_value_t capability) {
  const Capabilities current(cap_get_proc());
  cap_flag_value_t value = CAP_CLEAR;
  return current != nullptr && cap_get_flag(current.get(), capability, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

}  // namespace

std::expected<std::optional<Account>, std::string> choose_account(const std::optional<std::string>& option) {
  if (geteuid() != 0) return std::nullopt;
  if (option) {
    auto account = account_of(*option);
    if (!account) return std::unexpected(account.error());
    return std::move(*account);
  }
  for (const char* name : {"ntp", "ntpsec"})
    if (auto account = account_of(name)) return std::move(*account);
  return std::unexpected(
      "there is no user 'ntp' or 'ntpsec' to run as: create one (useradd --system ntp), name one with "
      "-u USER, or keep all rights with -u root");
}

std::expected<void, std::string> change_root(const std::string& folder) {
  if (chroot(folder.c_str()) != 0) return failed("chroot");
  if (chdir("/") != 0) return failed("chdir to /");
  return {};
}

bool may_set_clock() {
  const Capabilities current(cap_get_proc());
  cap_flag_value_t value = CAP_CLEAR;
  return current != nullptr && cap_get_flag(current.get(), CAP_SYS_TIME, CAP_EFFECTIVE, &value) == 0 &&
         value == CAP_SET;
}

std::expected<void, std::string> drop_privileges(const Account& account) {
  if (account.user == 0) return {};
  std::array<cap_value_t, 2> kept{};
  int count = 0;
  for (const cap_value_t capability : {CAP_NET_BIND_SERVICE, CAP_SYS_TIME})
    if (is_permitted(capability)) kept.at(static_cast<std::size_t>(count++)) = capability;

  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return failed("keeping capabilities");
  if (initgroups(account.name.c_str(), account.group) != 0) return failed("initgroups");
  if (setgid(account.group) != 0) return failed("setgid");
  if (setuid(account.user) != 0) return failed("setuid");

  const Capabilities wanted(cap_init());
  if (wanted == nullptr) return failed("capabilities");
  for (const cap_flag_t flag : {CAP_PERMITTED, CAP_EFFECTIVE})
    if (count > 0 && cap_set_flag(wanted.get(), flag, count, kept.data(), CAP_SET) != 0) return failed("capabilities");
  if (cap_set_proc(wanted.get()) != 0) return failed("setting capabilities");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  return {};
}

}  // namespace ntp::daemon
