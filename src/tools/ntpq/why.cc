// SPDX-License-Identifier: BSD-2-Clause
//
// The command "why".
#include <optional>
#include <utility>

#include "tools/ntpq/commands.h"
#include "tools/ntpq/names.h"
#include "tools/ntpq/why_report.h"

namespace ntp::ntpq {

Outcome run_why(Context& context, const Words& words) {
  std::optional<std::uint16_t> only;
  if (!words.empty()) {
    const auto association = context.association_of(words.front());
    if (!association) return std::unexpected(association.error());
    only = *association;
  }
  if (!context.host()) return failure("***No host open, use `host'");
  const auto report = gather_why([&](const client::ControlRequest& request) { return context.try_ask(request); }, only);
  if (!report) return std::unexpected(Context::failure_of(report.error(), context.host()->name));

  const NameOf name_of = [&context](const std::string& text) {
    const auto address = Address::parse(text);
    return address ? host_text(context, *address) : text;
  };
  return why_table(*report, name_of);
}

}  // namespace ntp::ntpq
