// SPDX-License-Identifier: BSD-2-Clause
//
// ntpstat: is the clock synchronised? In words, and as the exit status.
#include <array>
#include <iostream>
#include <string>

#include "client/host_query.h"
#include "client/options.h"
#include "client/tool_arguments.h"
#include "tools/ntpstat/verdict.h"

namespace {

using namespace ntp;
using namespace ntp::tools::ntpstat;

constexpr std::array kOptions{
#define NTP_TOOL_OPTION(letter, name, value, meaning) client::Option{letter, name, value, meaning},
#include "tools/ntpstat/options.def"
#undef NTP_TOOL_OPTION
};

constexpr client::Tool kTool{
    .name = "ntpstat",
    .usage = "[options] [HOST]",
    .purpose = "says whether the clock of this host is synchronised, to what, and how wrong it may be.",
    .notes = R"(Exit status: 0 synchronised, 1 not (or beyond -m), 2 the daemon doesn't answer, 3 wrong options.

Example, in a script that needs the time within a tenth of a second:
  ntpstat -m 100 >/dev/null || exit 1
)",
    .options = kOptions};

int fail(const std::string& message, int status) {
  std::cerr << "ntpstat: " << message << '\n';
  return status;
}

/// Variables of the source that the daemon follows; none if it doesn't say.
std::vector<client::Variable> followed(client::QueriedHost& host) {
  const auto peer = client::number_of(host.variables, "peer");
  if (!peer || *peer < 1 || *peer > 65535) return {};
  return client::query_source(host.session, static_cast<std::uint16_t>(*peer))
      .value_or(std::vector<client::Variable>{});
}

int work(const client::Arguments& arguments) {
  const auto host = client::host_of(arguments);
  const auto family = client::family_of(arguments);
  const auto timeout_s = arguments.number("timeout", 2, 0.1, 60);
  const auto most_error_ms = arguments.number("max-error", 0, 0, 1e9);
  if (!host) return fail(host.error(), kWrongUse);
  if (!family) return fail(family.error(), kWrongUse);
  if (!timeout_s) return fail(timeout_s.error(), kWrongUse);
  if (!most_error_ms) return fail(most_error_ms.error(), kWrongUse);

  auto queried = client::query_host(*host, {.family = *family, .timeout_s = *timeout_s});
  if (!queried)
    return fail("unable to talk to the NTP daemon of " + *host + "; is it running? " + queried.error(), kUnknown);
  const Verdict verdict = judge(*host, queried->status, queried->variables, followed(*queried));
  std::cout << (arguments.has("json") ? to_json(verdict) : to_text(verdict)) << std::flush;
  return exit_status(verdict, arguments.has("max-error") ? std::optional(*most_error_ms / 1e3) : std::nullopt);
}

}  // namespace

int main(int argc, char** argv) { return client::run_tool(kTool, argc, argv, kWrongUse, work); }
